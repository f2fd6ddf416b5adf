// Which positions of an activation somebody needs.
#pragma once

#include <algorithm>
#include <cstdint>

#include "basewise/nn/parts.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn {

/// Positions [begin, end) of `length`; a length of -1 stands for an activation without positions.
struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t length = -1;

  static Span all(std::int64_t length) { return {0, std::max<std::int64_t>(0, length), length}; }
  static Span none(std::int64_t length) { return {0, 0, length}; }
  bool whole() const { return length < 0 || (begin == 0 && end == length); }
  bool empty() const { return begin >= end; }
  bool operator==(const Span&) const = default;
};

/// The smallest span that holds both.
Span hull(const Span& a, const Span& b);

/// Some positions of an activation.
struct Rows {
  at::Tensor x;
  Span span;
};

/// The part `want` of the positions that `rows` holds; a view.
Rows narrowed(const Rows& rows, const Span& want);

/// Positions of an input of `length` that a layer needs for `want` of its output: all where it
/// mixes them beyond a window.
Span needed(const Part& part, const Span& want, std::int64_t length);

/// The convolution from positions `from` of its input to positions `want` of its output; `from`
/// holds what `needed` says.
ops::ConvSettings settled(const ops::ConvPart& conv, const Span& from, const Span& want);

/// What a convolution computes for `want`, of an input of `length`:
/// all, when these windows would see nothing but padding.
Span computable(const ops::ConvPart& conv, const Span& want, std::int64_t length);

/// What a block makes of its input, cropped and projected, and of what the layers inside give.
at::Tensor joined(const GraphPart& part, const at::Tensor& skip, const at::Tensor& inner);

/// A block, with or without a skip, for some positions; may give more than was asked for.
Rows run_part(const GraphPart& part, const Rows& x, const Span& want);

}  // namespace basewise::nn
