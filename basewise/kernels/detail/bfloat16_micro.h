// The innermost loops over bfloat16 numbers. As micro.h, it is read under several sets of compiler
// flags.
#pragma once

#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {

using Bfloat16 = std::uint16_t;  ///< the upper half of a float

/// out[r, f] = bias[f] + sum over segments and k of rows[r, offset + k] panel[panel + k, f];
/// offsets, lengths and row_step are even.
struct Bfloat16RowsCall {
  const Bfloat16* panel;  ///< (all k / 2, width, 2)
  int width;           ///< 16 or 32
  int valid;           ///< outputs to store, at most width
  const Bfloat16* rows;
  Index row_step;
  const Segment* segments;
  Index segment_count;
  float* out;
  Index out_step;
  Index row_count;
  const float* bias;  ///< (width) or null
  bool accumulate;
  bool relu;
};

struct Bfloat16Micro {
  void (*rows)(const Bfloat16RowsCall& call);
  /// Rounds to nearest, ties to even.
  void (*round)(const float* from, Index n, Bfloat16* to);
};

}  // namespace basewise::kernels::detail
