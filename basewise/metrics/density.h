// Predicted against observed as a table of counts: what a scatter plot of millions of points
// becomes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basewise::metrics {

struct Density {
  double low = 0;   ///< both axes run from here
  double high = 1;  ///< to here
  std::int64_t bins = 0;
  std::vector<std::int64_t> counts;  ///< (bins, bins): observed bin, predicted bin
  std::int64_t outside = 0;          ///< pairs with a value beyond either end, in no bin

  double width() const { return (high - low) / static_cast<double>(bins); }
  std::int64_t count(std::int64_t observed, std::int64_t predicted) const {
    return counts[static_cast<std::size_t>(observed * bins + predicted)];
  }
};

/// Pairs in bins of equal width, [low + k w, low + (k + 1) w); `high` belongs to the last. Both
/// axes have one range, so that the diagonal is equality: it holds all but at most the share
/// `left_out` of predictions and of targets at either end. Constant values get the range
/// value - 0.5 to value + 0.5.
/// Errors: ArgumentError for sizes that differ, no pairs, a value that is not finite, bins < 1, a
/// share outside of [0, 0.5).
Density density(std::span<const float> predictions, std::span<const float> targets, std::int64_t bins = 50, double left_out = 0.001);

}  // namespace basewise::metrics
