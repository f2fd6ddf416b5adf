// What the parts of a convolution unit share: everything about it that is no tensor, and the
// statistics of its normalisation.
#pragma once

#include <optional>
#include <vector>

#include "basewise/kernels/pool.h"
#include "basewise/ops/conv_unit.h"
#include "basewise/tensor/tokens.h"

namespace basewise::ops::detail {

/// Everything about a unit that is no tensor, and what its backward pass needs to know besides the
/// saved tensors.
struct UnitPlan {
  ConvSettings settings;
  kernels::Activation activation = kernels::Activation::identity;
  bool norm = false;
  bool training = false;
  bool paired = false;
  double eps = 0;
  std::optional<std::int64_t> skip_crop;
  std::int64_t pool_width = 1;  // 1: no pooling
  std::int64_t pool_left = 0;
  std::int64_t pool_right = 0;
  bool records = false;  // somebody may ask for gradients

  std::int64_t pooled(std::int64_t length) const { return (length + pool_left + pool_right - pool_width) / pool_width + 1; }

  /// The pooling behind a convolution of (batch, length, channels).
  kernels::PoolShape pool(std::int64_t batch, std::int64_t length, std::int64_t channels) const {
    return {batch, length, channels, pool_width, pool_width, pool_left, pool_right};
  }
};

/// The convolution of a unit, whether it reads rows or tokens.
kernels::ConvShape shape_of(const at::Tensor& x, const at::Tensor& weight, const ConvSettings& settings);

/// Mean and 1 / standard deviation of a batch, as (2, filters), from `mean` and sums of squared
/// distances over `count` values of each filter; running estimates move along. Partners of paired
/// channels get common statistics.
at::Tensor batch_statistics(const NormPart& norm, std::vector<double>& mean, std::vector<double>& squares, std::int64_t count);

/// The mean over two partners in both of them.
void share_sums(std::vector<double>& sums);

/// (3, filters): centre, scale and shift of the normalisation.
at::Tensor coefficients(const at::Tensor& statistics, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace basewise::ops::detail
