// Random forests (Breiman 2001, Machine Learning 45:5):
// classes and numbers, several outputs at once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/learn/bins.h"
#include "basewise/learn/tree.h"

namespace basewise::learn {

/// How many columns are drawn for each split.
enum class SplitColumns { automatic, sqrt, log2, third, all };
constexpr auto words_of(SplitColumns) {
  return words<SplitColumns>({{SplitColumns::automatic, "automatic", "sqrt where an output has classes, else third"},
                              {SplitColumns::sqrt, "sqrt", "square root of the number of columns"},
                              {SplitColumns::log2, "log2", "its logarithm of base 2"},
                              {SplitColumns::third, "third", "a third of the columns"},
                              {SplitColumns::all, "all"}});
}

struct ForestOptions {
  std::int64_t trees = 100;
  SplitColumns split_columns = SplitColumns::automatic;
  std::int64_t max_depth = 0;         ///< 0: any
  std::int64_t max_nodes = 0;         ///< of a tree, leaves among them; 0: any
  std::int64_t min_samples_leaf = 1;  ///< different rows
  std::int64_t min_samples_split = 2;
  bool bootstrap = true;
  std::int64_t bins = BinnedColumns::kMostBins;  ///< of a column
};
void describe(Visitor& v, ForestOptions& o);

/// A forest that was grown, as a value: what it predicts is the mean of its trees.
class Forest {
 public:
  /// Errors: ArgumentError for trees that lead out of themselves, name a column from `columns` on,
  /// or hold what is no number; the tree is told.
  Forest(std::vector<Tree> trees, std::int64_t channels, std::vector<double> importances);

  std::int64_t channels() const { return channels_; }
  std::int64_t columns() const { return std::ssize(importances_); }
  std::int64_t nodes() const;
  const std::vector<Tree>& trees() const { return trees_; }

  /// Decrease of impurity by splits of each column, weighted by the rows that reach them, the mean
  /// of all trees: (columns); they add to 1 unless no tree has a split.
  const std::vector<double>& importances() const { return importances_; }

  /// Predictions: (rows, channels), row by row.
  /// Errors: ArgumentError for another number of columns.
  std::vector<double> predict(const Columns& columns) const;
  std::vector<double> predict(const BinnedColumns& columns, std::span<const std::int64_t> rows) const;  ///< of these rows

 private:
  std::vector<Tree> trees_;
  std::int64_t channels_ = 0;
  std::vector<double> importances_;
};

struct ForestFit {
  Forest forest;
  /// Predictions by the trees that did not draw the row, (rows, channels); NaN where all did, and
  /// for rows of weight 0. Empty without bootstrap.
  std::vector<double> out_of_bag;
};

/// Grows a forest. Every tree draws as many rows as have a weight above 0, with replacement, and
/// every split a share of the columns; the best one is that of the largest decrease of the sum over
/// outputs of Gini impurity (classes) or variance (numbers), weighted by rows. Rows where the
/// column was not measured go to the side that is better. The trees follow from
/// (options, columns, targets, weights, seed) alone, whatever the number of threads.
///
/// `targets`: of the rows of `columns`; `weights` (rows) may be empty.
/// Errors: ArgumentError for options out of bounds and for numbers of rows that differ.
ForestFit fit_forest(const BinnedColumns& columns, const Targets& targets, std::span<const double> weights, const ForestOptions& options,
                     std::uint64_t seed);

}  // namespace basewise::learn
