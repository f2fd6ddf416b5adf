// Dense layers over all numbers of an example on basewise's kernels.
#pragma once

#include "basewise/tensor/torch.h"

namespace basewise::ops {

/// Whether `dense` takes this (N, C, L): see `native`; the memory is length-major, and the batch is
/// large enough that packing the weights pays.
bool takes_dense(const at::Tensor& x, const at::Tensor& weight);

/// x (N, C, L) to (N, units): weight (units, C L) over the channels, then the positions, as if x
/// was flattened. Gradients of any order.
at::Tensor dense(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace basewise::ops
