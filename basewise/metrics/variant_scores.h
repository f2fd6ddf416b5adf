// How far the prediction of an alternative allele is from that of the reference allele.
#pragma once

#include <span>

#include "basewise/core/choice.h"

namespace basewise::metrics {

/// Scores of one track: predictions r (reference) and a (alternative) over its bins; one value is
/// one bin. Names and definitions are those of Basenji (basenji_sad), Baskerville (hound_snp) and
/// Basenji 2017 (usad, xsad); logfc and jsd are those of ChromBPNet's variant-scorer.
enum class VariantScore {
  sad,
  log_sad,
  sqrt_sum,
  log_sed,
  sax,
  d1,
  log_d1,
  sqrt_d1,
  d2,
  log_d2,
  sqrt_d2,
  js,
  log_js,
  ref,
  alt,
  usad,
  usar,
  xsad,
  xsar,
  logfc,
  jsd
};
constexpr auto words_of(VariantScore) {
  using enum VariantScore;
  return words<VariantScore>({{sad, "SAD", "sum of a - r"},
                              {log_sad, "logSAD", "sum of log2(a + 1) - log2(r + 1)"},
                              {sqrt_sum, "sqrtSUM", "sum of sqrt(a) - sqrt(r)"},
                              {log_sed, "logSED", "log2(sum of a, + 1) - log2(sum of r, + 1)"},
                              {sax, "SAX", "a - r at the bin where they differ most"},
                              {d1, "D1", "sum of |a - r|"},
                              {log_d1, "logD1", "D1 of log2(x + 1)"},
                              {sqrt_d1, "sqrtD1", "D1 of sqrt(x)"},
                              {d2, "D2", "root of the sum of (a - r)^2"},
                              {log_d2, "logD2", "D2 of log2(x + 1)"},
                              {sqrt_d2, "sqrtD2", "D2 of sqrt(x)"},
                              {js, "JS", "mean of both Kullback-Leibler divergences of the shares of bins"},
                              {log_js, "logJS", "JS of log2(x + 1)"},
                              {ref, "REF", "sum of r"},
                              {alt, "ALT", "sum of a"},
                              {usad, "usad", "mean of a - mean of r"},
                              {usar, "usar", "log2 of the ratio of the means, with the pseudocount"},
                              {xsad, "xsad", "a - r at the bin of the largest log ratio"},
                              {xsar, "xsar", "the log2 ratio there, with the pseudocount"},
                              {logfc, "logfc", "logSED under its name for counts of a profile"},
                              {jsd, "jsd", "Jensen-Shannon distance of two profiles, base 2"}});
}

/// Whether a score is of a profile, that is of logits or shares along positions,
/// which say nothing of how much there is.
constexpr bool is_of_profile(VariantScore score) { return score == VariantScore::jsd; }

/// Whether a score compares the shares of the bins, and is always 0 where there is one bin.
constexpr bool is_of_shares(VariantScore score) {
  return score == VariantScore::js || score == VariantScore::log_js || score == VariantScore::jsd;
}

/// One score of one track; `ref` and `alt` have the same number of bins (B >= 1). `pseudocount` is
/// that of usar, xsad and xsar. Sums run from the first bin to the last, so that equal predictions
/// give equal bits. NaN where a logarithm or root is of a negative number, where shares are of
/// negative numbers or of nothing but zeros, and where predictions are NaN.
///
/// JS: the 25th percentile of r (linear interpolation) is added to both, then each is divided by
/// its sum. jsd: both are divided by their sums; the root of the Jensen-Shannon divergence.
/// Errors: ArgumentError for other numbers of bins.
double variant_score(VariantScore score, std::span<const double> ref, std::span<const double> alt, double pseudocount = 1);

/// Scores of the two strands of a track as one: their sum;
/// for D2, logD2 and sqrtD2 the root of the sum of their squares.
double both_strands(VariantScore score, double forward, double reverse);

}  // namespace basewise::metrics
