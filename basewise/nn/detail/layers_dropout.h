// Dropout.
#pragma once

#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

struct DropoutOptions {
  double rate = 0.5;      ///< share of values set to zero in training; the others grow by 1 / (1 - rate)
  bool channels = false;  ///< drop whole channels instead of single values
};
void describe(Visitor& v, DropoutOptions& o);

/// The type dropout.
std::span<const LayerType> dropout_layers();

}  // namespace basewise::nn::detail
