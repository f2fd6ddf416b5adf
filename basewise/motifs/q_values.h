// From p-values to q-values.
#pragma once

#include <span>
#include <vector>

namespace basewise::motifs {

/// Benjamini and Hochberg 1995: the least p n / rank among this and all larger p-values, times
/// `true_nulls` (the share of true nulls, pi0), at most 1; in the order of `p_values`.
std::vector<double> q_values(std::span<const double> p_values, double true_nulls = 1);

/// The share of true nulls, pi0, after Storey 2002: of 100 thresholds up to 0.5 the one whose
/// estimate #(p >= threshold) / (n (1 - threshold)) has the least mean squared error about the
/// least of them all, under resampling of 1000 p-values. The error is the expected one, where MEME
/// takes the mean of 1000 random resamples. 1 for at most 100 p-values, as MEME.
double true_null_share(std::vector<double> p_values);

}  // namespace basewise::motifs
