// What the reference pass of edited sequences has left, and where each sequence lies in it.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "basewise/plan/detail/edit_split.h"
#include "basewise/plan/detail/edit_windows.h"
#include "basewise/plan/detail/rows.h"
#include "basewise/plan/edited.h"

namespace basewise::plan::detail {

/// Where the rows of the sequences that are edited lie in the values of the reference pass. Of a
/// value the rows are kept that anything reads; windows of longer sequences are rows of those.
struct EditViews {
  std::vector<Index> first;             ///< by value: the first row that is kept
  std::vector<SequenceWindow> windows;  ///< by example; empty: every example is a sequence of its own
  std::vector<Index> steps;             ///< by value: letters from one row to the next one

  /// A row of an example where values of the reference pass have it.
  struct Place {
    Index example = 0;
    Index row = 0;
  };
  Place letter(Index example, Index i) const {
    if (windows.empty()) return {example, i};
    const SequenceWindow& w = windows[static_cast<std::size_t>(example)];
    return {w.example, i + w.begin};
  }
  Place operator()(const PlanOp& op, int value, Index example, Index row) const {
    if (!op.positions) return {example, row};
    row -= first[static_cast<std::size_t>(value)];
    if (windows.empty()) return {example, row};
    const SequenceWindow& w = windows[static_cast<std::size_t>(example)];
    return {w.example, row + w.begin / steps[static_cast<std::size_t>(value)]};
  }
};

struct EditReference {
  std::vector<at::Tensor> kept;  ///< (N, channels, length) with channels as neighbours, or (N, channels); in the order of EditSplit::kept
  /// Of values that a largest over all positions reads, (N, length + 1, channels): the largest of
  /// the first i rows, and of the rows from i on.
  std::map<int, std::pair<at::Tensor, at::Tensor>> largest;
  EditViews views;

  const at::Tensor& of(const EditSplit& split, int value) const {
    return kept[static_cast<std::size_t>(split.place[static_cast<std::size_t>(value)])];
  }
};

/// `EditViews::first` of all values.
std::vector<Index> first_rows(const EditSplit& split, const EditGeometry& geometry);

/// Makes the rows [rows.begin, rows.end) of a value of `length` rows an output of a program.
void add_output(PlanProgram& program, int value, RowRange rows, Index length);

/// `x` (N, channels, length): (N, length + 1, channels), the largest of the rows before each one,
/// and of those from it on.
std::pair<at::Tensor, at::Tensor> running_largest(const at::Tensor& x);

/// (N, channels, length) in single precision, channels as neighbours in memory.
at::Tensor channels_as_neighbours(const at::Tensor& x);

}  // namespace basewise::plan::detail
