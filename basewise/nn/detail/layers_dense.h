// Matrix products.
#pragma once

#include <span>

#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/layer_types.h"
#include "basewise/spec/layer_choices.h"

namespace basewise::nn::detail {

using spec::DenseOn;

/// y = x W^T + b on (N, C), on a flattened (N, C L), or on the channels of every position.
struct DenseOptions {
  std::int64_t units = 0;
  DenseOn on = DenseOn::flat;
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, DenseOptions& o);

/// x W^T + b of x (N, features), or (N, C, L) taken as (N, C L).
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// For layers that hold one of their own.
LayerPtr make_dense(const DenseOptions& options, const Activation& input);

/// The type dense.
std::span<const LayerType> dense_layers();

}  // namespace basewise::nn::detail
