// A convolution and what stands behind it, computed as one: y = activation(norm(conv(x))) + skip.
#pragma once

#include <optional>

#include "basewise/ops/conv.h"
#include "basewise/ops/parts.h"

namespace basewise::ops {

struct ConvUnit {
  ConvPart conv;
  std::optional<NormPart> norm;
  std::optional<ActivationPart> activation;
  /// The input itself, less this many positions at its left end (and what is too much at the right), is added at the end.
  std::optional<std::int64_t> skip_crop;
  /// The largest of windows without overlap follows; excludes `skip_crop`.
  std::optional<PoolPart> pool;
};

/// Whether a pooling can join a unit.
bool joins(const PoolPart& pool);

/// Whether the kernels of basewise take this: see `native`; groups with few channels each are left to torch.
bool takes(const at::Tensor& x, const ConvPart& conv);

/// x (N, C, L), or letters (N, L), to (N, filters, L'), length-major. Only for what `takes` accepts. Gradients of any order.
at::Tensor apply(const ConvUnit& unit, const at::Tensor& x);

}  // namespace basewise::ops
