#include "basewise/infer/strands.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "basewise/core/error.h"
#include "basewise/data/strands.h"
#include "basewise/tensor/tokens.h"

namespace basewise::infer {
namespace {

/// Beyond this the doubled batch is no faster, and on a device may not fit.
constexpr std::size_t kMostInputBytes = std::size_t{64} << 20;

OutputForm form_of(const nn::LossOptions& loss) {
  const bool all = loss.distribution == nn::Distribution::all;
  switch (loss.type) {
    case nn::LossType::binary_cross_entropy:
      return OutputForm::sigmoid;
    case nn::LossType::cross_entropy:
      return OutputForm::softmax_channels;
    case nn::LossType::multinomial:
      return all ? OutputForm::softmax_all : OutputForm::softmax_positions;
    case nn::LossType::mse:
    case nn::LossType::poisson:
    case nn::LossType::poisson_multinomial:
    case nn::LossType::poisson_kl:
    case nn::LossType::mse_udot:
    case nn::LossType::negative_binomial:
    case nn::LossType::gamma:
      break;
  }
  return OutputForm::values;
}

/// log((e^a + e^b) / 2) of logarithms of probabilities.
at::Tensor mean_of_logs(const at::Tensor& a, const at::Tensor& b) { return at::logaddexp(a, b) - std::numbers::ln2; }

at::Tensor mean_probability(const at::Tensor& a, const at::Tensor& b, OutputForm form) {
  switch (form) {
    case OutputForm::values:
      return (a + b) * 0.5;
    case OutputForm::sigmoid:
      return at::logaddexp(at::log_sigmoid(a), at::log_sigmoid(b)) - at::logaddexp(at::log_sigmoid(-a), at::log_sigmoid(-b));
    case OutputForm::softmax_channels:
      return mean_of_logs(at::log_softmax(a, 1), at::log_softmax(b, 1));
    case OutputForm::softmax_positions:
      return mean_of_logs(at::log_softmax(a, -1), at::log_softmax(b, -1));
    case OutputForm::softmax_all:
      return mean_of_logs(at::log_softmax(a.flatten(1), -1), at::log_softmax(b.flatten(1), -1)).view(a.sizes());
  }
  throw InternalError("unknown form of an output");
}

std::size_t bytes_of(const Bundle& batch) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : batch) bytes += value.nbytes();
  return bytes;
}

/// Both halves of outputs (2 N, ...).
std::pair<Bundle, Bundle> halves(const Bundle& outputs) {
  std::pair<Bundle, Bundle> both;
  for (const auto& [name, value] : outputs) {
    const std::int64_t n = value.size(0) / 2;
    both.first.set(name, value.slice(0, 0, n));
    both.second.set(name, value.slice(0, n));
  }
  return both;
}

}  // namespace

void describe(Visitor& v, StrandOptions& o) {
  v("train", o.train, "what a training step sees");
  v("predict", o.predict, "what validation, evaluation and prediction see");
  v("merge", o.merge, "how the outputs of both strands become one");
  v("layers", o.layers, "whether the model is rewritten so that it is equivariant by itself");
  v.when("layers", o.layers, {StrandLayers::shared, StrandLayers::wrapped}, [&] {
    Constraint share = fraction();
    share.minimum_open = true;
    v("filters", o.filters,
      "part of the filters of each layer that is kept, each counting for both strands; 0.5 is parameter sharing by halves", share);
    v("pool", o.pool, "how pairs of channels become one before layers that read no strands");
    v.when("layers", o.layers, {StrandLayers::wrapped}, [&] {
      v("wrap", o.wrap, "all, early (all convolutions but the last), late (all but the first), or names of convolution layers");
    });
    v("legacy_double_scale", o.legacy_double_scale, "convolutions give twice their sum, as the published layer does");
  });
}

std::string_view StrandStrategy::word() const { return both ? to_word(merge) : to_word(StrandPrediction::single); }

StrandStrategy prediction_strategy(const StrandOptions& o) {
  switch (o.predict) {
    case StrandPrediction::automatic:
      return {o.train == StrandTraining::conjoined, o.merge};
    case StrandPrediction::single:
      return {false, o.merge};
    case StrandPrediction::conjoined:
      return {true, o.merge};
  }
  throw InternalError("unknown way to predict");
}

OutputForms output_forms(const std::vector<nn::LossOptions>& losses) {
  OutputForms forms;
  for (const nn::LossOptions& loss : losses) {
    const OutputForm form = form_of(loss);
    const auto [known, added] = forms.emplace(loss.output, form);
    // Two losses that read an output differently leave no probability to average.
    if (!added && known->second != form) known->second = OutputForm::values;
  }
  return forms;
}

OutputForms output_forms(const std::vector<nn::LossOptions>& losses, const Schema& schema) {
  OutputForms forms = output_forms(losses);
  for (const nn::LossOptions& loss : losses)
    if (const Field* target = schema.find(loss.target); target && !target->partners.empty()) forms.partners[loss.output] = target->partners;
  return forms;
}

