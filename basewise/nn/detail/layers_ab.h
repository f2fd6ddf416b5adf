// Layers on a and b channels of the irreducible form that need no convolution.
#pragma once

#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/detail/layers_activation.h"
#include "basewise/nn/layer_types.h"
#include "basewise/spec/layer_choices.h"

namespace basewise::nn::detail {

using spec::StrandPool;

// ab_batch_norm has the options of batch_norm: a channels as there; b channels, whose mean over
// both strands is zero, are divided by the root of their mean square and have no shift.

/// The function of channels that change sign.
enum class OddFunction { tanh, identity };
constexpr auto words_of(OddFunction) { return words<OddFunction>({{OddFunction::tanh, "tanh"}, {OddFunction::identity, "identity"}}); }

/// What an activation of a and b channels works on.
enum class AbBasis { irreducible, regular };
constexpr auto words_of(AbBasis) {
  return words<AbBasis>({{AbBasis::irreducible, "irreducible", "each channel by itself"},
                         {AbBasis::regular, "regular", "the function of pairs (a + b, a - b) / sqrt(2)"}});
}

/// a channels by any function, b channels by an odd one; or, basis = "regular", both by the
/// function of the pairs (a + b, a - b) / sqrt(2), as far as there are as many of both.
struct AbActivationOptions {
  ActivationKind kind = ActivationKind::relu;  ///< not softmax
  OddFunction odd = OddFunction::tanh;         ///< of b channels
  AbBasis basis = AbBasis::irreducible;
};
void describe(Visitor& v, AbActivationOptions& o);

/// To what does not depend on the strand: a[t] + a[L - 1 - t] and b[t] - b[L - 1 - t], (N,
/// a + b, L), or half of that.
struct AbPoolOptions {
  StrandPool kind = StrandPool::mean;  ///< sum or mean
};
void describe(Visitor& v, AbPoolOptions& o);

/// RC pairs (x, x') to a = (x + x') / sqrt(2), b = (x - x') / sqrt(2), or such a and b back to
/// pairs.
struct AbBasisOptions {};
void describe(Visitor& v, AbBasisOptions& o);

/// The types ab_batch_norm, ab_activation, ab_pool and ab_basis.
std::span<const LayerType> ab_layers();

}  // namespace basewise::nn::detail
