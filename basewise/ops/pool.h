// Layers without weights on basewise's kernels. Only for what `native` accepts.
#pragma once

#include "basewise/kernels/pool.h"
#include "basewise/tensor/torch.h"

namespace basewise::ops {

/// x (N, C, L) to (N, C, L'), length-major. Gradients of first order; those of higher order come
/// from torch's own functions.
at::Tensor pool(const at::Tensor& x, kernels::Pooling kind, std::int64_t width, std::int64_t stride, std::int64_t pad_left,
                std::int64_t pad_right);

/// Gradient of `pool` in torch's functions; `which` (N, L', C) bytes as the kernels leave it.
at::Tensor differentiable_pool_backward(const kernels::PoolShape& shape, kernels::Pooling kind, const at::Tensor& which,
                                        const at::Tensor& dy);

/// Zeros with probability `rate`, the rest grown by 1 / (1 - rate). The key is drawn from torch's
/// generator, the mask is counted from it.
at::Tensor dropout(const at::Tensor& x, double rate);

}  // namespace basewise::ops
