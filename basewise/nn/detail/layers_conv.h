// Convolution, and what every kind of convolution shares.
#pragma once

#include <span>

#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/layer_types.h"
#include "basewise/ops/conv.h"
#include "basewise/spec/layer_choices.h"

namespace basewise::nn::detail {

using spec::Padding;

/// 1-D convolution (cross-correlation): (N, C, L) to (N, filters, L').
struct ConvOptions {
  std::int64_t filters = 0;
  std::int64_t width = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  Padding padding = Padding::same;
  std::int64_t pad_left = 0;  ///< zeros at the left end, of explicit padding
  std::int64_t pad_right = 0;
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, ConvOptions& o);

/// Padding as zeros at both ends.
ops::ConvSettings resolve(const ConvOptions& o, std::int64_t span);

/// Errors: ShapeError for inputs without positions, and for groups that do not divide channels and
/// filters.
void check_conv(const ConvOptions& o, const Shape& input);

/// Shape of the output of a convolution. Errors: ShapeError for inputs shorter than the kernel.
Shape conv_shape(const Shape& input, std::int64_t filters, std::int64_t width, const ops::ConvSettings& settings);

/// The type conv.
std::span<const LayerType> conv_layers();

}  // namespace basewise::nn::detail
