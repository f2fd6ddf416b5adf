// Two methods measured under the same conditions (seeds, folds, data sets): is one better? Tests
// and intervals of paired differences.
#pragma once

#include <cstdint>
#include <span>

#include "basewise/metrics/bootstrap.h"

namespace basewise::metrics {

/// What wilcoxon_signed_rank answers.
struct SignedRankResult {
  std::int64_t pairs = 0;  ///< differences that were given
  std::int64_t zeros = 0;  ///< of them exactly zero: left out
  double rank_sum = 0;     ///< W+, sum of the ranks of the positive differences; ties have the mean of their ranks
  double p_two_sided = std::numeric_limits<double>::quiet_NaN();
  double p_greater = std::numeric_limits<double>::quiet_NaN();  ///< against differences that tend to be above zero
  bool exact = true;                                            ///< false: normal approximation
  std::string reason;                                           ///< why there is no p; empty when there is one
};

/// The Wilcoxon signed-rank test (Wilcoxon 1945) of differences (n,) against a distribution that is
/// symmetric about zero.
///
/// Zeros are dropped before ranking (Wilcoxon's own rule; Pratt's keeps their ranks), ties share
/// the mean of their ranks. Up to 50 differences other than zero, p is exact: the 2^n ways to sign
/// these very ranks are counted, ties included. Beyond, W+ is taken as normal with mean n(n+1)/4
/// and variance n(n+1)(2n+1)/24 - sum(t^3 - t)/48 over groups of t ties, with a correction of 1/2
/// for continuity. The two-sided p is twice the smaller tail, at most 1.
/// Errors: ArgumentError for a difference that is no finite number.
SignedRankResult wilcoxon_signed_rank(std::span<const double> differences);

/// Mean, spread and order of a few numbers, with a percentile bootstrap interval of the mean.
struct SampleSummary {
  std::int64_t n = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double sd = std::numeric_limits<double>::quiet_NaN();  ///< of the sample, n - 1 in the denominator; not defined for one number
  double median = std::numeric_limits<double>::quiet_NaN();
  double minimum = std::numeric_limits<double>::quiet_NaN();
  double maximum = std::numeric_limits<double>::quiet_NaN();
  BootstrapResult interval;  ///< of the mean
};

/// Summary of values (n,); of differences, the bootstrap is the paired one:
/// pairs are drawn together.
/// Errors: ArgumentError for a value that is no finite number.
SampleSummary summarise(std::span<const double> values, const BootstrapOptions& options = {.replicates = 10000});

}  // namespace basewise::metrics
