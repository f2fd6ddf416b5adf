// Attention of heads with a term for the distance, and its gradients, by the kernels of basewise.
#pragma once

#include <cstdint>

#include "basewise/tensor/torch.h"

namespace basewise::ops {

/// Query i stands at the place of key `before` + i, and attends to keys from `left` places before
/// its own to `right` behind it that are there.
struct AttentionReach {
  std::int64_t before = 0;
  std::int64_t left = 0;
  std::int64_t right = 0;
};

/// What is read: kernels/attention.h has the formula. Biases and positions are undefined together.
struct AttentionTensors {
  at::Tensor query;          ///< (heads, N, queries, width)
  at::Tensor key;            ///< (heads, N, keys, width)
  at::Tensor value;          ///< (heads, N, keys, width)
  at::Tensor content_bias;   ///< (heads, width)
  at::Tensor position_bias;  ///< (heads, width)
  at::Tensor position;       ///< (heads, left + right + 1, width)
  at::Tensor absent;         ///< (N) whole numbers: so many first keys are not there; undefined: all are
};

/// Whether the kernels compute it: single precision on a CPU, a reach whose scores fit a cache.
bool takes_attention(const AttentionTensors& tensors, const AttentionReach& reach);

/// Sums of values by attention, (heads, N, queries, width). Its gradients have no gradients: those
/// are torch's, where torch's kernels are chosen.
at::Tensor attention(const AttentionTensors& tensors, const AttentionReach& reach);

}  // namespace basewise::ops
