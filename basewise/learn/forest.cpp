#include "basewise/learn/forest.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/learn/detail/tree_builder.h"

namespace basewise::learn {
namespace {

constexpr std::int64_t kGrain = 256;  // rows that are predicted together
// What a stream of a tree is for.
constexpr std::uint64_t kDrawRows = 1, kDrawColumns = 2;

void check_tree(const Tree& tree, std::int64_t columns, std::int64_t channels) {
  const auto nodes = static_cast<std::size_t>(tree.nodes());
  if (nodes == 0) throw ArgumentError("it has no node");
  if (tree.threshold.size() != nodes || tree.left.size() != nodes || tree.missing_left.size() != nodes)
    throw ArgumentError(format("it has {} nodes, {} thresholds and {} children", nodes, tree.threshold.size(), tree.left.size()));
  const auto leaves = std::ssize(tree.values) / channels;
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::int64_t left = tree.left[i];
    if (left < 0 && -1 - left >= leaves) throw ArgumentError(format("node {} is leaf {} of {}", i, -1 - left, leaves));
    if (left < 0) continue;
    if (left <= static_cast<std::int64_t>(i) || left + 1 >= static_cast<std::int64_t>(nodes))
      throw ArgumentError(format("node {} of {} has the child {}", i, nodes, left));
    if (tree.feature[i] < 0 || tree.feature[i] >= columns)
      throw ArgumentError(format("node {} asks for column {} of {}", i, tree.feature[i], columns));
    if (std::isnan(tree.threshold[i])) throw ArgumentError(format("node {} has a threshold that is no number", i));
  }
  if (leaves * channels != std::ssize(tree.values))
    throw ArgumentError(format("its {} values are no rows of {}", tree.values.size(), channels));
  for (const double value : tree.values)
    if (!std::isfinite(value)) throw ArgumentError("a leaf holds what is no finite number");
}

/// Means of the trees: `value(row)` gives the feature of a row by number.
template <class Value>
std::vector<double> mean_of_trees(const Forest& forest, std::int64_t rows, const Value& value) {
  const auto channels = static_cast<std::size_t>(forest.channels());
  std::vector<double> means(static_cast<std::size_t>(rows) * channels, 0.0);
  parallel_for(rows, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (const Tree& tree : forest.trees())
      for (std::int64_t row = begin; row < end; ++row) {
        const double* leaf = tree.values.data() + static_cast<std::size_t>(tree.leaf(value(row))) * channels;
        for (std::size_t c = 0; c < channels; ++c) means[static_cast<std::size_t>(row) * channels + c] += leaf[c];
      }
    for (std::size_t i = static_cast<std::size_t>(begin) * channels; i < static_cast<std::size_t>(end) * channels; ++i)
      means[i] /= static_cast<double>(forest.trees().size());
  });
  return means;
}

auto values_of(const BinnedColumns& columns) {
  return [&columns](std::int64_t row) { return [&columns, row](std::int32_t feature) { return columns.value(row, feature); }; };
}

void check_columns(std::int64_t have, std::int64_t want) {
  if (have != want) throw ArgumentError(format("{} columns were given to a forest of {}", have, want));
}

std::int64_t columns_per_split(SplitColumns how, std::span<const Output> outputs, std::int64_t columns) {
  const auto n = static_cast<double>(columns);
  const bool classes = std::any_of(outputs.begin(), outputs.end(), [](const Output& o) { return !o.is_number(); });
  if (how == SplitColumns::automatic) how = classes ? SplitColumns::sqrt : SplitColumns::third;
  double share = n;
  if (how == SplitColumns::sqrt) share = std::sqrt(n);
  if (how == SplitColumns::log2) share = std::log2(n);
  if (how == SplitColumns::third) share = n / 3;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(share));
}

/// Targets by channel, with numbers around their mean so that sums of squares keep their digits.
struct Centred {
  std::vector<double> values = {};   // (rows, channels)
  std::vector<double> centre = {};   // (channels)
  std::vector<double> factors = {};  // (channels): the Gini impurity of two classes is twice a variance
};

