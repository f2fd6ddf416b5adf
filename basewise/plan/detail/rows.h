// Rows of the values of a program, and which of them operations read.
#pragma once

#include <cstddef>
#include <cstdint>

#include "basewise/plan/detail/program.h"

namespace basewise::plan::detail {

using Index = std::int64_t;

/// Rows [begin, end) of a value. Rows outside of [0, length) exist as zeros where an operation
/// pads.
struct RowRange {
  Index begin = 0;
  Index end = 0;
  bool empty() const { return end <= begin; }
  Index count() const { return empty() ? 0 : end - begin; }
  void include(const RowRange& other);
};

/// The rows of its source `k` that rows of an operation read; none for those outside of
/// [0, length). A convolution reads `width` taps.
RowRange reads(const PlanOp& op, std::size_t k, RowRange rows, Index length, Index source_length, Index width);

}  // namespace basewise::plan::detail
