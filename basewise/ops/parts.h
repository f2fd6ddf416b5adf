// What single layers compute, as values: for kernels that compute several layers at once and for
// plans of prediction.
#pragma once

#include "basewise/kernels/conv.h"
#include "basewise/kernels/pool.h"
#include "basewise/ops/conv.h"
#include "basewise/tensor/torch.h"

namespace basewise::ops {

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
  bool paired = false;  ///< channels c and C - 1 - c share statistics: running estimates have C / 2 entries, weight and bias have C

  /// Running estimates of all channels.
  at::Tensor mean() const { return all_channels(running_mean); }
  at::Tensor variance() const { return all_channels(running_variance); }

 private:
  at::Tensor all_channels(const at::Tensor& t) const { return paired ? at::cat({t, t.flip({0})}) : t; }
};

struct ActivationPart {
  kernels::Activation kind = kernels::Activation::identity;
};

/// A matrix product, of the channels of every position or of all numbers of an example.
struct DensePart {
  at::Tensor weight;
  at::Tensor bias;  ///< may be undefined
  bool on_channels = false;
};

struct PoolPart {
  kernels::Pooling kind = kernels::Pooling::largest;
  std::int64_t width = 1;
  std::int64_t stride = 1;
  std::int64_t pad_left = 0;
  std::int64_t pad_right = 0;
  bool global = false;
};

struct CropPart {
  std::int64_t left = 0;
  std::int64_t right = 0;
};

struct FlattenPart {};

/// Each number alone, or each position alone: the layer can be applied to any stretch of positions,
/// given as (positions, channels).
struct PointPart {
  bool numbers = true;  ///< each number alone, in tensors of any shape
};

/// Nothing, as dropout does in evaluation.
struct PassPart {};

}  // namespace basewise::ops
