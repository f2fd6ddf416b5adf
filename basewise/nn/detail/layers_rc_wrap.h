// Any layers made equivariant by running them on both strands.
#pragma once

#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// Makes any layers g inside equivariant: y = [g(x), RC g(RC x)], (N, C, L) complemented to (N, 2
/// F, L') complemented. Both strands pass in one batch, which costs as much as two examples do
/// (Zhou et al. 2022, "CJRCWrapper").
struct RcWrapOptions {};
void describe(Visitor& v, RcWrapOptions& o);

/// The type rc_wrap.
std::span<const LayerType> rc_wrap_layers();

}  // namespace basewise::nn::detail
