// What tests of models share: lines of model files, weights that are not at their start,
// numbers compared by their size.
#pragma once

#include <string>

#include "basewise/core/format.h"
#include "basewise/nn/model.h"

namespace basewise {

/// A layer of a model file; `list` is where it stands: "layers", "layers.layers" or "heads.layers".
inline std::string layer_text(const std::string& type, const std::string& options = {}, const std::string& list = "layers") {
  return format("[[{}]]\ntype = \"{}\"\n{}\n", list, type, options);
}

/// A head with its layers.
inline std::string head_text(const std::string& name, const std::string& layers = {}) {
  return format("[[heads]]\nname = \"{}\"\n{}\n", name, layers);
}

/// Moves all parameters by up to `by`, each number by another share: start values of norms and
/// biases hide what is left out.
inline void shake(torch::nn::Module& model, double by = 0.2) {
  const at::NoGradGuard no_grad;
  for (auto& p : model.parameters()) p.add_(at::sin(at::arange(p.numel(), p.options())).view_as(p) * by);
}

/// The largest distance, over the root mean square of `expected`.
inline double relative_difference(const at::Tensor& found, const at::Tensor& expected) {
  const at::Tensor a = found.to(at::kDouble).contiguous(), b = expected.to(at::kDouble).contiguous();
  return ((a - b).abs().max() / (b.square().mean().sqrt() + 1e-6)).item<double>();
}

}  // namespace basewise
