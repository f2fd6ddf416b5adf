#include "basewise/learn/detail/tree_builder.h"

#include <algorithm>

namespace basewise::learn::detail {
namespace {

/// A node that may be split: its rows are [begin, end) of the order of rows.
struct Open {
  std::size_t node = 0, begin = 0, end = 0;
  std::int64_t depth = 0;
};

class Builder {
 public:
  Builder(const TrainingRows& training, std::span<const double> weights, const TreeLimits& limits, const Stream& random)
      : training_(training), weights_(weights), limits_(limits), random_(random), search_(training) {
    for (std::size_t row = 0; row < weights.size(); ++row)
      if (weights[row] > 0) {
        rows_.push_back(static_cast<std::uint32_t>(row));
        total_ += weights[row];
      }
    moved_.resize(rows_.size());
  }

  GrownTree grow() {
    open_.push_back({add_node(), 0, rows_.size(), 0});
    for (std::size_t next = 0; next < open_.size(); ++next) split(Open(open_[next]));
    return std::move(grown_);
  }

 private:
  std::size_t add_node() {
    Tree& tree = grown_.tree;
    tree.feature.push_back(-1);
    tree.threshold.push_back(0);
    tree.left.push_back(-1);
    tree.missing_left.push_back(0);
    return tree.feature.size() - 1;
  }

  std::span<const std::uint32_t> rows(const Open& open) const { return std::span(rows_).subspan(open.begin, open.end - open.begin); }

  bool may_split(const Open& open) const {
    const auto n = static_cast<std::int64_t>(open.end - open.begin);
    if (n < limits_.split_rows || n < 2 * limits_.search.leaf_rows) return false;
    if (limits_.depth > 0 && open.depth >= limits_.depth) return false;
    if (limits_.nodes > 0 && grown_.tree.nodes() + 2 > limits_.nodes) return false;
    const auto all = rows(open);
    const double* first = target(all.front());
    return std::any_of(all.begin() + 1, all.end(),
                       [&](std::uint32_t row) { return !std::equal(first, first + training_.channels(), target(row)); });
  }

  const double* target(std::uint32_t row) const { return training_.targets.data() + row * training_.channels(); }

  /// Weights and weighted targets side by side, so that every column reads them in one go.
  NodeRows gather(const Open& open) {
    const auto all = rows(open);
    const std::size_t channels = training_.channels();
    node_weights_.resize(all.size());
    weighted_.resize(all.size() * channels);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double weight = weights_[all[i]];
      node_weights_[i] = weight;
      for (std::size_t c = 0; c < channels; ++c) weighted_[i * channels + c] = weight * target(all[i])[c];
    }
    return {all, node_weights_, weighted_};
  }

  void split(const Open& open) {
    Split found;
    if (may_split(open)) found = search_.best(gather(open), limits_.search, random_.fork(open.node));
    if (!found.found()) return make_leaf(open);
    const std::size_t middle = partition(open, found);
    const std::size_t left = add_node(), right = add_node();
    Tree& tree = grown_.tree;
    tree.feature[open.node] = static_cast<std::int32_t>(found.column);
    tree.threshold[open.node] = found.threshold;
    tree.left[open.node] = static_cast<std::int32_t>(left);
    tree.missing_left[open.node] = found.missing_left ? 1 : 0;
    grown_.decreases.emplace_back(tree.feature[open.node], found.decrease / total_);
    open_.push_back({left, open.begin, middle, open.depth + 1});
    open_.push_back({right, middle, open.end, open.depth + 1});
  }

  /// Rows of the left child first, each child in the order of before.
  std::size_t partition(const Open& open, const Split& found) {
    const std::uint8_t* codes = training_.columns->codes(found.column);
    std::size_t left = open.begin, right = 0;
    for (std::size_t i = open.begin; i < open.end; ++i) {
      const std::uint32_t row = rows_[i];
      const bool to_left = codes[row] == BinnedColumns::kMissing ? found.missing_left : codes[row] <= found.bin;
      (to_left ? rows_[left++] : moved_[right++]) = row;
    }
    std::copy_n(moved_.begin(), right, rows_.begin() + static_cast<std::ptrdiff_t>(left));
    return left;
  }

  void make_leaf(const Open& open) {
    const std::size_t channels = training_.channels();
    std::vector<double> sums(channels, 0.0);
    double weight = 0;
    for (const std::uint32_t row : rows(open)) {
      weight += weights_[row];
      for (std::size_t c = 0; c < channels; ++c) sums[c] += weights_[row] * target(row)[c];
    }
    Tree& tree = grown_.tree;
    tree.left[open.node] = -1 - static_cast<std::int32_t>(tree.values.size() / channels);
    for (const double sum : sums) tree.values.push_back(sum / weight);
  }

  TrainingRows training_;
  std::span<const double> weights_;
  TreeLimits limits_;
  Stream random_;
  SplitSearch search_;
  double total_ = 0;
  GrownTree grown_;
  std::vector<std::uint32_t> rows_, moved_;
  std::vector<double> node_weights_, weighted_;
  std::vector<Open> open_;
};

}  // namespace

GrownTree grow_tree(const TrainingRows& training, std::span<const double> weights, const TreeLimits& limits, const Stream& random) {
  return Builder(training, weights, limits, random).grow();
}

}  // namespace basewise::learn::detail
