// The null of recursive seqlets: sums of independent attributions, in bins.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace basewise::motifs::detail {

/// Distribution of the sum of k attributions that are drawn independently from those of a set, for
/// k up to `longest`. Attributions count as `bins` equal bins between the smallest and the largest.
class SpanNull {
 public:
  /// `sign` 1, or -1 for the negated values; `low` < `high` are the ends of the signed values.
  SpanNull(std::span<const float> values, float sign, float low, float high, std::int64_t bins, std::int64_t longest);

  /// Bin of a signed value. Differences are of floats, as they are where values are.
  std::int64_t bin(float x) const {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(static_cast<double>(x - low_) / width_)), 0, bins_ - 1);
  }

  /// P(sum of `length` bins >= `sum`).
  double tail(std::int64_t length, std::int64_t sum) const { return tails_[row_[length] + sum]; }

 private:
  std::vector<double> frequencies(std::span<const float> values, float sign) const;
  void add_tail(std::int64_t length, std::span<const double> probability);

  float low_;
  double width_;
  std::int64_t bins_;
  std::vector<std::int64_t> row_;  // where each length begins in tails_
  std::vector<double> tails_;
};

}  // namespace basewise::motifs::detail
