// Weights without gradients.
#pragma once

#include <vector>

#include "basewise/tensor/torch.h"

namespace basewise::interpret::detail {

/// No weight of a model has a gradient within the scope, so that passes keep nothing for one and
/// norms become part of what stands before them.
class FrozenScope {
 public:
  explicit FrozenScope(torch::nn::Module& module) {
    for (const at::Tensor& parameter : module.parameters())
      if (parameter.requires_grad()) before_.push_back(parameter.requires_grad_(false));
  }
  ~FrozenScope() {
    for (const at::Tensor& parameter : before_) parameter.requires_grad_(true);
  }
  FrozenScope(const FrozenScope&) = delete;
  FrozenScope& operator=(const FrozenScope&) = delete;

 private:
  std::vector<at::Tensor> before_;
};

}  // namespace basewise::interpret::detail
