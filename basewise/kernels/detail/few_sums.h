// Sums for few outputs: registers hold positions.
#pragma once

#include <functional>
#include <vector>

#include "basewise/kernels/detail/buffer.h"

namespace basewise::kernels::detail {

/// out[r, m] = sum over taps t and k < depth of weight(m, t, k) source[r + t dilation, k] for up to
/// eight outputs m. Blocks of the source are turned, so that the positions of a number lie side by
/// side; then every tap reads them a little further on. A sum is the same wherever blocks and tiles
/// begin.
class FewSums {
 public:
  /// weight(m, t, to): `depth` numbers.
  using Weight = std::function<void(Index m, Index tap, float* to)>;

  FewSums(const Micro& micro, Index outputs, Index depth, Index taps, Index dilation, const Weight& weight);

  /// `source`: the row that the first tap of the first output reads, `step` from row to row. Of
  /// `to`, what says where the sums are and how they are put together is filled in here.
  /// `ahead`: what the caller reads next.
  void compute(const float* source, Index step, FewRowsCall to, const Ahead& ahead, Buffer& scratch) const;

 private:
  const Micro& micro_;
  Index outputs_;
  Index depth_;
  Index taps_;
  Index dilation_;
  Index phases_;  ///< neighbouring taps whose sums are kept apart and added last
  Index steps_;   ///< taps of one phase
  Buffer packed_;
};

/// Whether that is faster than tiles whose registers hold outputs.
bool prefers_few(const Micro& micro, Index outputs, Index taps, Index stride, Index dilation);

}  // namespace basewise::kernels::detail
