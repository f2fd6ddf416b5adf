// Precision and recall of single positions when a call may be a few bases off.
//
// Definition. A track is one strand of one chromosome: calls and labels of different tracks never
// meet. On a circle of n bases |p - q| is the shorter way round, left is the side on which it is
// shorter, and t is no more than (n - 1) / 2. With tolerance t (bases):
//  1. Candidates are the local maxima: position p of a track is one if no measured position q of
//     the track with |p - q| <= t scores higher, and none of those left of it scores the same (of a
//     plateau the leftmost position is the candidate; one that closes a circle has none).
//  2. Candidates are taken from the highest score down; equal scores in the order of track and
//     position. A candidate is matched to the nearest label of its track within t bases that no
//     candidate took before (of two equally near ones the left). Matched, it is a true positive,
//     else a false positive. A label is matched at most once, a candidate too.
//  3. Precision is true positives over candidates taken, recall is true positives over all labels,
//     both at each distinct score. Average precision is the sum of precision times gain in recall,
//     as without tolerance; labels never matched count as missed.
// With t = 0 every position is a candidate and the result is the ordinary average precision. Two
// labels nearer to each other than t + 1 bases compete for candidates at least t + 1 apart, so that
// recall may stay below 1 for a perfect caller.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "basewise/metrics/curves.h"
#include "basewise/metrics/ranking.h"

namespace basewise::metrics {

struct SiteMatchingResult {
  MetricResult average_precision;
  std::int64_t labels = 0;
  std::int64_t candidates = 0;
  std::int64_t matched = 0;  ///< labels that some candidate found: the highest recall is matched / labels
  Ranking ranking;           ///< of the candidates, matched ones as positives

  /// x: recall, y: precision; x ends at matched / labels.
  /// Errors: ArgumentError when nothing was matched.
  Curve curve(double tolerance = 0) const;

  /// Highest recall of any threshold whose share of false candidates is at most `fdr`.
  MetricResult recall_at_fdr(double fdr) const;
};

/// Lengths of the circles that tracks lie on; a track that is not named is linear.
using Circles = std::map<std::int64_t, std::int64_t>;

/// scores, labels (0 or 1), positions (bases), tracks: (N,) each, in any order; positions that were
/// not measured are left out by the caller.
/// Errors: ArgumentError for sizes that differ, NaN scores, other labels, a negative tolerance, a
/// position given twice on a track, or one outside [0, n) of its circle.
SiteMatchingResult match_sites(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const std::int64_t> positions,
                               std::span<const std::int64_t> tracks, std::int64_t tolerance, const Circles& circles = {});

}  // namespace basewise::metrics
