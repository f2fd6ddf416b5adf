// Convolutions over numbers rounded to bfloat16, added up in single precision: for processors that
// multiply pairs of such numbers.
#pragma once

#include <vector>

#include "basewise/kernels/detail/bfloat16_micro.h"
#include "basewise/kernels/detail/winograd.h"

namespace basewise::kernels::detail {

/// Null where the processor, or this build, has no such instructions.
const Bfloat16Micro* bfloat16_micro();

/// Whether such sums serve: enough channels on both sides to fill registers.
bool prefers_bfloat16(Index outputs, Index depth);

/// The same sum as `Correlation`, for evenly spaced taps, any stride.
class Bfloat16Sum {
 public:
  /// weight(m, t, k): called once for every tap. Tap t of output row r reads row r
  /// stride + first + t dilation.
  Bfloat16Sum(Index outputs, Index depth, Index first, Index width, Index dilation, Index stride, const Correlation::Weight& weight,
           const Executor& executor);

  Index padded_outputs() const { return round_up(outputs_, kPanel); }

  /// `target.count` rows of output, the first of which is row `begin`; `target.bias` has
  /// `padded_outputs()` numbers.
  void compute(const RowSource& source, Index begin, const Correlation::Target& target) const;

 private:
  static constexpr Index kPanel = 32;
  void pack_panel(Index panel, const Correlation::Weight& weight);
  std::vector<Segment> segments() const;

  const Bfloat16Micro& micro_;
  Index outputs_;
  Index depth_;
  Index even_;  ///< depth rounded up to pairs
  Index first_;
  Index width_;
  Index dilation_;
  Index stride_;
  std::vector<Bfloat16> packed_;  ///< (panels, taps, depth / 2, 32, 2)
};

}  // namespace basewise::kernels::detail
