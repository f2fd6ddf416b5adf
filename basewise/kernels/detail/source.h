// Rows with zeros around them: what a kernel sees beyond the ends of a sequence.
#pragma once

#include <algorithm>
#include <cstring>

#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels::detail {

/// Copies rows [begin, end) of an example of `length` rows, those outside as zeros, without gaps
/// between rows. The buffer holds `slack` further zeros, which vector loads may touch.
inline const float* padded_rows(const ConstBlock& x, Index sample, Index length, Index columns, Index begin, Index end,
                                Buffer& buffer, Index slack = 64) {
  float* to = buffer.reserve((end - begin) * columns + slack);
  const auto [first, last] = inside(begin, end, length);
  const auto bytes = [&](Index rows) { return static_cast<std::size_t>(rows * columns) * sizeof(float); };
  std::memset(to, 0, bytes(first - begin));
  if (x.row_step == columns) {
    if (last > first) std::memcpy(to + (first - begin) * columns, x.at(sample, first), bytes(last - first));
  } else {
    for (Index r = first; r < last; ++r) std::memcpy(to + (r - begin) * columns, x.at(sample, r), bytes(1));
  }
  std::memset(to + (last - begin) * columns, 0, bytes(end - last) + static_cast<std::size_t>(slack) * sizeof(float));
  return to;
}

}  // namespace basewise::kernels::detail
