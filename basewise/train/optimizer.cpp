#include "basewise/train/optimizer.h"

#include <algorithm>

#include "basewise/core/some_of.h"
#include "basewise/kernels/optimise.h"
#include "basewise/ops/kernels.h"
#include "basewise/train/detail/bounds.h"
#include "basewise/train/detail/rows.h"
#include "basewise/train/detail/update_rules.h"
#include "basewise/train/detail/update_rules_tensorflow.h"
#include "basewise/train/freeze.h"

namespace basewise::train {
namespace {

using Tensors = std::vector<at::Tensor>;

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
  v("max_norm", o.max_norm, "largest Euclidean norm of the weights into a unit, after every step; biases are free; 0: no limit",
    non_negative());
  v.when("name", o.name, {sgd, rmsprop, sgd_keras, rmsprop_tensorflow},
         [&] { v("momentum", o.momentum, "share of the last step that is kept", detail::share_below_one()); });
  v.when("name", o.name, {sgd, sgd_keras}, [&] { v("nesterov", o.nesterov, "look ahead by the momentum"); });
  v.when("name", o.name, {adam, adamw, adam_tensorflow}, [&] {
    v("beta1", o.beta1, "memory of the mean gradient", detail::share_below_one());
    v("beta2", o.beta2, "memory of the mean squared gradient", detail::share_below_one());
  });
  v.when("name", o.name, {rmsprop, rmsprop_tensorflow}, [&] {
    v("smoothing", o.smoothing, "memory of the mean squared gradient", detail::share_below_one());
    v("centered", o.centered, "divide by the standard deviation of the gradient instead of its root mean square");
  });
  v.when("name", o.name, {adam, adamw, rmsprop, rmsprop_tensorflow, adam_tensorflow},
         [&] { v("epsilon", o.epsilon, "added to the denominator", positive()); });
  v.list("parts", o.parts, "another learning rate for some parameters; the first that names a parameter counts");
}

void describe(Visitor& v, RateOptions& o) {
  v("match", o.match, "name of a parameter or part of the model; * stands for any characters", required());
  v("factor", o.factor, "of the learning rate", positive());
}

Optimizer::Optimizer(NamedParameters parameters, OptimizerOptions options, std::vector<Slot> slots)
    : options_(std::move(options)),
      parameters_(std::move(parameters)),
      slot_kinds_(std::move(slots)),
      steps_(parameters_.size(), 0),
      factors_(factors_of(parameters_, options_.parts)) {
  const at::NoGradGuard no_grad;
  for (const Slot& slot : slot_kinds_) {
    Tensors tensors;
    for (const auto& [name, parameter] : parameters_) tensors.push_back(at::full_like(parameter, slot.start).requires_grad_(false));
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
    const auto alike = [&](const at::Tensor& t) { return detail::in_a_row(t) && t.strides() == parameter.strides(); };
    const bool fits = ours && detail::in_a_row(parameter) && alike(parameter.grad()) &&
                      std::all_of(slots_.begin(), slots_.end(), [&](const Tensors& s) { return alike(s[i]); });
    if (const auto update = fits ? native_update(i, size, decays) : std::nullopt) {
      native.push_back(*update);
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

std::optional<kernels::Update> Optimizer::native_update(std::size_t i, const StepSize& size, bool decays) const {
  std::optional<kernels::Update> known = rule(size, static_cast<double>(steps_[i]));
  if (!known) return known;
  const at::Tensor& parameter = parameters_[i].second;
  kernels::Update& u = *known;
  u.parameter = parameter.mutable_data_ptr<float>();
  u.gradient = parameter.grad().const_data_ptr<float>();
  for (std::size_t s = 0; s < slots_.size(); ++s) u.slots[s] = slots_[s][i].mutable_data_ptr<float>();
  u.n = parameter.numel();
  if (decays && decoupled()) u.keep = detail::single(1 - size.learning_rate * options_.weight_decay);
  if (decays && !decoupled()) u.penalty = detail::single(options_.weight_decay);
  return known;
}

void Optimizer::decay(Active& a, const StepSize& size) const {
  if (a.decayed_parameters.empty()) return;
  if (decoupled()) return at::_foreach_mul_(a.decayed_parameters, 1 - size.learning_rate * options_.weight_decay);
  at::_foreach_add_(a.decayed_gradients, a.decayed_parameters, options_.weight_decay);
}

void Optimizer::limit_norms() {
  if (options_.max_norm <= 0) return;
  for (auto& [name, parameter] : parameters_) {
    if (!parameter.grad().defined() || parameter.dim() < 2) continue;
    const at::Tensor norm = detail::unit_norms(parameter);
    parameter.mul_(options_.max_norm / norm.clamp_min(options_.max_norm));
  }
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
    if (active.parameters.empty()) continue;
    decay(active, scaled);
    update(active, scaled);
  }
  if (!native.empty()) kernels::update(native, ops::kernel_run());
  limit_norms();
}

void Optimizer::zero_grad() {
  for (auto& [name, parameter] : parameters_) parameter.mutable_grad().reset();
}

Bundle Optimizer::state() const {
  Bundle state;
  state.set("steps", at::tensor(steps_, at::kLong));
  for (std::size_t s = 0; s < slots_.size(); ++s) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) state.set(slot_kinds_[s].name + "/" + parameters_[i].first, slots_[s][i]);
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
      return detail::make_sgd(std::move(parameters), options);
    case OptimizerKind::rmsprop:
      return detail::make_rmsprop(std::move(parameters), options);
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      return detail::make_adam(std::move(parameters), options, options.name == OptimizerKind::adamw);
    case OptimizerKind::sgd_keras:
      return detail::make_sgd_keras(std::move(parameters), options);
    case OptimizerKind::rmsprop_tensorflow:
      return detail::make_rmsprop_tensorflow(std::move(parameters), options);
    case OptimizerKind::adam_tensorflow:
      return detail::make_adam_tensorflow(std::move(parameters), options);
  }
  throw InternalError("an optimiser that is named but not written");
}

NamedParameters trainable_parameters(const torch::nn::Module& module) {
  NamedParameters parameters;
  for (const auto& item : module.named_parameters()) {
    if (item.value().requires_grad()) parameters.emplace_back(item.key(), item.value());
  }
  return parameters;
}

}  // namespace basewise::train
