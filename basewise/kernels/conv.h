// 1-D convolutions in length-major memory, forward and backward, fused with what stands around them.
#pragma once

#include <cstdint>
#include <memory>

#include "basewise/kernels/shape.h"

namespace basewise::kernels {

/// What follows the sum: value = function(sum + bias), y = value + skip.
/// elu has a limit of -1, leaky_relu a slope of 0.01 below zero; gelu_tanh is the approximation of gelu by a hyperbolic tangent.
enum class Activation { identity, relu, exponential, gelu, gelu_tanh, silu, sigmoid, tanh, softplus, elu, leaky_relu };

/// Whether the derivative is known from the value after the function; others (gelu, gelu_tanh, silu) need the value before it.
constexpr bool derivative_from_value(Activation a) {
  return a != Activation::gelu && a != Activation::gelu_tanh && a != Activation::silu;
}

/// Statistics of the columns of a block, exact to rounding: mean and sum of squared distances from it.
struct ColumnStatistics {
  double* mean = nullptr;     ///< (columns)
  double* squares = nullptr;  ///< (columns): sum over all rows of (x - mean)^2
};

struct ConvForward {
  ConvShape shape{};
  ConstBlock x{};                   ///< (batch, length, channels); examples whose rows are all one-hot or zeros are read as letters
  const float* weight = nullptr;  ///< (filters, channels / groups, width), dense
  const float* bias = nullptr;    ///< (filters) or null
  Activation activation = Activation::identity;
  ConstBlock skip{};                ///< (batch, output length, filters), added last; may be null
  MutableBlock value{};             ///< gets the result before the skip; may be null
  MutableBlock y{};                 ///< (batch, output length, filters)
  ColumnStatistics statistics{};    ///< of y, where given
  ConstLetters letters{};           ///< in place of x, where `takes_letters`
};

/// Whether a convolution can read letters in place of one-hot rows: four channels, one group, a width above 1 and filters that fill a register.
bool takes_letters(const ConvShape& shape, Isa isa);

/// Computes y. Errors: ArgumentError for shapes that do not fit.
void conv_forward(const ConvForward& call, const Run& run = {});

/// A pooling by the largest, without overlap, between what `OutputGradient` describes and dy: window i covers rows i width - pad_left + j, j < width.
struct Unpool {
  const std::uint8_t* which = nullptr;  ///< (batch, rows, columns), dense: place of the largest within the part of its window that exists; null: no pooling
  std::int64_t rows = 0;                ///< rows of dy
  std::int64_t length = 0;              ///< rows that were pooled
  std::int64_t width = 1;
  std::int64_t pad_left = 0;
};

/// The gradient that arrives at the output of the sum, made row by row from the gradient after what follows it, so that it never exists as a whole.
///   g = dy function'(z)
///   without normalisation: gradient = g
///   with it (`gain` given): gradient = gain g + slope (x - centre) + offset per column, which is the gradient of batch normalisation in training
/// function'(z) is read from `value`, the result of the function, or, when that is null or `derivative_from_value` is not so, from
/// z = scale (x - centre) + shift, or z = x without `scale`.
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
  ConstBlock skip_gradient{};       ///< added to dx: row l + skip_crop of dx gets row l of this; (batch, skip_length, channels); may be null
  std::int64_t skip_crop = 0;
  std::int64_t skip_length = 0;
  float* dweight = nullptr;       ///< (filters, channels / groups, width) or null
  float* dbias = nullptr;         ///< (filters) or null
  ConstLetters letters{};         ///< in place of x, where `takes_letters`
};

/// Computes dx, dweight and dbias, each only where given. Errors: ArgumentError for shapes that do not fit.
void conv_backward(const ConvBackward& call, const Run& run = {});


}  // namespace basewise::kernels
