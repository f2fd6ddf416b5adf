// Scores, softmax and sums of attention, as plain operations on tensors.
#pragma once

#include <cstdint>

#include "basewise/ops/attention.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

/// What `ops::attention` computes, for any type and device. Works through the queries in pieces, so
/// that memory grows with their number and with the reach, not with the product of queries and
/// keys; values may have another width than queries and keys.
at::Tensor attend(const ops::AttentionTensors& tensors, const ops::AttentionReach& reach);

/// Sines of places (...), then cosines: (..., channels), angles place / 10000^(2 i / channels). In
/// double precision, so that places may be large.
at::Tensor sines(const at::Tensor& places, std::int64_t channels);

/// x (..., L, width) with the pairs of numbers 2 i and 2 i + 1 turned by
/// (first + position) / 10000^(2 i / width).
at::Tensor turned(const at::Tensor& x, std::int64_t first);

}  // namespace basewise::nn::detail
