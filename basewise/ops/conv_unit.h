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
  /// The input itself, less this many positions at its left end (and what is too much at the
  /// right), is added at the end.
  std::optional<std::int64_t> skip_crop;
  /// The largest of windows without overlap follows; excludes `skip_crop`.
  std::optional<PoolPart> pool;
};

/// What stands behind a convolution joins its unit in this order, each at most once: a
/// normalisation, a function, the largest of windows without overlap.
/// False, and nothing changed, where it cannot.
bool join(ConvUnit& unit, const NormPart& norm);
bool join(ConvUnit& unit, const ActivationPart& activation);
bool join(ConvUnit& unit, const PoolPart& pool);

/// Scale and shift of each channel: scale x + shift.
struct Affine {
  at::Tensor scale;
  at::Tensor shift;
};

/// A normalisation by its running estimates.
Affine affine_of(const NormPart& norm);

/// Makes `after` part of the weight (units first) and the bias (may be undefined) of what stands
/// before it.
void fold(const Affine& after, at::Tensor& weight, at::Tensor& bias);

/// Whether groups have so few of the `channels` or filters each that registers would be mostly
/// empty: they are left to torch's kernels.
bool has_thin_groups(const ConvPart& conv, std::int64_t channels);

/// Whether the kernels of basewise take this: see `native`; thin groups are left to torch.
bool takes(const at::Tensor& x, const ConvPart& conv);

/// x (N, C, L), or tokens (N, L), to (N, filters, L'), length-major.
/// Only for what `takes` accepts. Gradients of any order.
at::Tensor apply(const ConvUnit& unit, const at::Tensor& x);

}  // namespace basewise::ops
