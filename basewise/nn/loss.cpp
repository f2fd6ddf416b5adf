#include "basewise/nn/loss.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/nn/detail/losses.h"
#include "basewise/nn/detail/target_fault.h"

namespace basewise::nn {
namespace {

std::string label(const LossOptions& o) { return format("{}({})", o.type, o.output); }

/// Options of losses of rates and values.
void describe_rates(Visitor& v, LossOptions& o) {
  using enum LossType;
  v.when("type", o.type, {mse, poisson, poisson_multinomial, poisson_kl, mse_udot, negative_binomial, gamma}, [&] {
    v("target_clip", o.target_clip,
      "output and target are brought into 0 to this before they are compared; 0: they are not", non_negative());
    v("target_sqrt", o.target_sqrt, "square roots of output and target are compared");
  });
  v.when("type", o.type, {poisson_multinomial}, [&] {
    v("total_weight", o.total_weight, "of the sum over positions, beside the shares of the positions", non_negative());
    v("position_range", o.position_range, "weight of the middle position by that of the ends; 1: all the same", at_least(1));
    v("position_exponent", o.position_exponent, "how late and sharply the weight falls from the middle to the ends", positive());
  });
  v.when("type", o.type, {poisson_kl, mse_udot},
         [&] { v("specificity_weight", o.specificity_weight, "of what differs between channels, beside the plain loss", non_negative()); });
  v.when("type", o.type, {negative_binomial}, [&] {
    v("dispersion", o.dispersion, "head whose softplus is the dispersion; empty: overdispersion");
    v("overdispersion", o.overdispersion, "the dispersion where no head gives it: variance = mean + this * mean^2", positive());
  });
}

}  // namespace

void describe(Visitor& v, LossOptions& o) {
  using enum LossType;
  Constraint below_one = between(0, 1);
  below_one.maximum_open = true;
  v("type", o.type, "which loss");
  v("output", o.output, "head of the model");
  v("target", o.target, "tensor of the dataset; TARGET.mask beside it says what was measured");
  v("weight", o.weight, "factor in the total loss", non_negative());
  v("reduction", o.reduction, "what becomes of the values of an example");
  v.when("type", o.type, {binary_cross_entropy, cross_entropy}, [&] {
    v("class_weights", o.class_weights,
      "binary_cross_entropy: weight of positives, one for all outputs or one each; cross_entropy: one per class", non_negative());
    v("label_smoothing", o.label_smoothing, "share of a label that is spread evenly over the classes", below_one);
  });
  v.when("type", o.type, {poisson}, [&] { v("log_input", o.log_input, "the output is the logarithm of the rate"); });
  v.when("type", o.type, {poisson, poisson_multinomial, poisson_kl, negative_binomial, gamma}, [&] {
    v.begin_when({.key = "log_input",
                  .given = o.log_input ? "true" : "false",
                  .wanted = {"false (where type = \"poisson\")"},
                  .met = o.type != poisson || !o.log_input});
    v("epsilon", o.epsilon, "added to the rate inside the logarithm", non_negative());
    v.end_when();
  });
  v.when("type", o.type, {poisson, multinomial, negative_binomial},
         [&] { v("factorials", o.factorials, "keep the terms that do not depend on the output"); });
  v.when("type", o.type, {poisson, negative_binomial}, [&] {
    v.when("factorials", o.factorials, true, [&] {
      v("stirling", o.stirling, "log y! as TensorFlow's full Poisson loss has it: Stirling's formula above 1, 0 up to 1");
    });
  });
  v.when("type", o.type, {multinomial}, [&] { v("distribution", o.distribution, "along which the probabilities add up to 1"); });
  describe_rates(v, o);
}

std::vector<std::string> heads_of(const LossOptions& o) {
  if (o.type != LossType::negative_binomial || o.dispersion.empty()) return {o.output};
  return {o.output, o.dispersion};
}

TotalLoss::TotalLoss(std::vector<LossOptions> options) : options_(std::move(options)) {
  if (options_.empty()) throw ArgumentError("there is no loss to train with; add a [[loss]] with type, output and target");
  for (const LossOptions& o : options_) {
    losses_.push_back(detail::make_loss(o));
    names_.push_back({.mask = o.target + ".mask", .weight = {}, .sets = {}, .shares = false});
  }
}

TotalLoss TotalLoss::following(const Schema& schema) const {
  const Field* set = schema.first(Role::set);
  const Field* weight = schema.of({}, Role::weight);
  const auto name_of = [](const Field* field) { return field ? field->name : std::string(); };
  TotalLoss bound = *this;
  bound.set_ = name_of(set);
  for (std::size_t i = 0; i < options_.size(); ++i) {
    const LossOptions& o = options_[i];
    const Field* target = schema.find(o.target);
    if (!target && set)
      throw ArgumentError(format("loss {}: none of the data sets has a '{}'; there are: {}", label(o), o.target,
                                 fmt::join(schema.names(Role::target), ", ")));
    if (!target) continue;  // the first batch says what it has
    const Field* own = schema.of(o.target, Role::weight);
    bound.names_[i] = {.mask = name_of(schema.of(o.target, Role::mask)),
                       .weight = name_of(own ? own : weight),
                       .sets = target->sets,
                       .shares = target->bin == 0 && !target->shape.empty() && target->shape[0] > 1};
  }
  return bound;
}

std::int64_t TotalLoss::set_of(const Bundle& targets) const {
  return set_.empty() ? -1 : targets.at(set_).flatten()[0].item<std::int64_t>();
}

std::vector<std::size_t> TotalLoss::wanted(const Bundle& targets) const {
  const std::int64_t set = set_of(targets);
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::vector<std::int64_t>& sets = names_[i].sets;
    if (sets.empty() || std::find(sets.begin(), sets.end(), set) != sets.end()) wanted.push_back(i);
  }
  if (wanted.empty()) throw ArgumentError(format("no loss has a target of data set {}; add a [[loss]] for it", set));
  return wanted;
}

