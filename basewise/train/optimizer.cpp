#include "basewise/train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/some_of.h"
#include "basewise/kernels/optimise.h"
#include "basewise/ops/kernels.h"
#include "basewise/train/detail/bounds.h"
#include "basewise/train/freeze.h"

namespace basewise::train {
namespace {

using Tensors = std::vector<at::Tensor>;

float single(double x) { return static_cast<float>(x); }

// Numbers in a row that basewise's kernels may read and write.
bool in_a_row(const at::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat && x.layout() == at::kStrided && x.is_non_overlapping_and_dense();
}

std::vector<at::Scalar> scalars(const std::vector<double>& values) { return {values.begin(), values.end()}; }

class Sgd final : public Optimizer {
 public:
  Sgd(NamedParameters parameters, const OptimizerOptions& options) : Optimizer(std::move(parameters), options, {"momentum"}) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double momentum = size.momentum.value_or(options_.momentum);
    if (!a.decayed_gradients.empty()) at::_foreach_add_(a.decayed_gradients, a.decayed_parameters, options_.weight_decay);
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

  kernels::Update rule(const StepSize& size, double) const override {
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
      : Optimizer(std::move(parameters), options, {"square", "mean", "momentum"}) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double momentum = size.momentum.value_or(options_.momentum);
    if (!a.decayed_gradients.empty()) at::_foreach_add_(a.decayed_gradients, a.decayed_parameters, options_.weight_decay);
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

  kernels::Update rule(const StepSize& size, double) const override {
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
      : Optimizer(std::move(parameters), options, {"first", "second"}), decoupled_(decoupled) {}

 private:
  void update(Active& a, const StepSize& size) override {
    const double beta1 = size.momentum.value_or(options_.beta1);
    if (!a.decayed_gradients.empty()) {
      if (decoupled_) {
        at::_foreach_mul_(a.decayed_parameters, 1 - size.learning_rate * options_.weight_decay);
      } else {
        at::_foreach_add_(a.decayed_gradients, a.decayed_parameters, options_.weight_decay);
      }
    }
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

  kernels::Update rule(const StepSize& size, double steps) const override {
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

/// Errors: ArgumentError for a part that names nothing.
std::vector<double> factors_of(const NamedParameters& parameters, const std::vector<RateOptions>& parts) {
  std::vector<double> factors;
  std::vector<bool> used(parts.size(), false);
  for (const auto& [name, parameter] : parameters) {
    factors.push_back(1);
    for (std::size_t p = parts.size(); p-- > 0;) {
      if (!names_part(parts[p].match, name)) continue;
      factors.back() = parts[p].factor;
      used[p] = true;
    }
  }
  const auto idle = std::find(used.begin(), used.end(), false);
  if (idle == used.end()) return factors;
  std::vector<std::string> names;
  for (const auto& [name, parameter] : parameters) names.push_back(name);
  throw ArgumentError(format("train.optimizer.parts: '{}' names no parameter that learns; there are {}",
                             parts[static_cast<std::size_t>(idle - used.begin())].match, some_of(names, "", 20)));
}

void require_same_shape(const std::string& name, const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() == expected.sizes()) return;
  throw StateError(format("optimiser state '{}' has shape ({}), this optimiser needs ({}); it was saved for another model", name,
                          fmt::join(found.sizes(), ", "), fmt::join(expected.sizes(), ", ")));
}

}  // namespace

void describe(Visitor& v, OptimizerOptions& o) {
  using enum OptimizerKind;
  v("name", o.name, "update rule");
  v("learning_rate", o.learning_rate, "step size; the schedule multiplies it", positive());
  v("weight_decay", o.weight_decay, "pull of the weights towards 0; adamw: decoupled from the gradient, others: added to it",
    non_negative());
  v("decay_all", o.decay_all, "decay biases and the scales and shifts of norms too");
  v.when("name", o.name, {sgd, rmsprop},
         [&] { v("momentum", o.momentum, "share of the last step that is kept", detail::share_below_one()); });
  v.when("name", o.name, {sgd}, [&] { v("nesterov", o.nesterov, "look ahead by the momentum"); });
  v.when("name", o.name, {adam, adamw}, [&] {
    v("beta1", o.beta1, "memory of the mean gradient", detail::share_below_one());
    v("beta2", o.beta2, "memory of the mean squared gradient", detail::share_below_one());
  });
  v.when("name", o.name, {rmsprop}, [&] {
    v("smoothing", o.smoothing, "memory of the mean squared gradient", detail::share_below_one());
    v("centered", o.centered, "divide by the standard deviation of the gradient instead of its root mean square");
  });
  v.when("name", o.name, {adam, adamw, rmsprop}, [&] { v("epsilon", o.epsilon, "added to the denominator", positive()); });
  v.list("parts", o.parts, "another learning rate for some parameters; the first that names a parameter counts");
}

void describe(Visitor& v, RateOptions& o) {
  v("match", o.match, "name of a parameter or part of the model; * stands for any characters", required());
  v("factor", o.factor, "of the learning rate", positive());
}

Optimizer::Optimizer(NamedParameters parameters, OptimizerOptions options, std::vector<std::string> slots)
    : options_(std::move(options)),
      parameters_(std::move(parameters)),
      slot_names_(std::move(slots)),
      steps_(parameters_.size(), 0),
      factors_(factors_of(parameters_, options_.parts)) {
  const at::NoGradGuard no_grad;
  for (std::size_t s = 0; s < slot_names_.size(); ++s) {
    Tensors tensors;
    for (const auto& [name, parameter] : parameters_) tensors.push_back(at::zeros_like(parameter));
    slots_.push_back(std::move(tensors));
  }
}

// Parameters that basewise's kernels take go to `native`, the rest is returned.
Optimizer::Active Optimizer::collect(const StepSize& size, double factor, std::vector<kernels::Update>& native) {
  const bool ours = ops::chosen_kernels() != ops::Kernels::torch;
  Active a;
  a.slots.resize(slots_.size());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor& parameter = parameters_[i].second;
    if (!parameter.grad().defined() || factors_[i] != factor) continue;
    ++steps_[i];
    const bool decays = options_.weight_decay > 0 && (options_.decay_all || parameter.dim() > 1);
    const auto alike = [&](const at::Tensor& t) { return in_a_row(t) && t.strides() == parameter.strides(); };
    if (ours && in_a_row(parameter) && alike(parameter.grad()) &&
        std::all_of(slots_.begin(), slots_.end(), [&](const Tensors& s) { return alike(s[i]); })) {
      native.push_back(native_update(i, size, decays));
      parameter.unsafeGetTensorImpl()->bump_version();  // what autograd kept of it must not be used any more
      continue;
    }
    a.parameters.push_back(parameter);
    a.gradients.push_back(parameter.grad());
    for (std::size_t s = 0; s < slots_.size(); ++s) a.slots[s].push_back(slots_[s][i]);
    a.steps.push_back(static_cast<double>(steps_[i]));
    if (decays) {
      a.decayed_parameters.push_back(parameter);
      a.decayed_gradients.push_back(parameter.grad());
    }
  }
  return a;
}

kernels::Update Optimizer::native_update(std::size_t i, const StepSize& size, bool decays) const {
  const at::Tensor& parameter = parameters_[i].second;
  kernels::Update u = rule(size, static_cast<double>(steps_[i]));
  u.parameter = parameter.mutable_data_ptr<float>();
  u.gradient = parameter.grad().const_data_ptr<float>();
  for (std::size_t s = 0; s < slots_.size(); ++s) u.slots[s] = slots_[s][i].mutable_data_ptr<float>();
  u.n = parameter.numel();
  if (decays && decoupled()) u.keep = single(1 - size.learning_rate * options_.weight_decay);
  if (decays && !decoupled()) u.penalty = single(options_.weight_decay);
  return u;
}

void Optimizer::step(const StepSize& size) {
  const at::NoGradGuard no_grad;
  std::vector<kernels::Update> native;
  std::vector<double> groups = factors_;
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  for (const double factor : groups) {
    StepSize scaled = size;
    scaled.learning_rate *= factor;
    Active active = collect(scaled, factor, native);
    if (!active.parameters.empty()) update(active, scaled);
  }
  if (!native.empty()) kernels::update(native, ops::kernel_run());
}

void Optimizer::zero_grad() {
  for (auto& [name, parameter] : parameters_) parameter.mutable_grad().reset();
}

Bundle Optimizer::state() const {
  Bundle state;
  state.set("steps", at::tensor(steps_, at::kLong));
  for (std::size_t s = 0; s < slots_.size(); ++s) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) state.set(slot_names_[s] + "/" + parameters_[i].first, slots_[s][i]);
  }
  return state;
}

void Optimizer::load_state(const Bundle& state) {
  const Bundle mine = this->state();
  for (const auto& [name, tensor] : mine) {
    if (!state.contains(name)) {
      throw StateError(
          format("optimiser state '{}' is missing; it was saved for another model or another optimiser than '{}'", name, options_.name));
    }
    require_same_shape(name, state.at(name), tensor);
  }
  for (const auto& [name, tensor] : state) {
    if (!mine.contains(name))
      throw StateError(format("optimiser state '{}' belongs to no parameter of this model under '{}'", name, options_.name));
  }
  const at::NoGradGuard no_grad;
  const at::Tensor steps = state.at("steps").to(at::kCPU, at::kLong).contiguous();
  std::copy_n(steps.const_data_ptr<std::int64_t>(), steps_.size(), steps_.begin());
  for (const auto& [name, tensor] : mine) {
    if (name != "steps") tensor.copy_(state.at(name));
  }
}

std::unique_ptr<Optimizer> make_optimizer(NamedParameters parameters, const OptimizerOptions& options) {
  OptimizerOptions checked = options;
  check(described(checked), "optimizer");
  switch (options.name) {
    case OptimizerKind::sgd:
      return std::make_unique<Sgd>(std::move(parameters), options);
    case OptimizerKind::rmsprop:
      return std::make_unique<RmsProp>(std::move(parameters), options);
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      break;
  }
  return std::make_unique<Adam>(std::move(parameters), options, options.name == OptimizerKind::adamw);
}

NamedParameters trainable_parameters(const torch::nn::Module& module) {
  NamedParameters parameters;
  for (const auto& item : module.named_parameters()) {
    if (item.value().requires_grad()) parameters.emplace_back(item.key(), item.value());
  }
  return parameters;
}

void describe(Visitor& v, ClipOptions& o) {
  v("norm", o.norm, "largest Euclidean norm of all gradients together; 0: no limit", non_negative());
  v("value", o.value, "largest absolute value of a gradient component; 0: no limit", non_negative());
}

double clip_gradients(const NamedParameters& parameters, const ClipOptions& options) {
  const at::NoGradGuard no_grad;
  Tensors gradients;
  for (const auto& [name, parameter] : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return 0;
  if (ops::chosen_kernels() != ops::Kernels::torch && std::all_of(gradients.begin(), gradients.end(), in_a_row)) {
    std::vector<kernels::Numbers> all;
    for (const at::Tensor& gradient : gradients) all.push_back({gradient.mutable_data_ptr<float>(), gradient.numel()});
    const double total = kernels::bounded_norm(all, single(options.value), ops::kernel_run());
    if (options.norm > 0 && total > options.norm) kernels::scale(all, single(options.norm / (total + 1e-6)), ops::kernel_run());
    return total;
  }
  if (options.value > 0) {
    for (at::Tensor& gradient : gradients) gradient.clamp_(-options.value, options.value);
  }
  const double total = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (options.norm > 0 && total > options.norm) at::_foreach_mul_(gradients, options.norm / (total + 1e-6));
  return total;
}

}  // namespace basewise::train
