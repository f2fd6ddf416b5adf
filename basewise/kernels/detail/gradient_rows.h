// The gradient of an output as the innermost loops take it.
#pragma once

#include "basewise/kernels/conv_backward.h"
#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {

/// What is brought back through a pooling, for as long as a call is used.
struct UnpoolBuffers {
  Buffer pooled, rows;
};

/// Rows [first, first + count) of a pooled gradient before the pooling; through the function
/// already, where the value after it is given.
inline ConstRows unpooled(const OutputGradient& g, Index sample, Index first, Index count, Index columns,
                          const Micro& micro, UnpoolBuffers& buffers) {
  const Unpool& p = g.pool;
  const Index begin = std::max<Index>(0, floor_div(first + p.pad_left, p.width)),
              end = std::min(p.rows, ceil_div(first + count + p.pad_left, p.width));
  ConstRows dy{g.dy.at(sample, begin), g.dy.row_step};
  if (g.value && end > begin) {
    GradientCall call{};
    call.dy = dy;
    call.value = {g.value.at(sample, begin), g.value.row_step};
    call.function = static_cast<Function>(g.activation);
    call.out = {buffers.pooled.reserve((end - begin) * columns), columns};
    call.rows = end - begin, call.columns = columns;
    micro.gradient(call);
    dy = {call.out.data, columns};
  }
  const auto start = [&](Index i) { return std::clamp<Index>(i * p.width - p.pad_left, 0, p.length); };
  const Index low = std::min(first, end > begin ? start(begin) : first), high = std::max(first + count, end > begin ? start(end) : 0);
  float* rows = buffers.rows.reserve((high - low) * columns);
  for (Index i = begin; i < end; ++i)
    micro.scatter_row(dy.data + (i - begin) * dy.step, p.which + (sample * p.rows + i) * columns, start(i + 1) - start(i), columns,
                      {rows + (start(i) - low) * columns, columns}, false);
  const Index covered = end > begin ? start(end) : first;  // rows behind the last window
  if (covered < first + count) std::fill(rows + (covered - low) * columns, rows + (first + count - low) * columns, 0.0f);
  return {rows + (first - low) * columns, columns};
}

/// Rows [first, first + count) of one example of `g`; where they go to is left to the caller.
inline GradientCall gradient_call(const OutputGradient& g, Index sample, Index first, Index count, Index columns, const Micro& micro,
                                  UnpoolBuffers& buffers) {
  GradientCall call{};
  call.function = static_cast<Function>(g.activation);
  if (g.pool.which != nullptr) {
    call.dy = unpooled(g, sample, first, count, columns, micro, buffers);
    if (g.value) call.function = Function::identity;
  } else {
    call.dy = {g.dy.at(sample, first), g.dy.row_step};
    if (g.value) call.value = {g.value.at(sample, first), g.value.row_step};
  }
  if (g.x) call.x = {g.x.at(sample, first), g.x.row_step};
  call.centre = g.centre, call.scale = g.scale, call.shift = g.shift;
  call.gain = g.gain, call.slope = g.slope, call.offset = g.offset;
  call.rows = count;
  call.columns = columns;
  return call;
}

/// Rows of dy with zeros around them become gradients of the sums; see OutputGradient.
class GradientRows {
 public:
  GradientRows(const OutputGradient& g, Index columns, Index length, const Micro& m)
      : g_(g), columns_(columns), length_(length), micro_(m) {}

  // Rows [begin, end) of one example into `to`, `step` numbers apart;
  // numbers beyond the columns become zeros.
  void fill(Index sample, Index begin, Index end, float* to, Index step) const {
    const auto [first, last] = inside(begin, end, length_);
    std::fill(to, to + (first - begin) * step, 0.0f);
    std::fill(to + (last - begin) * step, to + (end - begin) * step, 0.0f);
    if (last == first) return;
    thread_local UnpoolBuffers buffers;
    GradientCall call = gradient_call(g_, sample, first, last - first, columns_, micro_, buffers);
    call.out = {to + (first - begin) * step, step};
    micro_.gradient(call);
    if (step > columns_)
      for (Index r = first; r < last; ++r) std::fill(to + (r - begin) * step + columns_, to + (r - begin + 1) * step, 0.0f);
  }

 private:
  const OutputGradient& g_;
  Index columns_;
  Index length_;
  const Micro& micro_;
};

}  // namespace basewise::kernels::detail
