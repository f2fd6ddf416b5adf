// Which layers draw at random in training.
#pragma once

#include "basewise/tensor/torch.h"

namespace basewise::nn {

/// Whether a layer sets random values to zero while it is in training mode. With these in training
/// mode and all others in evaluation mode a model predicts as in Monte Carlo dropout (Gal and
/// Ghahramani 2016).
bool drops_out(const torch::nn::Module& layer);

}  // namespace basewise::nn
