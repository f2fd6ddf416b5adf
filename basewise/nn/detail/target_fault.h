// Targets against what their loss is defined for.
#pragma once

#include <optional>

#include "basewise/nn/loss.h"

namespace basewise::nn::detail {

/// The first measured value of `target` (N, ...) that a loss of this type has no meaning for; names
/// of loss and target are left open. `shares`: of a cross_entropy, the target holds a share of each
/// class, not the number of one. `mask` and `weight` as for `Loss`; a mask of a shape that does not
/// fit is not looked at, since the loss refuses it.
std::optional<TargetFault> target_fault(LossType type, bool shares, const at::Tensor& target, const at::Tensor& mask,
                                        const at::Tensor& weight);

}  // namespace basewise::nn::detail
