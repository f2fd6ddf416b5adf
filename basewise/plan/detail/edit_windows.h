// Which rows of each value an edit changes, and which edits have the same shape.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "basewise/plan/detail/edit_split.h"
#include "basewise/plan/detail/rows.h"

namespace basewise::plan::detail {

/// The changed rows of all values of a program for one stretch of changed letters.
struct EditWindows {
  std::vector<RowRange> rows;  ///< by value; of `total` and `passed` values those of their source
  /// Counts of rows and how they lie to each other: edits with the same shape can be computed
  /// together.
  std::vector<std::int32_t> shape;
  double work = 0;  ///< multiplications of convolutions
};

/// Windows by the changed letters, for inputs of given lengths.
class EditGeometry {
 public:
  EditGeometry(const EditSplit& split, std::vector<Index> lengths);

  /// Of the letters [begin, end). Not from several threads.
  const EditWindows& operator()(Index begin, Index end);

  /// Lets go what is known where that has become much; references given before end.
  void forget() {
    constexpr std::size_t kMost = 1 << 16;
    if (known_.size() > kMost) known_.clear();
  }

  const std::vector<Index>& lengths() const { return lengths_; }
  Index length(int value) const { return lengths_[static_cast<std::size_t>(value)]; }
  /// Rows of a value that anything reads.
  const RowRange& needed(int value) const { return needed_[static_cast<std::size_t>(value)]; }
  /// Rows of a value that are kept: those, or the first where nothing reads any; none without
  /// positions.
  RowRange kept(int value) const;
  /// Multiplications of a whole pass up to the values that are fed.
  double whole_work() const { return whole_work_; }
  /// Whether no operation reads zeros beyond the ends of a value, so that a window of a longer
  /// sequence has the values that the longer sequence has there.
  bool interior() const { return interior_; }

 private:
  void find_needed();
  RowRange reached(int value, const std::vector<RowRange>& rows) const;
  void describe_shape(EditWindows& w) const;

  const EditSplit& split_;
  std::vector<Index> lengths_;
  std::vector<RowRange> needed_;
  double whole_work_ = 0;
  bool interior_ = true;
  std::map<std::pair<Index, Index>, EditWindows> known_;
};

/// Multiplications of so many rows of a convolution in a whole pass.
double whole_products(const PlanOp& op, Index rows);

/// The taps [first, last) of a convolution that output row `row` applies to rows of `source`.
struct TapRange {
  Index first = 0;
  Index last = 0;
  bool empty() const { return last <= first; }
  bool operator==(const TapRange&) const = default;
};
TapRange taps_inside(const PlanOp& op, Index row, const RowRange& source);

}  // namespace basewise::plan::detail
