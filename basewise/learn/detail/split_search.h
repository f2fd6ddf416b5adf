// The best split of a node: sums of targets by bin, for columns that are drawn at random.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/learn/bins.h"

namespace basewise::learn::detail {

/// What a tree is grown from. Targets are numbers by channel whose mean is the prediction; their
/// impurity is the sum over channels of variance times factor.
struct TrainingRows {
  const BinnedColumns* columns = nullptr;
  std::span<const double> targets = {};  ///< (rows, channels)
  std::span<const double> factors = {};  ///< (channels)

  std::size_t channels() const { return factors.size(); }
};

/// Rows of a node with their weights and weighted targets, in one order.
struct NodeRows {
  std::span<const std::uint32_t> rows = {};
  std::span<const double> weights = {};   ///< (rows)
  std::span<const double> weighted = {};  ///< (rows, channels)
};

/// Rows whose bin is at most `bin` go left.
struct Split {
  std::int64_t column = -1;  ///< none: there is no split
  std::int64_t bin = -1;
  double threshold = 0;
  bool missing_left = false;
  double decrease = 0;  ///< of the impurity, times the weight of the node

  bool found() const { return column >= 0; }
};

struct SearchLimits {
  std::int64_t columns = 1;    ///< that are looked at, more while none of them differs between the rows
  std::int64_t leaf_rows = 1;  ///< on either side at least
};

/// Working memory of one thread; what it finds depends on its arguments alone.
class SplitSearch {
 public:
  explicit SplitSearch(const TrainingRows& training);

  Split best(const NodeRows& node, const SearchLimits& limits, Stream random);

 private:
  void count(const NodeRows& node, std::int64_t column);
  bool look_at(const NodeRows& node, std::int64_t column, const SearchLimits& limits, Split& found);
  void scan(std::int64_t column, const SearchLimits& limits, Split& found);
  void offer(std::int64_t column, std::int64_t left, std::int64_t right, bool missing_left, const SearchLimits& limits, Split& found);
  double score(std::span<const double> sums, double weight) const;
  double* bin(std::int64_t code) { return bins_.data() + static_cast<std::size_t>(code) * stride_; }

  TrainingRows training_;
  std::size_t stride_;                        // rows, weight and sums of a bin
  std::vector<double> bins_;                  // (256, stride), zero between columns
  std::vector<std::uint8_t> used_;            // bins that hold rows, in rising order
  std::vector<double> whole_, left_, right_;  // (stride) sums of the node, and of the sides of a split
  double whole_score_ = 0, best_score_ = 0;
  std::vector<std::int32_t> order_;  // of columns; 0, 1, 2 ... between calls
};

}  // namespace basewise::learn::detail
