// Trees grown from binned columns.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "basewise/learn/detail/split_search.h"
#include "basewise/learn/tree.h"

namespace basewise::learn::detail {

struct TreeLimits {
  SearchLimits search = {};
  std::int64_t depth = 0;       ///< 0: any
  std::int64_t split_rows = 2;  ///< a node with fewer is a leaf
  std::int64_t nodes = 0;       ///< 0: any
};

struct GrownTree {
  Tree tree = {};
  /// Column and decrease of impurity, as a share of the weight of all rows, of each split.
  std::vector<std::pair<std::int32_t, double>> decreases = {};
};

/// A tree of the rows with a weight above 0 (there is one). Nodes are split breadth first until a
/// limit is met, and the columns of a node are drawn from a stream of its own: the tree is a
/// function of its arguments alone.
GrownTree grow_tree(const TrainingRows& training, std::span<const double> weights, const TreeLimits& limits, const Stream& random);

}  // namespace basewise::learn::detail
