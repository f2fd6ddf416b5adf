// Agreement of base-resolution profiles: a predicted distribution over positions for each strand,
// beside observed counts, example by example.
//
// Two families of correlations are here. The plain names are the definitions in words: one
// correlation per strand and bin size, averaged. The names `..._as_published` repeat what the code
// of "Towards a better understanding of reverse-complement equivariance for deep learning models in
// genomics" (Zhou, Shrikumar, Kundaje 2022) computes, which is another number; it is what its
// tables hold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/metrics/bootstrap.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// What the predictions are.
enum class ProfileScale {
  logit,   ///< softmax over the positions of a strand makes them probabilities
  counts,  ///< not negative; divided by their sum over the positions of a strand
};

/// Examples of `strands` rows of `length` positions each, row-major.
struct ProfileBatch {
  std::span<const float> predictions{};  ///< (N, strands, length)
  std::span<const float> counts{};       ///< (N, strands, length) observed, not negative
  std::span<const std::uint8_t> mask{};  ///< (N, strands, length) or empty; a strand with one position that was not measured is left out
  std::int64_t strands = 0;
  std::int64_t length = 0;
  ProfileScale scale = ProfileScale::logit;
};

/// Bin sizes whose correlations are averaged.
inline constexpr std::array<std::int64_t, 3> kProfileBins = {1, 5, 10};

/// Values of metrics (all of MetricKind::profile) for each example, (names, N); NaN where a metric
/// is not defined for an example: no strand of it has reads, or a correlation lacks variation.
/// Examples are computed in parallel; the values do not depend on it.
///
/// * jsd: Jensen-Shannon divergence in nats between probabilities and counts, both smoothed (see
///   smooth_profile) and divided by their sum: (KL(P || M) + KL(Q || M)) / 2 with M = (P + Q) / 2;
///   no root is taken. Mean over the strands that have reads.
/// * profile_pearson, profile_spearman: correlation of probabilities with counts over the positions
///   of a strand, averaged within bins of 1, 5 and 10 positions (the last bin may be shorter); mean
///   over strands and bin sizes where it is defined. With a parameter, as in profile_pearson:5,
///   that bin size alone. Ties have average ranks.
/// * profile_pearson_as_published, profile_spearman_as_published: the strands of a position stand
///   next to each other in one list of strands * length values; it is cut into bins of 1, 5 and 10
///   values, filled up with zeros at the end; the maximum of each bin; one correlation per bin size
///   over all strands, and the mean of the three. Parameter as above. Predictions of scale counts
///   are taken as they are.
/// * multinomial_nll: -log of the multinomial probability of the counts, factorials included,
///   summed over strands; 0 without reads.
/// * cross_entropy_per_read: -sum(n log p) / sum(n) over all strands, in nats;
///   log(length) for the uniform distribution.
///
/// Errors: ArgumentError for sizes that do not fit, unknown metrics, and a value that no profile
/// has (example and position named).
std::vector<std::vector<double>> compute_profiles(const std::vector<std::string>& names, const ProfileBatch& batch);

/// Gaussian smoothing with sigma 3, cut off at one sigma: 7 taps, mirrored at the ends with the
/// first value repeated (d c b a | a b c d), as scipy.ndimage.gaussian_filter1d(x, 3, truncate=1)
/// does.
std::vector<double> smooth_profile(std::span<const double> values);

}  // namespace basewise::metrics
