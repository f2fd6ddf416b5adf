// Normalisation.
#pragma once

#include <span>
#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// Normalises each channel by mean and variance over batch and positions; running estimates in eval
/// mode (Ioffe, Szegedy 2015).
struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;  ///< weight of the new batch in the running estimates (torch's sense; Keras writes 1 - this)
  bool affine = true;     ///< learn a scale and a shift per channel
  double scale_initial = 1.0;  ///< start of the scales; 0: what is normalised starts as nothing, say in a residual block
};
void describe(Visitor& v, BatchNormOptions& o);

/// Normalises over the channels of each position (Ba et al. 2016).
struct LayerNormOptions {
  double eps = 1e-5;
  bool affine = true;
};
void describe(Visitor& v, LayerNormOptions& o);

/// The types batch_norm and layer_norm.
std::span<const LayerType> norm_layers();

}  // namespace basewise::nn::detail
