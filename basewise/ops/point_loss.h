// Losses of number against number on basewise's kernels.
#pragma once

#include "basewise/kernels/loss_kind.h"
#include "basewise/tensor/torch.h"

namespace basewise::ops {

struct PointLossOptions {
  kernels::PointLoss kind = kernels::PointLoss::square;
  double epsilon = 0;
  double smoothing = 0;
};

/// Whether `point_loss` takes this output and target: see `native`;
/// two or three axes, no gradient to the target.
bool takes_loss(const at::Tensor& x, const at::Tensor& y);

/// Sum of the measured values divided by `divisor`. x, y and, where defined, measured (bool) and
/// weight have one shape; any strides. Gradients of any order to x.
at::Tensor point_loss(const at::Tensor& x, const at::Tensor& y, const at::Tensor& measured, const at::Tensor& weight,
                      const PointLossOptions& options, double divisor);

}  // namespace basewise::ops
