#include "basewise/metrics/density.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/metrics/detail/checks.h"

namespace basewise::metrics {
namespace {

/// The value with `rank` others below or equal to it on its side.
double ranked(std::vector<float>& values, std::size_t rank) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
  return values[rank];
}

void widen(Density& d, std::span<const float> values, double left_out) {
  std::vector<float> copy(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(left_out * static_cast<double>(copy.size()));
  d.low = std::min(d.low, ranked(copy, rank));
  d.high = std::max(d.high, ranked(copy, copy.size() - 1 - rank));
}

}  // namespace

Density density(std::span<const float> predictions, std::span<const float> targets, std::int64_t bins, double left_out) {
  detail::check_size(predictions.size(), targets.size(), "targets");
  if (predictions.empty()) throw ArgumentError("no density: there are no pairs");
  if (bins < 1) throw ArgumentError(format("density asked for {} bins: expected at least 1", bins));
  if (!(left_out >= 0 && left_out < 0.5))
    throw ArgumentError(format("density may leave out the share {}: expected 0 to below 0.5", left_out));
  detail::check_finite(predictions, "prediction");
  detail::check_finite(targets, "target");
  Density d;
  d.low = d.high = targets[0];
  widen(d, predictions, left_out);
  widen(d, targets, left_out);
  if (d.low == d.high) d.low -= 0.5, d.high += 0.5;
  d.bins = bins;
  d.counts.assign(static_cast<std::size_t>(bins * bins), 0);
  const auto bin = [&](double v) { return std::min(static_cast<std::int64_t>((v - d.low) / d.width()), bins - 1); };
  const auto inside = [&](double v) { return v >= d.low && v <= d.high; };
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!inside(targets[i]) || !inside(predictions[i])) {
      ++d.outside;
      continue;
    }
    ++d.counts[static_cast<std::size_t>(bin(targets[i]) * bins + bin(predictions[i]))];
  }
  return d;
}

}  // namespace basewise::metrics
