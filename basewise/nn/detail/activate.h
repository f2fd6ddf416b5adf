// The functions of `activation`, for layers that apply them to part of their channels.
#pragma once

#include "basewise/nn/layers.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

/// The function of `o` on every number (softmax: over channels).
at::Tensor activate(const at::Tensor& x, const ActivationOptions& o);

}  // namespace basewise::nn::detail
