// In which order the rows of all values of a stretch of operations are computed,
// and where they lie meanwhile.
#pragma once

#include <algorithm>
#include <vector>

#include "basewise/kernels/packed_conv.h"
#include "basewise/plan/detail/program.h"
#include "basewise/plan/detail/rows.h"

namespace basewise::plan::detail {

/// A stretch of operations on values with positions.
struct PlanStretch {
  struct Item {
    int value = 0;
    bool load = false;  ///< comes from a tensor that is there already
  };
  std::vector<Item> items;   ///< sources before readers
  std::vector<int> exports;  ///< values with positions that become tensors
};

/// How a stretch runs for inputs of given lengths.
///
/// Operations are cut into stages. Within a stage rows flow through all operations step by step, so
/// few that what all of them keep fits the second-level cache: a value keeps the rows that some
/// operation will still read, each row is computed once. Values that a later stage reads lie whole
/// in memory. With several strips, each is a part of the rows of a stage that one thread computes;
/// rows that two of them need are computed by both.
struct PlanLayout {
  struct Slot {
    int value = -1;
    Index channels = 0;
    Index length = 0;
    RowRange needed;     ///< by whatever reads it
    bool whole = false;  ///< all needed rows lie in memory; else a window of `capacity` rows
    Index capacity = 0;
    Index offset = 0;   ///< numbers from the start of the memory for whole slots, or of that of a stage
    int exported = -1;  ///< lies in the tensor of this export
    /// Of a convolution by Winograd: rows are made in whole periods from the first needed one on,
    /// and at the end what is left.
    kernels::PackedGrid grid{};
    RowRange made() const { return {std::max<Index>(needed.begin, 0), std::min(needed.end, length)}; }
  };
  /// Row i of a value is row i + shift of a slot.
  struct Place {
    int slot = -1;
    Index shift = 0;
  };
  struct Task {
    int item = 0;
    RowRange rows;
    Index keep = 0;  ///< first row of its slot that is needed from now on
  };
  /// Tasks in order, and the first rows of windows at the start.
  struct Strip {
    std::vector<Task> tasks;
    std::vector<std::pair<int, Index>> first;
  };
  struct Stage {
    std::vector<int> items;
    std::vector<Strip> strips;
    Index steps = 1;
  };

  std::vector<Index> lengths;  ///< of values
  std::vector<Slot> slots;
  std::vector<Place> places;  ///< of values; slot -1 for those that are not of this stretch
  std::vector<Stage> stages;
  std::vector<int> copies;  ///< exports that are copied at the end
  Index whole_size = 0;     ///< numbers
  Index stage_size = 0;
};

struct PlanLimits {
  Index cache = 512 * 1024;  ///< bytes that the values of a stage may take
  Index strips = 1;          ///< parts of an example
  Index rows = 0;            ///< at most so many rows of a stage's last value in a step; 0: by the cache
  bool winograd = true;       ///< Winograd where it pays
};

/// `lengths`: of all values of the program with positions.
PlanLayout make_layout(const PlanProgram& program, const PlanStretch& stretch, const std::vector<Index>& lengths, const PlanLimits& limits);

}  // namespace basewise::plan::detail
