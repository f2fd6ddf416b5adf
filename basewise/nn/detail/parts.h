// What a layer computes, for kernels that compute several layers at once.
#pragma once

#include <variant>

#include "basewise/kernels/conv.h"
#include "basewise/nn/detail/conv.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

struct ConvPart {
  at::Tensor weight;
  at::Tensor bias;  ///< may be undefined
  ConvSettings settings;
};

struct NormPart {
  at::Tensor weight;  ///< undefined without learned scale and shift
  at::Tensor bias;
  at::Tensor running_mean;
  at::Tensor running_variance;
  at::Tensor batches;
  bool training = false;
  double momentum = 0.1;
  double eps = 1e-5;
};

struct ActivationPart {
  kernels::Activation kind = kernels::Activation::identity;
};

struct Part {
  std::variant<std::monostate, ConvPart, NormPart, ActivationPart> what{};
};

}  // namespace basewise::nn::detail
