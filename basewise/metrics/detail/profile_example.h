// One example of a profile, ready for metrics, and the metrics there are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace basewise::metrics::detail {

/// All rows are (strands, length), row-major.
struct ProfileExample {
  std::int64_t strands = 0;
  std::int64_t length = 0;
  bool given_as_counts = false;
  std::vector<double> unscaled;       ///< the probabilities before the division by their sum: whole counts stay whole, and ties are ties
  std::vector<double> probabilities;  ///< of a strand sum to 1
  std::vector<double> log_probabilities;  ///< -inf where the probability is 0
  std::vector<double> counts;
  std::vector<double> reads;               ///< (strands,) sums of the counts
  std::vector<bool> measured;              ///< (strands,) every position was measured and there is a prediction
  std::vector<double> smooth_a, smooth_b;  ///< scratch

  std::span<const double> unscaled_of(std::int64_t s) const { return std::span(unscaled).subspan(s * length, length); }
  std::span<const double> probability(std::int64_t s) const { return std::span(probabilities).subspan(s * length, length); }
  std::span<const double> count(std::int64_t s) const { return std::span(counts).subspan(s * length, length); }
};

/// `bin` is the size asked for, 0: all of kProfileBins. NaN where the metric is not defined.
using ProfileFunction = double (*)(ProfileExample& example, std::int64_t bin);

struct ProfileMetric {
  std::string name;
  bool higher_is_better;
  bool has_bin;
  std::string help;
  ProfileFunction function;
};

const std::vector<ProfileMetric>& profile_metrics();

}  // namespace basewise::metrics::detail
