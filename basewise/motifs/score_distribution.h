// How likely a score is: motifs as whole-numbered scores, and the exact distribution of the score
// of a random window.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/motifs/motif.h"

namespace basewise::motifs {

/// Default width of a score bin in bits. The score of a window of W letters is off its log-odds by
/// at most W / 2 bins; MOODS rounds to 0.0007 bits, memelite to 0.1.
inline constexpr double kScoreBin = 0.0005;

/// A score that no window can reach: the letter cannot stand there (log-odds of -infinity).
inline constexpr std::int32_t kForbidden = std::numeric_limits<std::int32_t>::min();

/// Log-odds of a motif rounded to whole numbers of bins, so that sums are exact.
struct ScoreMatrix {
  std::string name;
  std::vector<std::array<std::int32_t, 4>> rows;  ///< (W, 4): A C G T; `kForbidden` where the log-odds is -infinity
  double bin = kScoreBin;                         ///< bits

  std::int64_t width() const { return static_cast<std::int64_t>(rows.size()); }
  std::int64_t best() const;   ///< highest score that a window can have, in bins
  std::int64_t worst() const;  ///< lowest that is not forbidden
};

/// round(log2(p / b) / bin), halves to even; p and b as in `log_odds`.
/// Errors: those of `log_odds`; ArgumentError for a bin that is not positive or so narrow that the
/// scores of the motif span more than 2^29 of them.
ScoreMatrix score_matrix(const MotifMatrix& motif, const LogOddsOptions& options = {}, double bin = kScoreBin);

/// The same for log-odds in bits that come from elsewhere, row by row.
/// Errors: ArgumentError as above, for no rows, NaN, +infinity, and a row of -infinity only.
ScoreMatrix score_matrix(std::string name, std::span<const BaseVector> bits, double bin = kScoreBin);

/// The matrix as it reads on the other strand.
ScoreMatrix reverse_complement(const ScoreMatrix& matrix);

/// P(score of a random window >= s) for every score that a window can have, from the best one down,
/// where letters are drawn independently from a background.
///
/// Exact for the rounded scores: dynamic programming over the deficit to the best score, row by row
/// (Staden 1989). Deficits only grow, so that the upper tail can be computed alone; its
/// probabilities are added from the smallest, so nothing cancels.
class ScoreDistribution {
 public:
  /// The tail of all scores with P <= `largest_p`, and one score more where there is one.
  /// Errors: ArgumentError for a matrix without rows, a background that is no distribution, or
  /// `largest_p` outside (0, 1].
  explicit ScoreDistribution(const ScoreMatrix& matrix, const BaseVector& background = kUniform, double largest_p = 1);

  /// Scores of the tail, falling, in bins, and P(score >= that) for each, rising.
  std::span<const std::int32_t> scores() const { return scores_; }
  std::span<const double> p_values() const { return p_values_; }

  /// P(score >= `score`); 0 above the best. Below the lowest score of the tail it is at least the
  /// last of `p_values`, which is returned.
  double p_value(std::int64_t score) const;

  /// The lowest score with P(score >= it) <= p; nothing where even the best score is likelier.
  /// Errors: ArgumentError for a p above `largest_p`.
  std::optional<std::int64_t> threshold(double p) const;

  /// Index into `scores` of a score of the tail; -1 for another one.
  std::int64_t rank(std::int64_t score) const;

 private:
  double largest_p_;
  std::vector<std::int32_t> scores_;
  std::vector<double> p_values_;
};

/// Errors: ArgumentError unless these are four positive numbers that sum to 1 (within 0.001).
void check_background(const BaseVector& background);

/// Means of the background and of what it is on the other strand, (A, T) and (C, G): the one to
/// take where both strands are scanned, so that a site has the same score and p-value on each.
BaseVector both_strands(const BaseVector& background);

}  // namespace basewise::motifs
