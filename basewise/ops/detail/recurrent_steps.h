// Recurrent layers step by step, by torch's operations.
#pragma once

#include "basewise/ops/recurrent.h"

namespace basewise::ops::detail {

/// For numbers of any type on any device, with gradients of any order.
RecurrentResult recurrent_steps(const RecurrentTensors& tensors, const RecurrentSettings& settings);

}  // namespace basewise::ops::detail