Centred centred(const Targets& targets, std::span<const double> weights) {
  Centred all = {.values = channel_values(targets)};
  for (const Output& output : targets.outputs)
    for (std::int64_t c = 0; c < output.channels(); ++c) {
      all.factors.push_back((output.classes.size() == 2 ? 2.0 : 1.0) / static_cast<double>(targets.outputs.size()));
      all.centre.push_back(output.is_number() ? 0.0 : std::numeric_limits<double>::quiet_NaN());
    }
  const std::size_t channels = all.centre.size();
  for (std::size_t c = 0; c < channels; ++c) {
    const bool number = all.centre[c] == 0;
    double sum = 0, weight = 0;
    for (std::size_t row = 0; number && row < weights.size(); ++row) {
      sum += weights[row] * all.values[row * channels + c];
      weight += weights[row];
    }
    all.centre[c] = number ? sum / weight : 0;
    for (std::size_t row = 0; number && row < weights.size(); ++row) all.values[row * channels + c] -= all.centre[c];
  }
  return all;
}

/// How often a tree has drawn each row.
std::vector<std::uint32_t> drawn(std::span<const std::int64_t> rows, std::size_t all, Stream random) {
  std::vector<std::uint32_t> times(all, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) ++times[static_cast<std::size_t>(rows[random.below(rows.size())])];
  return times;
}

std::vector<double> out_of_bag(const Forest& forest, const BinnedColumns& columns, const std::vector<std::vector<bool>>& in_bag) {
  const auto channels = static_cast<std::size_t>(forest.channels());
  std::vector<double> means(static_cast<std::size_t>(columns.rows()) * channels, 0.0);
  parallel_for(columns.rows(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      double* mean = means.data() + static_cast<std::size_t>(row) * channels;
      double trees = 0;
      for (std::size_t t = 0; t < in_bag.size(); ++t) {
        if (in_bag[t][static_cast<std::size_t>(row)]) continue;
        const Tree& tree = forest.trees()[t];
        const double* leaf = tree.values.data() + static_cast<std::size_t>(tree.leaf(values_of(columns)(row))) * channels;
        for (std::size_t c = 0; c < channels; ++c) mean[c] += leaf[c];
        ++trees;
      }
      for (std::size_t c = 0; c < channels; ++c) mean[c] /= trees;
    }
  });
  return means;
}

/// Importances of one tree, added to those of all.
void add_importances(const detail::GrownTree& grown, std::vector<double>& importances) {
  double total = 0;
  for (const auto& [column, decrease] : grown.decreases) total += decrease;
  if (!(total > 0)) return;
  for (const auto& [column, decrease] : grown.decreases) importances[static_cast<std::size_t>(column)] += decrease / total;
}

class Fitter {
 public:
  Fitter(const BinnedColumns& columns, const Targets& targets, std::vector<double> weights, const ForestOptions& options,
         std::uint64_t seed)
      : columns_(columns), weights_(std::move(weights)), options_(options), seed_(seed), targets_(centred(targets, weights_)) {
    for (std::size_t row = 0; row < weights_.size(); ++row)
      if (weights_[row] > 0) used_.push_back(static_cast<std::int64_t>(row));
    limits_ = {.search = {columns_per_split(options.split_columns, targets.outputs, columns.columns()), options.min_samples_leaf},
               .depth = options.max_depth,
               .split_rows = options.min_samples_split,
               .nodes = options.max_nodes};
  }

