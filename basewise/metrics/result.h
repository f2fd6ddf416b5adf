// What a metric answers: a number, or no number and the reason why.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace basewise::metrics {

/// A metric's value; NaN with a reason where the metric is not defined (one class only,
/// no example, constant values).
struct MetricResult {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::string reason;  ///< why there is no value; empty when there is one

  bool defined() const { return !std::isnan(value); }

  static MetricResult of(double value) { return {value, {}}; }
  static MetricResult undefined(std::string reason) { return {std::numeric_limits<double>::quiet_NaN(), std::move(reason)}; }
};

}  // namespace basewise::metrics
