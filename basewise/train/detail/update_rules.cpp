#include "basewise/train/detail/update_rules.h"

#include <cmath>

#include "basewise/train/detail/rows.h"

namespace basewise::train::detail {
namespace {

using Tensors = std::vector<at::Tensor>;

std::vector<at::Scalar> scalars(const std::vector<double>& values) { return {values.begin(), values.end()}; }

class Sgd final : public Optimizer {
 public:
  Sgd(NamedParameters parameters, const OptimizerOptions& options) : Optimizer(std::move(parameters), options, {{"momentum"}}) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double momentum = size.momentum.value_or(options_.momentum);
    Tensors& direction = a.slots[0];
    // A buffer of zeros gives b = g at the first step, as the formula says.
    at::_foreach_mul_(direction, momentum);
    at::_foreach_add_(direction, a.gradients);
    if (!options_.nesterov) {
      at::_foreach_add_(a.parameters, direction, -size.learning_rate);
      return;
    }
    at::_foreach_add_(a.gradients, direction, momentum);
    at::_foreach_add_(a.parameters, a.gradients, -size.learning_rate);
  }

  std::optional<kernels::Update> rule(const StepSize& size, double) const override {
    kernels::Update u;
    u.rule = options_.nesterov ? kernels::UpdateRule::nesterov : kernels::UpdateRule::sgd;
    u.rate = single(size.learning_rate);
    u.momentum = single(size.momentum.value_or(options_.momentum));
    return u;
  }
};

class RmsProp final : public Optimizer {
 public:
  RmsProp(NamedParameters parameters, const OptimizerOptions& options)
      : Optimizer(std::move(parameters), options, {{"square"}, {"mean"}, {"momentum"}}) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double momentum = size.momentum.value_or(options_.momentum);
    Tensors &square = a.slots[0], &mean = a.slots[1], &direction = a.slots[2];
    at::_foreach_mul_(square, options_.smoothing);
    at::_foreach_addcmul_(square, a.gradients, a.gradients, 1 - options_.smoothing);
    Tensors denominator;
    if (options_.centered) {
      at::_foreach_lerp_(mean, a.gradients, 1 - options_.smoothing);
      denominator = at::_foreach_addcmul(square, mean, mean, -1);
      at::_foreach_sqrt_(denominator);
    } else {
      denominator = at::_foreach_sqrt(square);
    }
    at::_foreach_add_(denominator, options_.epsilon);
    at::_foreach_mul_(direction, momentum);
    at::_foreach_addcdiv_(direction, a.gradients, denominator);
    at::_foreach_add_(a.parameters, direction, -size.learning_rate);
  }

  std::optional<kernels::Update> rule(const StepSize& size, double) const override {
    kernels::Update u;
    u.rule = options_.centered ? kernels::UpdateRule::centred : kernels::UpdateRule::rmsprop;
    u.rate = single(size.learning_rate);
    u.momentum = single(size.momentum.value_or(options_.momentum));
    u.memory = single(options_.smoothing);
    u.rest = single(1 - options_.smoothing);
    u.epsilon = single(options_.epsilon);
    return u;
  }
};

class Adam final : public Optimizer {
 public:
  Adam(NamedParameters parameters, const OptimizerOptions& options, bool decoupled)
      : Optimizer(std::move(parameters), options, {{"first"}, {"second"}}), decoupled_(decoupled) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double beta1 = size.momentum.value_or(options_.beta1);
    Tensors &first = a.slots[0], &second = a.slots[1];
    at::_foreach_lerp_(first, a.gradients, 1 - beta1);
    at::_foreach_mul_(second, options_.beta2);
    at::_foreach_addcmul_(second, a.gradients, a.gradients, 1 - options_.beta2);
    std::vector<double> scale, root;
    for (const double t : a.steps) {
      scale.push_back(-size.learning_rate / (1 - std::pow(beta1, t)));
      root.push_back(std::sqrt(1 - std::pow(options_.beta2, t)));
    }
    Tensors denominator = at::_foreach_sqrt(second);
    at::_foreach_div_(denominator, scalars(root));
    at::_foreach_add_(denominator, options_.epsilon);
    at::_foreach_addcdiv_(a.parameters, first, denominator, scalars(scale));
  }

  std::optional<kernels::Update> rule(const StepSize& size, double steps) const override {
    const double beta1 = size.momentum.value_or(options_.beta1);
    kernels::Update u;
    u.rule = kernels::UpdateRule::adam;
    u.rate = single(size.learning_rate / (1 - std::pow(beta1, steps)));
    u.lag = single(1 - beta1);
    u.memory = single(options_.beta2);
    u.rest = single(1 - options_.beta2);
    u.root = single(1 / std::sqrt(1 - std::pow(options_.beta2, steps)));
    u.epsilon = single(options_.epsilon);
    return u;
  }
  bool decoupled() const override { return decoupled_; }

  bool decoupled_;
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(NamedParameters parameters, const OptimizerOptions& options) {
  return std::make_unique<Sgd>(std::move(parameters), options);
}

std::unique_ptr<Optimizer> make_rmsprop(NamedParameters parameters, const OptimizerOptions& options) {
  return std::make_unique<RmsProp>(std::move(parameters), options);
}

std::unique_ptr<Optimizer> make_adam(NamedParameters parameters, const OptimizerOptions& options, bool decoupled) {
  return std::make_unique<Adam>(std::move(parameters), options, decoupled);
}

}  // namespace basewise::train::detail
