// A decision tree for one or several outputs at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basewise::learn {

/// Nodes number from 0, the root, and children have higher numbers than their parent. Rows with
/// `feature` <= `threshold` go to `left`, others to `left` + 1; rows where it was not measured go
/// where `missing_left` says. A leaf has a `left` below 0: leaf -1 - left.
struct Tree {
  std::vector<std::int32_t> feature = {};       ///< (nodes); -1 at leaves
  std::vector<double> threshold = {};           ///< (nodes); infinite: all measured rows go left
  std::vector<std::int32_t> left = {};          ///< (nodes)
  std::vector<std::uint8_t> missing_left = {};  ///< (nodes)
  std::vector<double> values = {};              ///< (leaves, channels): the prediction

  std::int64_t nodes() const { return std::ssize(feature); }

  /// The leaf of a row; `value` gives its feature by number, NaN for what was not measured.
  template <class Value>
  std::int64_t leaf(const Value& value) const {
    std::size_t node = 0;
    while (left[node] >= 0) {
      const double x = value(feature[node]);
      const bool to_left = x != x ? missing_left[node] != 0 : x <= threshold[node];
      node = static_cast<std::size_t>(left[node]) + (to_left ? 0 : 1);
    }
    return -1 - static_cast<std::int64_t>(left[node]);
  }
};

}  // namespace basewise::learn
