// Weights that layers build from their parameters, made once for each pass through a model.
#pragma once

#include <unordered_map>
#include <utility>

#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

/// Weight and bias as kernels take them; the bias may be undefined.
struct BuiltWeights {
  at::Tensor weight;
  at::Tensor bias;
};

/// While one lives on this thread, `built` makes the weights of each layer once. Parameters do not
/// change within a pass, and nothing is kept beyond it: how they change between passes (optimisers
/// write through pointers) cannot make what is kept here stale.
class BuildScope {
 public:
  BuildScope();
  ~BuildScope();
  BuildScope(const BuildScope&) = delete;
  BuildScope& operator=(const BuildScope&) = delete;

 private:
  template <class F>
  friend BuiltWeights built(const void* layer, F&& make);
  static BuildScope* current();

  BuildScope* outer_;
  std::unordered_map<const void*, std::pair<BuiltWeights, bool>> kept_;  // and whether gradients were recorded
};

/// The weights that `make` gives, kept for `layer` in the innermost scope of this thread where
/// there is one.
template <class F>
BuiltWeights built(const void* layer, F&& make) {
  BuildScope* scope = BuildScope::current();
  if (scope == nullptr) return make();
  auto& [weights, recorded] = scope->kept_[layer];
  if (!weights.weight.defined() || recorded != at::GradMode::is_enabled()) weights = make(), recorded = at::GradMode::is_enabled();
  return weights;
}

}  // namespace basewise::nn::detail
