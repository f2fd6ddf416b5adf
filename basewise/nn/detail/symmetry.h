// What layers ask about positions and symmetry of their input, and the words of their refusals.
#pragma once

#include <cstdint>
#include <string_view>

#include "basewise/nn/layer.h"

namespace basewise::nn::detail {

/// Throws ShapeError unless the input has positions: "got (N, 64), expected (N, channels, length)".
void need_positions(const Shape& input);

/// Throws ShapeError unless channels c and C - 1 - c of the input are reverse-complement pairs:
/// says which layer lost them, and the way out.
void need_pairs(const Activation& input);

/// Throws ShapeError where unequal cuts at the ends (`what` makes them) would lose a symmetry that
/// a layer above was built to keep.
void check_even_cut(const Activation& input, std::int64_t left, std::int64_t right, std::string_view what);

/// Windows over positions; they tile symmetrically when paddings are equal and
/// (L + paddings - span) is a multiple of the stride.
struct Windows {
  std::int64_t span = 1;
  std::int64_t stride = 1;
  std::int64_t pad_left = 0;
  std::int64_t pad_right = 0;

  /// Whether they lie alike from both ends. Of an unknown length: whether they do for all.
  bool even(std::int64_t length) const;

  /// Throws ShapeError that names the nearest lengths which work, or what to do about unequal
  /// padding. Unknown lengths pass if some length works.
  void check(const Shape& input) const;
};

/// Whether a layer of windows behind this input has to refuse uneven ones.
inline bool guards(const Activation& input) { return input.mirrors() && input.symmetry.kept; }

}  // namespace basewise::nn::detail
