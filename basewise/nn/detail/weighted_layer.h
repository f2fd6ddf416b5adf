// What layers with a weight share: start values, penalties, bounds; and what convolutions share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "basewise/ops/conv.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layer.h"
#include "basewise/nn/layers.h"

namespace basewise::nn::detail {

/// Weight and bias with start values, penalties and bounds.
class WeightedLayer : public Layer {
 public:
  at::Tensor penalty() const override {
    at::Tensor sum;
    if (options_.l1 > 0) sum = weight_.abs().sum() * options_.l1;
    if (options_.l2 > 0) {
      const at::Tensor squares = weight_.square().sum() * options_.l2;
      sum = sum.defined() ? sum + squares : squares;
    }
    return sum;
  }

  void constrain() override {
    if (!options_.max_norm) return;
    const at::NoGradGuard no_grad;
    const at::Tensor norms = weight_.flatten(1).norm(2, 1).clamp_min(1e-30);
    const at::Tensor factors = (*options_.max_norm / norms).clamp_max(1.0);
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(weight_.dim()), 1);
    sizes[0] = weight_.size(0);
    weight_.mul_(factors.view(sizes));
  }

  void initialise(std::uint64_t seed, const std::string& name) override {
    const Fans fan = fans(weight_);
    nn::initialise(weight_, options_.initialiser, options_.initialiser_scale, fan, seed, name + ".weight");
    if (bias_.defined()) nn::initialise(bias_, options_.bias_initialiser, options_.bias_scale, fan, seed, name + ".bias");
  }

  at::Tensor output_bias() const override { return bias_; }

 protected:
  WeightedLayer(WeightOptions options, at::IntArrayRef weight, bool bias) : options_(std::move(options)) {
    weight_ = register_parameter("weight", at::zeros(checked_weight(weight)));
    if (bias) bias_ = register_parameter("bias", at::zeros({weight[0]}));
  }

  at::Tensor weight_;
  at::Tensor bias_;

 private:
  WeightOptions options_;
};

/// Padding as zeros at both ends.
ops::ConvSettings resolve(const ConvOptions& o, std::int64_t span);

/// Errors: ShapeError for options that contradict each other, and for groups that do not divide channels and filters.
void check_conv(const ConvOptions& o, const Shape& input);

/// Shape of the output of a convolution. Errors: ShapeError for inputs shorter than the kernel.
Shape conv_shape(const Shape& input, std::int64_t filters, std::int64_t width, const ops::ConvSettings& settings);

/// x W^T + b of x (N, features), or (N, C, L) taken as (N, C L).
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace basewise::nn::detail