  ForestFit fit() {
    const auto n = static_cast<std::size_t>(options_.trees);
    grown_.resize(n);
    in_bag_.resize(options_.bootstrap ? n : 0);
    parallel_for(options_.trees, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) grow(static_cast<std::size_t>(t));
    });
    std::vector<double> importances(static_cast<std::size_t>(columns_.columns()), 0.0);
    std::vector<Tree> trees;
    for (auto& one : grown_) {
      add_importances(one, importances);
      trees.push_back(std::move(one.tree));
    }
    double total = 0;
    for (const double importance : importances) total += importance;
    for (double& importance : importances) importance = total > 0 ? importance / total : 0;
    ForestFit result = {Forest(std::move(trees), std::ssize(targets_.centre), std::move(importances)), {}};
    if (!options_.bootstrap) return result;
    for (auto& bag : in_bag_)
      for (std::size_t row = 0; row < weights_.size(); ++row) bag[row] = bag[row] || weights_[row] == 0;
    result.out_of_bag = out_of_bag(result.forest, columns_, in_bag_);
    return result;
  }

 private:
  void grow(std::size_t t) {
    const Stream random(seed_, t);
    std::vector<double> weights = weights_;
    if (options_.bootstrap) {
      const auto times = drawn(used_, weights.size(), random.fork(kDrawRows));
      in_bag_[t].resize(weights.size());
      for (std::size_t row = 0; row < weights.size(); ++row) {
        weights[row] *= times[row];
        in_bag_[t][row] = times[row] > 0;
      }
    }
    const detail::TrainingRows rows = {&columns_, targets_.values, targets_.factors};
    grown_[t] = detail::grow_tree(rows, weights, limits_, random.fork(kDrawColumns));
    auto& values = grown_[t].tree.values;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += targets_.centre[i % targets_.centre.size()];
  }

  const BinnedColumns& columns_;
  std::vector<double> weights_;
  ForestOptions options_;
  std::uint64_t seed_;
  Centred targets_;
  detail::TreeLimits limits_;
  std::vector<std::int64_t> used_;
  std::vector<detail::GrownTree> grown_;
  std::vector<std::vector<bool>> in_bag_;
};

}  // namespace

void describe(Visitor& v, ForestOptions& o) {
  v("trees", o.trees, "trees of the forest", between(1, 100'000));
  v("split_columns", o.split_columns, "columns that are drawn for each split");
  v("max_depth", o.max_depth, "splits between the root and a leaf; 0: any number", counted(0));
  v("max_nodes", o.max_nodes, "nodes of a tree, which grows breadth first; 0: any number", counted(0));
  v("min_samples_leaf", o.min_samples_leaf, "different examples in a leaf at least", counted(1));
  v("min_samples_split", o.min_samples_split, "different examples in a node that is split at least", counted(2));
  v("bootstrap", o.bootstrap, "drawing of examples with replacement for each tree, which else sees all");
  v("bins", o.bins, "bins of a column; columns with no more different values are not binned", between(2, BinnedColumns::kMostBins));
}

Forest::Forest(std::vector<Tree> trees, std::int64_t channels, std::vector<double> importances)
    : trees_(std::move(trees)), channels_(channels), importances_(std::move(importances)) {
  if (trees_.empty() || channels < 1) throw ArgumentError(format("a forest of {} trees and {} outputs", trees_.size(), channels));
  for (const double importance : importances_)
    if (!(importance >= 0 && importance <= 1 + 1e-9)) throw ArgumentError(format("an importance is {}; expected 0 to 1", importance));
  for (std::size_t t = 0; t < trees_.size(); ++t) with_context(format("tree {}", t), [&] { check_tree(trees_[t], columns(), channels); });
}

std::int64_t Forest::nodes() const {
  std::int64_t nodes = 0;
  for (const Tree& tree : trees_) nodes += tree.nodes();
  return nodes;
}

std::vector<double> Forest::predict(const Columns& columns) const {
  check_columns(columns.columns(), this->columns());
  return mean_of_trees(*this, columns.rows, [&](std::int64_t row) {
    return
        [&columns, row](std::int32_t feature) { return columns.values[static_cast<std::size_t>(feature)][static_cast<std::size_t>(row)]; };
  });
}

std::vector<double> Forest::predict(const BinnedColumns& columns, std::span<const std::int64_t> rows) const {
  check_columns(columns.columns(), this->columns());
  return mean_of_trees(*this, std::ssize(rows), [&](std::int64_t i) { return values_of(columns)(rows[static_cast<std::size_t>(i)]); });
}

ForestFit fit_forest(const BinnedColumns& columns, const Targets& targets, std::span<const double> weights, const ForestOptions& options,
                     std::uint64_t seed) {
  ForestOptions copy = options;
  check(described(copy), "forest");
  if (targets.outputs.empty()) throw ArgumentError("there is nothing to predict");
  if (targets.rows() != columns.rows() || columns.rows() == 0 || columns.columns() == 0)
    throw ArgumentError(format("{} rows of {} columns and {} targets", columns.rows(), columns.columns(), targets.rows()));
  return Fitter(columns, targets, checked_weights(weights, columns.rows()), options, seed).fit();
}

}  // namespace basewise::learn
