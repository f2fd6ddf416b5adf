// Convolution between irreducible forms.
#pragma once

#include <cstdint>
#include <span>

#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/layer_types.h"
#include "basewise/spec/layer_choices.h"

namespace basewise::nn::detail {

using spec::Padding;

/// Convolution between irreducible forms, or from RC pairs: (N, C, L) to (N, a + b, L'). Kernels a
/// to a and b to b are palindromic, a to b and b to a antipalindromic; their first halves are
/// learned, as weight_aa, weight_ab (to a, of b), weight_ba, weight_bb. Only a channels have a
/// bias.
struct AbConvOptions {
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t width = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  Padding padding = Padding::same;  ///< same or valid
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, AbConvOptions& o);

/// The type ab_conv.
std::span<const LayerType> ab_conv_layers();

}  // namespace basewise::nn::detail
