// The one function through which every convolution goes, so that other kernels can take its place.
#pragma once

#include <cstdint>

#include "basewise/tensor/torch.h"

namespace basewise::ops {

struct ConvSettings {
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  std::int64_t pad_left = 0;
  std::int64_t pad_right = 0;
};

/// Cross-correlation of x (N, C, L) with weight (filters, C / groups, width) and bias (filters) or
/// undefined: y[n, f, i] = bias[f] + sum over c, j of weight[f, c, j] x[n, c, i
/// stride - pad_left + j dilation], zero outside of x.
at::Tensor conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const ConvSettings& settings);

}  // namespace basewise::ops
