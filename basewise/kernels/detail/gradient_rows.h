// The gradient of an output as the innermost loops take it.
#pragma once

#include "basewise/kernels/conv.h"
#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {

/// Rows [first, first + count) of one example of `g`; where they go to is left to the caller.
inline GradientCall gradient_call(const OutputGradient& g, Index sample, Index first, Index count, Index columns) {
  GradientCall call{};
  call.dy = {g.dy.at(sample, first), g.dy.row_step};
  if (g.value) call.value = {g.value.at(sample, first), g.value.row_step};
  if (g.x) call.x = {g.x.at(sample, first), g.x.row_step};
  call.centre = g.centre, call.scale = g.scale, call.shift = g.shift;
  call.function = static_cast<Function>(g.activation);
  call.gain = g.gain, call.slope = g.slope, call.offset = g.offset;
  call.rows = count;
  call.columns = columns;
  return call;
}

}  // namespace basewise::kernels::detail
