// Thresholds of TF-MoDISco: sums over windows against a Laplace distribution.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/seqlets.h"

namespace basewise::motifs::detail {

/// numpy.percentile with linear interpolation; `q` in [0, 1], `sorted` ascends and is not empty.
double quantile(std::span<const double> sorted, double q);

/// Centre and rates of the two tails, and the share of sums at or above the centre. The centre is
/// the mode of a histogram within the mode of a histogram; a rate is the largest that a percentile
/// 5, 10, ... 95 of its tail gives. `sorted` ascends and holds two different values.
ModiscoNull fit_null(std::span<const double> sorted);

/// Draws from the fitted distribution.
std::vector<double> null_samples(const ModiscoNull& null, std::int64_t count, std::uint64_t seed);

/// The weakest of `values` whose estimated precision is at least 1 - fdr: values against `null` by
/// isotonic regression. Both ascend and are not negative (of the lower tail, they are negated).
/// Infinity if there are no values; the weakest one if the null has none.
double isotonic_threshold(std::span<const double> values, std::span<const double> null, double fdr);

/// P(a sum at least as far out) under the fit, in the tail of the sum's sign.
double tail(const ModiscoNull& null, double sum);

/// Sorts in pieces and merges them.
void sort_ascending(std::vector<double>& values);

}  // namespace basewise::motifs::detail
