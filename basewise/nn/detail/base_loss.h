// What all losses share: masks, weights of examples, and what is divided by.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/nn/detail/losses.h"
#include "basewise/ops/point_loss.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn::detail {

/// The mask as bool with as many axes as `like`, whose leading axes it must have;
/// undefined stays undefined.
/// Errors: ShapeError with both shapes.
at::Tensor bool_mask(const at::Tensor& mask, const at::Tensor& like);

/// The target in the shape and type of the output. Broadcasting (N) against (N, 1) would silently
/// make (N, N).
/// Errors: ShapeError with both shapes.
at::Tensor fitted_target(const at::Tensor& output, const at::Tensor& target);

/// Zero with zero gradient wherever the mask is false: what stood there, NaN included, is gone.
at::Tensor blank(const at::Tensor& values, const at::Tensor& mask);

/// Numbers of the examples (N) beside values (N, ...).
at::Tensor along_examples(const at::Tensor& weight, const at::Tensor& values);

/// What is measured, without the examples of weight 0.
at::Tensor weighed_mask(const at::Tensor& mask, const at::Tensor& weight, const at::Tensor& like);

/// A loss whose values lie in a tensor: which of them are measured, and how they become one number.
class BaseLoss : public Loss {
 public:
  explicit BaseLoss(LossOptions options) : options_(std::move(options)) {}

  double measured(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const override {
    const at::Tensor values = values_of(output);
    if (options_.reduction == Reduction::sum) return static_cast<double>(values.size(0));
    const at::Tensor counted = measured_values(output, mask, weight);
    return counted.defined() ? counted.sum().item<double>() : static_cast<double>(values.numel());
  }

 protected:
  // A tensor of the shape of the values that are reduced; what it holds does not matter.
  virtual at::Tensor values_of(const at::Tensor& output) const { return output; }

  // Which of them are measured; undefined: all.
  virtual at::Tensor measured_values(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const {
    return weighed_mask(bool_mask(mask, values_of(output)), weight, values_of(output));
  }

  // `values` is 0 where `mask` is false.
  at::Tensor reduce(const at::Tensor& values, const at::Tensor& mask, const at::Tensor& weight) const {
    const at::Tensor sum = weight.defined() ? (values * along_examples(weight, values)).sum() : values.sum();
    if (options_.reduction == Reduction::sum) return sum / static_cast<double>(std::max<std::int64_t>(values.size(0), 1));
    if (mask.defined()) return sum / mask.sum().clamp_min(1);
    return sum / static_cast<double>(std::max<std::int64_t>(values.numel(), 1));
  }

  // Number against number in one pass of basewise's kernels, reduced the same way;
  // undefined where they do not take it.
  at::Tensor in_one_pass(const at::Tensor& x, const at::Tensor& y, const at::Tensor& mask, const ops::PointLossOptions& o,
                         const at::Tensor& example_weight, const at::Tensor& weight = {}) const {
    if (example_weight.defined() || !ops::takes_loss(x, y)) return {};
    double divisor = static_cast<double>(x.numel());
    if (options_.reduction == Reduction::sum)
      divisor = static_cast<double>(x.size(0));
    else if (mask.defined())
      divisor = static_cast<double>(std::max<std::int64_t>(mask.sum().item<std::int64_t>(), 1));
    return ops::point_loss(x, y, mask, weight, o, divisor);
  }

  // Class weights along axis 1 of `like`, one for all or one each.
  at::Tensor class_weights(const at::Tensor& like, bool one_is_enough) const {
    const auto given = static_cast<std::int64_t>(options_.class_weights.size());
    const std::int64_t channels = like.dim() > 1 ? like.size(1) : 1;
    if (given != channels && !(one_is_enough && given == 1))
      throw ShapeError(
          format("class_weights has {} values, the output of shape {} has {} channels", given, shape_text(like.sizes()), channels));
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(like.dim()), 1);
    if (like.dim() > 1) sizes[1] = given;
    return to_tensor(options_.class_weights, {given}).to(like.options()).view(sizes);
  }

  LossOptions options_;
};

}  // namespace basewise::nn::detail
