// Peaks of a track of counts: bins that hold more than chance would put there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/choice.h"

namespace basewise::metrics {

/// How p-values become peaks.
enum class PeakRule { benjamini_hochberg, floor_division };
constexpr auto words_of(PeakRule) {
  return words<PeakRule>({{PeakRule::benjamini_hochberg, "benjamini_hochberg", "q-values of Benjamini and Hochberg 1995"},
                          {PeakRule::floor_division, "floor_division",
                           "as Basenji's published tables: p * m / rank is rounded down, so that all below 1 counts as 0"}});
}

/// P(X >= round(count)) for X of a Poisson distribution of this mean; halves are rounded to even,
/// as numpy does. 1 for counts that round to 0 or less. Small tails keep their digits.
/// Errors: ArgumentError for a mean that is negative or not finite, and for a count that is NaN.
double poisson_upper_tail(double count, double mean);

/// q-values (m,) of p-values (m,) by Benjamini and Hochberg 1995: the smallest p' * m / rank(p') of
/// all p' >= p, at most 1. Equal p have equal q.
/// Errors: ArgumentError for a p that is no number from 0 to 1.
std::vector<double> benjamini_hochberg(std::span<const double> p);

/// What the published code computes in its place: floor(p * m / rank), equal p ranked in the order
/// in which they are given, with no minimum over larger ones. For old tables only.
/// Errors: as `benjamini_hochberg`.
std::vector<double> floor_division_q(std::span<const double> p);

/// What is called a peak.
struct PeakOptions {
  double fdr = 0.01;  ///< peaks have q below it
  PeakRule rule = PeakRule::benjamini_hochberg;
};

struct Peaks {
  double mean = 0;                        ///< of the bins, which is the mean of the Poisson distribution
  std::vector<std::uint8_t> labels = {};  ///< (bins) 1: a peak
  std::int64_t count = 0;                 ///< of peaks
};

/// Peaks among the observed values of some bins (Kelley et al. 2018): the Poisson tail against
/// their mean, then `options.rule`. No bins: no peaks.
/// Errors: ArgumentError for values that are not finite, and for a negative mean.
Peaks call_peaks(std::span<const float> observed, const PeakOptions& options = {});

}  // namespace basewise::metrics
