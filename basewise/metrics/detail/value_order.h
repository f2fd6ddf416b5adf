// Ranks of the same values under weights that change from draw to draw: sorted once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/metrics/result.h"

namespace basewise::metrics::detail {

/// Where each of some values (N,) stands in their order; equal values share a place.
class ValueOrder {
 public:
  /// Errors: ArgumentError for NaN.
  explicit ValueOrder(std::span<const float> values);

  std::size_t size() const { return place_.size(); }

  /// The rank that all values of a place share (places,): the weight below it plus half the weight
  /// there plus one half. Weights (N,), or empty: 1 each.
  std::vector<double> ranks(std::span<const float> weights) const;

  std::uint32_t place(std::size_t value) const { return place_[value]; }

 private:
  std::vector<std::uint32_t> place_;  // (N,), ascending
  std::size_t places_ = 0;
};

/// Spearman correlation of pairs in a known order. Costs no sorting.
MetricResult spearman(const ValueOrder& predictions, const ValueOrder& targets, std::span<const float> weights);

}  // namespace basewise::metrics::detail