std::optional<std::vector<std::string>> TotalLoss::outputs(const Bundle& targets) const {
  if (set_.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const std::size_t i : wanted(targets))
    for (const std::string& name : heads_of(options_[i]))
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

at::Tensor TotalLoss::one(std::size_t i, const Bundle& outputs, const Bundle& targets) const {
  const LossOptions& o = options_[i];
  const auto there = [&](const std::string& name) { return targets.contains(name) ? targets.at(name) : at::Tensor(); };
  return with_context(format("loss {} against '{}'", label(o), o.target), [&] {
    const at::Tensor &output = outputs.at(o.output), &target = targets.at(o.target);
    const at::Tensor mask = there(names_[i].mask), weight = there(names_[i].weight);
    const std::vector<std::string> heads = heads_of(o);
    return heads.size() > 1 ? losses_[i]->beside(outputs.at(heads[1]), output, target, mask, weight)
                            : (*losses_[i])(output, target, mask, weight);
  });
}

std::vector<std::pair<std::string, at::Tensor>> TotalLoss::parts(const Bundle& outputs, const Bundle& targets) const {
  std::vector<std::pair<std::string, at::Tensor>> all;
  for (const std::size_t i : wanted(targets)) all.emplace_back(label(options_[i]), one(i, outputs, targets));
  return all;
}

BatchLoss TotalLoss::batch(const Bundle& outputs, const Bundle& targets) const {
  BatchLoss found{.set = set_of(targets)};
  const auto there = [&](const std::string& name) { return targets.contains(name) ? targets.at(name) : at::Tensor(); };
  for (const std::size_t i : wanted(targets)) {
    const at::Tensor value = one(i, outputs, targets), weighted = value * options_[i].weight;
    found.total = found.total.defined() ? found.total + weighted : weighted;
    const at::Tensor& output = outputs.at(options_[i].output);
    found.examples = output.dim() > 0 ? output.size(0) : 1;
    found.terms.push_back({.loss = static_cast<std::int64_t>(i),
                           .weight = options_[i].weight,
                           .value = value.detach(),
                           .measured = losses_[i]->measured(output, there(names_[i].mask), there(names_[i].weight))});
  }
  return found;
}

std::optional<TargetFault> TotalLoss::fault(const Bundle& targets) const {
  for (const std::size_t i : wanted(targets)) {
    const LossOptions& o = options_[i];
    if (!targets.contains(o.target)) continue;  // the loss itself says what is missing
    const auto there = [&](const std::string& name) { return targets.contains(name) ? targets.at(name) : at::Tensor(); };
    std::optional<TargetFault> found =
        detail::target_fault(o.type, names_[i].shares, targets.at(o.target), there(names_[i].mask), there(names_[i].weight));
    if (!found) continue;
    found->loss = label(o);
    found->target = o.target;
    return found;
  }
  return std::nullopt;
}

at::Tensor TotalLoss::operator()(const Bundle& outputs, const Bundle& targets) const {
  at::Tensor total;
  for (const std::size_t i : wanted(targets)) {
    const at::Tensor weighted = one(i, outputs, targets) * options_[i].weight;
    total = total.defined() ? total + weighted : weighted;
  }
  return total;
}

}  // namespace basewise::nn
