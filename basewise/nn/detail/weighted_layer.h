// What layers with a weight share: start values, penalties, bounds.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layer.h"

namespace basewise::nn::detail {

/// Start, penalties and bounds of a layer's weight; shared by layers that have one.
struct WeightOptions {
  Initialiser initialiser = Initialiser::torch;
  double initialiser_scale = 1.0;
  Initialiser bias_initialiser = Initialiser::torch;
  double bias_scale = 1.0;
  double l1 = 0.0;                 ///< adds l1 * sum |w| to the loss
  double l2 = 0.0;                 ///< adds l2 * sum w^2 to the loss
  std::optional<double> max_norm;  ///< largest L2 norm of the weights of one output channel
};
/// Describes the fields inline (no group).
void describe(Visitor& v, WeightOptions& o);

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

}  // namespace basewise::nn::detail