void check_merge(StrandMerge merge, const OutputForms& forms) {
  if (merge != StrandMerge::probability) return;
  for (const auto& [name, form] : forms)
    if (form != OutputForm::values) return;
  std::vector<std::string> names;
  for (const auto& [name, form] : forms) names.push_back(name);
  throw ArgumentError(format(
      "strands cannot be merged by probability: no output is trained as a logit (binary_cross_entropy, cross_entropy, multinomial); {}; "
      "take mean or max",
      names.empty() ? std::string("no loss is known") : format("values without probability: {}", fmt::join(names, ", "))));
}

void check_strategy(const nn::Model& model, StrandStrategy strands, const OutputForms& forms) {
  if (!strands.both) return;
  check_mirrors(model);
  check_merge(strands.merge, forms);
  for (const auto& name : model.output_names()) model.strand_rule(name);
}

at::Tensor merge_strands(const at::Tensor& a, const at::Tensor& b, StrandMerge merge, OutputForm form) {
  switch (merge) {
    case StrandMerge::mean:
      return (a + b) * 0.5;
    case StrandMerge::max:
      return at::maximum(a, b);
    case StrandMerge::probability:
      return mean_probability(a, b, form);
  }
  throw InternalError("unknown way to merge strands");
}

StrandRules strand_rules(const nn::Model& model) {
  return [&model](const std::string& name) { return model.strand_rule(name); };
}

Bundle other_strand(const Bundle& batch, const StrandRules& rules) {
  Bundle turned;
  for (const auto& [name, value] : batch) turned.set(name, basewise::other_strand(value, rules(name), name));
  return turned;
}

at::Tensor turned_back(const std::string& name, const at::Tensor& backward, const StrandRules& rules, const OutputForms& forms) {
  const at::Tensor turned = basewise::other_strand(backward, rules(name), name);
  const auto partners = forms.partners.find(name);
  return partners == forms.partners.end() ? turned : partners_swapped(turned, partners->second, name);
}

at::Tensor merged_output(const std::string& name, const at::Tensor& forward, const at::Tensor& backward, const StrandRules& rules,
                         StrandMerge merge, const OutputForms& forms) {
  return merge_strands(forward, turned_back(name, backward, rules, forms), merge, forms.of(name));
}

Bundle doubled(const Bundle& batch, const Bundle& turned) { return concatenate({batch, turned}); }

Bundle as_tokens(const Bundle& inputs, const nn::Model& model) {
  if (model.graph() == nullptr) return inputs;
  Bundle read;
  for (const auto& [name, value] : inputs) {
    const bool wanted = model.strand_rule(name) == StrandRule::complemented && !(value.requires_grad() && at::GradMode::is_enabled());
    const auto tokens = wanted ? tokens_of(value) : std::nullopt;
    read.set(name, tokens ? *tokens : value);
  }
  return read;
}

Bundle conjoined(const std::function<Bundle(const Bundle&)>& apply, const Bundle& inputs, const StrandRules& rules, StrandMerge merge,
                 const OutputForms& forms, bool may_split) {
  const Bundle turned = other_strand(inputs, rules);
  const auto [forward, backward] =
      may_split && bytes_of(inputs) > kMostInputBytes ? std::pair(apply(inputs), apply(turned)) : halves(apply(doubled(inputs, turned)));
  Bundle merged;
  for (const auto& [name, value] : forward) merged.set(name, merged_output(name, value, backward.at(name), rules, merge, forms));
  return merged;
}

void check_rules(const nn::Model& model, const std::vector<nn::LossOptions>& losses, const data::Dataset& dataset) {
  const auto of_data = [&](const std::string& name) {
    const StrandRule rule = data::strand_rule_of(dataset, name);
    return rule == StrandRule::tokens ? StrandRule::complemented : rule;
  };
  for (const auto& name : model.input_names())
    if (const StrandRule rule = model.strand_rule(name); rule != of_data(name))
      throw ArgumentError(format(
          "input '{0}' is {1} on the other strand for the model, but {2} for the data: write strands = \"{2}\" under [inputs.{0}] of the "
          "model file",
          name, to_word(rule), to_word(of_data(name))));
  const auto outputs = model.output_names();
  for (const nn::LossOptions& loss : losses) {
    // The loss itself says what is missing; one of several data sets has some of the targets only.
    if (std::find(outputs.begin(), outputs.end(), loss.output) == outputs.end() || !dataset.schema().find(loss.target)) continue;
    if (const StrandRule rule = model.strand_rule(loss.output); rule != of_data(loss.target))
      throw ArgumentError(
          format("output '{0}' is {1} on the other strand for the model, but its target '{2}' is {3} for the data: write strands = \"{3}\" "
                 "under the head '{0}' of the model file",
                 loss.output, to_word(rule), loss.target, to_word(of_data(loss.target))));
  }
}

void check_mirrors(const nn::Model& model) {
  for (const auto& name : model.output_names()) {
    const auto context = model.context(name);
    if (context.has_length && context.left != context.right)
      throw ArgumentError(
          format("output '{}' loses {} positions on the left and {} on the right: strands can only be merged where both "
                 "ends lose the same",
                 name, context.left, context.right));
  }
}

}  // namespace basewise::infer
