// Which motifs are alike: comparison of motifs column by column, with exact p-values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/motif.h"

namespace basewise::motifs {

/// How alike two columns are: the score of one query column q with one target column t, larger is
/// better. n are counts (probabilities times sites), b the background.
enum class ColumnDistance { ed, pearson, sandelin, kullback, allr, blic1, blic5, llr1, llr5 };
constexpr auto words_of(ColumnDistance) {
  return words<ColumnDistance>({{ColumnDistance::ed, "ed", "minus Euclidean distance"},
                                {ColumnDistance::pearson, "pearson", "Pearson correlation (unchecked)"},
                                {ColumnDistance::sandelin, "sandelin", "2 - squared Euclidean distance (unchecked)"},
                                {ColumnDistance::kullback, "kullback", "minus mean Kullback-Leibler divergence (unchecked)"},
                                {ColumnDistance::allr, "allr", "mean log-likelihood ratio by counts (unchecked)"},
                                {ColumnDistance::blic1, "blic1", "Bayesian likelihood, one Dirichlet component (unchecked)"},
                                {ColumnDistance::blic5, "blic5", "Bayesian likelihood, five components (unchecked)"},
                                {ColumnDistance::llr1, "llr1", "log-likelihood ratio, one Dirichlet component (unchecked)"},
                                {ColumnDistance::llr5, "llr5", "log-likelihood ratio, five components (unchecked)"}});
}

/// What q-values are made from.
enum class QValues { benjamini_hochberg, storey };
constexpr auto words_of(QValues) {
  return words<QValues>({{QValues::benjamini_hochberg, "bh", "Benjamini-Hochberg over the targets of a query"},
                         {QValues::storey, "storey", "both orientations of every target, times the estimated share of true nulls (MEME)"}});
}

struct CompareOptions {
  ColumnDistance distance = ColumnDistance::ed;
  bool incomplete_scores = false;  ///< columns that overhang are left out of scores
  bool forward_only = false;       ///< targets as they are written, not their reverse complements
  std::int64_t min_overlap = 1;    ///< columns; no more than the narrower motif has are asked for
  bool internal = false;           ///< the narrower motif lies wholly inside the other
  double pseudocount = 0;          ///< sites added to queries and targets, spread as `background`
  /// A C G T, of pseudocounts, allr and blic; empty: each motif's own for pseudocounts,
  /// even shares for the others
  std::vector<double> background = {};
  QValues q_values = QValues::benjamini_hochberg;
};
void describe(Visitor& v, CompareOptions& o);

/// How a query lies best on a target.
struct MotifMatch {
  std::int64_t target = 0;  ///< index among the targets
  double p_value = 1;       ///< of the better orientation, for both: 1 - (1 - p)^2
  double e_value = 1;       ///< p x number of targets
  double q_value = 1;
  std::int64_t score = 0;    ///< complete: of the best offset, in bins, overhanging columns at their medians; incomplete: of its overlap
  std::int64_t offset = 0;   ///< where the first column of the query lies on the target as compared (turned if `reverse`); may be negative
  std::int64_t overlap = 0;  ///< columns that lie on each other
  bool reverse = false;      ///< the reverse complement of the target matches
};

/// Targets made ready to be compared with many queries. A value; safe to use from several threads.
///
/// Complete scores, after Gupta et al. 2007 and Tanaka et al. 2011 (Tomtom of the MEME suite): the
/// score of a pair of columns is shifted by the median of the query column's scores with all target
/// columns (both orientations), scaled to integers of at most 100 bins, and the scores with all
/// target columns are the null of a query column. The score of an offset is the sum over the
/// columns that overlap, medians for those of the query that overhang; the p-value of the best
/// offset is that of the maximum over all offsets for a target of this width, as if they were
/// independent, and over both orientations. Sums of small probabilities are never taken as 1 - cdf.
///
/// Results depend neither on the number of threads nor on the order of the targets.
class MotifComparison {
 public:
  /// Distances that count sites take 20 where a motif does not know its own.
  /// Errors: DataError for a motif that is none (`check`); ArgumentError for no targets, options
  /// out of their bounds, or zeros in a motif where the distance takes logarithms (a pseudocount
  /// helps).
  explicit MotifComparison(std::vector<MotifMatrix> targets, const CompareOptions& options = {});
  ~MotifComparison();
  MotifComparison(MotifComparison&&) noexcept;
  MotifComparison& operator=(MotifComparison&&) noexcept;

  const std::vector<MotifMatrix>& targets() const;

  /// The match of `query` with each target, in the order of the targets.
  /// Errors: as the constructor's.
  std::vector<MotifMatch> matches(const MotifMatrix& query) const;

  /// The best `best` matches of each query (0: all), most significant first (`sort_matches`).
  /// Parallel over queries; `done` is told how many queries have been finished since the last call,
  /// from any thread.
  std::vector<std::vector<MotifMatch>> best_matches(std::span<const MotifMatrix> queries, std::int64_t best = 1,
                                                    const std::function<void(std::int64_t)>& done = {}) const;

  /// The same where `receive(query, matches)` takes all matches of a query, in the order of the
  /// targets, as soon as they are known: from any thread, in any order, one call at a time for each
  /// query.
  void each_query(std::span<const MotifMatrix> queries,
                  const std::function<void(std::int64_t query, std::vector<MotifMatch> matches)>& receive) const;

 private:
  struct Prepared;
  std::unique_ptr<const Prepared> prepared_;
};

/// Sorts by p-value, then longer overlaps, then the names of the targets.
void sort_matches(std::vector<MotifMatch>& matches, std::span<const MotifMatrix> targets);

}  // namespace basewise::motifs
