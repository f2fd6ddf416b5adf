#include "basewise/train/detail/update_rules_tensorflow.h"

#include <cmath>

#include "basewise/train/detail/rows.h"

namespace basewise::train::detail {
namespace {

using Tensors = std::vector<at::Tensor>;

/// The learning rate is inside what momentum remembers, so that a change of the rate acts on later
/// gradients only.
class SgdKeras final : public Optimizer {
 public:
  SgdKeras(NamedParameters parameters, const OptimizerOptions& options) : Optimizer(std::move(parameters), options, {{"velocity"}}) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double momentum = size.momentum.value_or(options_.momentum);
    Tensors& velocity = a.slots[0];
    at::_foreach_mul_(velocity, momentum);
    at::_foreach_add_(velocity, a.gradients, -size.learning_rate);
    if (!options_.nesterov) return at::_foreach_add_(a.parameters, velocity);
    at::_foreach_add_(a.parameters, velocity, momentum);
    at::_foreach_add_(a.parameters, a.gradients, -size.learning_rate);
  }
};

/// The mean square starts at 1, epsilon stands inside the root, and the learning rate inside what
/// momentum remembers.
class RmsPropTensorFlow final : public Optimizer {
 public:
  RmsPropTensorFlow(NamedParameters parameters, const OptimizerOptions& options)
      : Optimizer(std::move(parameters), options, {{"square", 1}, {"mean"}, {"momentum"}}) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double momentum = size.momentum.value_or(options_.momentum), rest = 1 - options_.smoothing;
    Tensors &square = a.slots[0], &mean = a.slots[1], &step = a.slots[2];
    at::_foreach_mul_(square, options_.smoothing);
    at::_foreach_addcmul_(square, a.gradients, a.gradients, rest);
    Tensors inside = at::_foreach_add(square, options_.epsilon);
    if (options_.centered) {
      at::_foreach_lerp_(mean, a.gradients, rest);
      at::_foreach_addcmul_(inside, mean, mean, -1);
    }
    at::_foreach_sqrt_(inside);
    at::_foreach_mul_(step, momentum);
    at::_foreach_addcdiv_(step, a.gradients, inside, size.learning_rate);
    at::_foreach_sub_(a.parameters, step);
  }
};

/// Epsilon stands beside the root before the bias of the moments is taken out ("epsilon hat" of
/// Kingma and Ba), so that it is larger in effect in the first steps.
class AdamTensorFlow final : public Optimizer {
 public:
  AdamTensorFlow(NamedParameters parameters, const OptimizerOptions& options)
      : Optimizer(std::move(parameters), options, {{"first"}, {"second"}}) {}

 private:
  double rate(const StepSize& size, double beta1, double steps) const {
    return size.learning_rate * std::sqrt(1 - std::pow(options_.beta2, steps)) / (1 - std::pow(beta1, steps));
  }

  void update(Active& a, const StepSize& size) override {
    const double beta1 = size.momentum.value_or(options_.beta1);
    Tensors &first = a.slots[0], &second = a.slots[1];
    at::_foreach_lerp_(first, a.gradients, 1 - beta1);
    at::_foreach_mul_(second, options_.beta2);
    at::_foreach_addcmul_(second, a.gradients, a.gradients, 1 - options_.beta2);
    std::vector<at::Scalar> scale;
    for (const double t : a.steps) scale.emplace_back(-rate(size, beta1, t));
    Tensors denominator = at::_foreach_sqrt(second);
    at::_foreach_add_(denominator, options_.epsilon);
    at::_foreach_addcdiv_(a.parameters, first, denominator, scale);
  }

  std::optional<kernels::Update> rule(const StepSize& size, double steps) const override {
    const double beta1 = size.momentum.value_or(options_.beta1);
    kernels::Update u;
    u.rule = kernels::UpdateRule::adam;
    u.rate = single(rate(size, beta1, steps));
    u.lag = single(1 - beta1);
    u.memory = single(options_.beta2);
    u.rest = single(1 - options_.beta2);
    u.epsilon = single(options_.epsilon);
    return u;
  }
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd_keras(NamedParameters parameters, const OptimizerOptions& options) {
  return std::make_unique<SgdKeras>(std::move(parameters), options);
}

std::unique_ptr<Optimizer> make_rmsprop_tensorflow(NamedParameters parameters, const OptimizerOptions& options) {
  return std::make_unique<RmsPropTensorFlow>(std::move(parameters), options);
}

std::unique_ptr<Optimizer> make_adam_tensorflow(NamedParameters parameters, const OptimizerOptions& options) {
  return std::make_unique<AdamTensorFlow>(std::move(parameters), options);
}

}  // namespace basewise::train::detail
