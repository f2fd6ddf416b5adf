// Gradients of convolution units in torch's own functions, whose gradients torch knows.
#pragma once

#include <vector>

#include "basewise/ops/detail/conv_unit_plan.h"
#include "basewise/tensor/torch.h"

namespace basewise::ops::detail {

/// What the backward pass of a unit reads.
struct UnitSaved {
  at::Tensor x, weight, bias, gamma, beta, kept, statistics, which;
};

/// Gradients to x, weight, bias, scale and shift of the same unit, for gradients of gradients.
std::vector<at::Tensor> differentiable_backward(const UnitPlan& plan, const UnitSaved& saved, const at::Tensor& dy);

}  // namespace basewise::ops::detail
