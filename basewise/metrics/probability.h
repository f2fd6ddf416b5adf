// Metrics of probabilities for two classes: log loss, Brier score, calibration.
// Labels are 0 or 1, weights as in ranking.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// What scores are on.
enum class ScoreScale {
  logit,        ///< any number; probability is 1 / (1 + exp(-score))
  probability,  ///< 0 to 1; anything else is an ArgumentError that names the index
};
constexpr auto words_of(ScoreScale) {
  return words<ScoreScale>({{ScoreScale::logit, "logit"}, {ScoreScale::probability, "probability"}});
}

/// The logistic function, without overflow.
double sigmoid(double logit);

/// Mean of -log p(label), natural logarithm. Logits: max(x, 0) - x y + log(1 + exp(-|x|)), exact in
/// the tails. Probabilities are clipped to [1e-7, 1 - 1e-7] (float32 cannot tell more from 1).
MetricResult log_loss(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                      std::span<const float> weights = {});

/// Mean of (p - label)^2 (Brier 1950).
MetricResult brier(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                   std::span<const float> weights = {});

/// Bounds of a share.
struct ShareInterval {
  double low = 0;
  double high = 1;
};

/// Interval of `hits` out of `n` independent draws by Wilson's score (1927);
/// z = 1.96 holds 95 %. No draws give [0, 1].
/// Errors: ArgumentError unless 0 <= hits <= n.
ShareInterval wilson_interval(double hits, double n, double z = 1.959963984540054);

/// How probabilities are put into bins.
enum class Binning {
  equal_width,  ///< [k/B, (k+1)/B); 1 belongs to the last
  equal_mass,   ///< near the same number of examples in each; equal probabilities share a bin, so bins may be fewer
};

struct CalibrationBin {
  double low = 0;   ///< smallest probability of the bin (equal width: its edge)
  double high = 0;  ///< largest probability of the bin (equal width: its edge)
  double weight = 0;
  double mean_probability = 0;
  double fraction_positive = 0;
};

struct CalibrationResult {
  /// Expected calibration error: sum over bins of weight share times |mean probability - fraction
  /// positive| (Naeini et al. 2015).
  MetricResult expected;
  /// The largest gap of any bin.
  MetricResult maximum;
  /// Bins that hold something, from low to high probability.
  std::vector<CalibrationBin> bins;
};

/// `bins` >= 1. Errors: ArgumentError as in the header's note.
CalibrationResult calibration(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale, std::int64_t bins = 15,
                              Binning binning = Binning::equal_width, std::span<const float> weights = {});

}  // namespace basewise::metrics
