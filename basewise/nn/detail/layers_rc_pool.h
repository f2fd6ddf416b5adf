// The two channels of reverse-complement (RC) pairs brought together.
#pragma once

#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"
#include "basewise/spec/layer_choices.h"

namespace basewise::nn::detail {

using spec::StrandPool;

/// Complemented (N, 2 F, L) to what does not depend on the strand. sum: y[t, c] = x[t, c] +
/// x[L - 1 - t, 2 F - 1 - c], (N, F, L); mean: half of it. weighted: y[c] = sum over t of x[t, c]
/// V[t, c], (N, 2 F) complemented, V of one channel of a pair being the other's mirrored; learned
/// (F, L), start U(+-sqrt(6 / (4 F L))) (RevCompSumPool and WeightedSum1D of keras-genomics).
struct RcPoolOptions {
  StrandPool kind = StrandPool::sum;
  bool symmetric = false;  ///< of weighted: position t weighs as much as L - 1 - t
};
void describe(Visitor& v, RcPoolOptions& o);

/// The type rc_pool.
std::span<const LayerType> rc_pool_layers();

}  // namespace basewise::nn::detail
