// The gradients of a 1-D convolution in length-major memory, fused with those of what follows it.
#pragma once

#include <cstdint>

#include "basewise/kernels/activation.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels {

/// A pooling by the largest, without overlap, between what `OutputGradient` describes and dy:
/// window i covers rows i width - pad_left + j, j < width.
struct Unpool {
  /// (batch, rows, columns), dense: place of the largest within the part of its window that exists;
  /// null: no pooling
  const std::uint8_t* which = nullptr;
  std::int64_t rows = 0;                ///< rows of dy
  std::int64_t length = 0;              ///< rows that were pooled
  std::int64_t width = 1;
  std::int64_t pad_left = 0;
};

/// The gradient that arrives at the output of the sum, made row by row from the gradient after what
/// follows it, so that it never exists as a whole.
///   g = dy function'(z)
///   without normalisation: gradient = g
///   with it (`gain` given): gradient = gain g + slope (x - centre) + offset per column, which is
///     the gradient of batch normalisation in training
/// function'(z) is read from `value`, the result of the function, or, when that is null or
/// `derivative_from_value` is not so, from z = scale (x - centre) + shift, or z = x without
/// `scale`.
struct OutputGradient {
  ConstBlock dy{};
  Activation activation = Activation::identity;
  ConstBlock value{};
  ConstBlock x{};  ///< what was normalised, or what the function got
  const float* centre = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;
  const float* gain = nullptr;
  const float* slope = nullptr;
  const float* offset = nullptr;
  Unpool pool{};  ///< dy, and `value` where it is given, are rows after this pooling
};

struct ConvBackward {
  ConvShape shape{};
  OutputGradient gradient{};
  ConstBlock x{};                   ///< input of the convolution; needed for dweight
  const float* weight = nullptr;  ///< needed for dx
  MutableBlock dx{};                ///< (batch, length, channels) or null
  /// added to dx: row l + skip_crop of dx gets row l of this;
  /// (batch, skip_length, channels); may be null
  ConstBlock skip_gradient{};
  std::int64_t skip_crop = 0;
  std::int64_t skip_length = 0;
  float* dweight = nullptr;       ///< (filters, channels / groups, width) or null
  float* dbias = nullptr;         ///< (filters) or null
  ConstTokens tokens{};         ///< in place of x, where `takes_tokens`
};

/// Computes dx, dweight and dbias, each only where given.
/// Errors: ArgumentError for shapes that do not fit.
void conv_backward(const ConvBackward& call, const Run& run = {});

}  // namespace basewise::kernels
