#include "basewise/infer/gradient.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/infer/detail/device_of.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"

namespace basewise::infer {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

void check_target(const nn::Model& model, const GradientTarget& of, const Names& with_respect_to) {
  const Names outputs = model.output_names();
  if (of.function && (!of.output.empty() || !of.channels.empty() || of.weights.defined() || of.outputs.empty()))
    throw ArgumentError("the target of a gradient is a function of 'outputs', which must be named, or an output with channels or weights");
  for (const std::string& output : of.function ? of.outputs : Names{of.output})
    if (!contains(outputs, output))
      throw ArgumentError(format("the model has no output '{}'; there are: {}", output, fmt::join(outputs, ", ")));
  if (!of.channels.empty() && of.weights.defined())
    throw ArgumentError(format("the target of a gradient has channels and weights of output '{}': give one of them", of.output));
  if (with_respect_to.empty()) throw ArgumentError("with respect to what a gradient is wanted must be said: inputs or activations");
}

/// Real numbers of the device, with gradients, that share nothing with the caller's graph.
Bundle leaves(const Bundle& batch, const Names& inputs, at::Device device) {
  Bundle own;
  for (const std::string& name : inputs) {
    at::Tensor x = batch.at(name).to(device).detach();
    if (is_tokens(x)) x = one_hot_of(x);
    own.set(name, x.is_floating_point() ? x.requires_grad_(true) : x);
  }
  return own;
}

/// What the gradient of the target to the output is.
at::Tensor seed(const at::Tensor& output, const GradientTarget& of) {
  if (of.weights.defined()) {
    const at::Tensor weights = of.weights.to(output.options().requires_grad(false));
    if (!at::is_expandable_to(weights.sizes(), output.sizes()))
      throw ShapeError(format("weights {} do not fit output '{}' {}", shape_text(weights.sizes()), of.output, shape_text(output.sizes())));
    return weights.expand_as(output);
  }
  if (of.channels.empty()) return at::ones_like(output);
  at::Tensor chosen = at::zeros_like(output);
  for (const std::int64_t channel : of.channels) {
    if (channel < 0 || channel >= output.size(1))
      throw ArgumentError(format("output '{}' has no channel {}: there are {}, counted from 0", of.output, channel, output.size(1)));
    chosen.select(1, channel).fill_(1);
  }
  return chosen;
}

/// Gradients that were just computed, and zeros where nothing came back.
at::Tensor gradient_of(const at::Tensor& x) { return x.grad().defined() ? x.grad() : at::zeros_like(x); }

GradientResult moved(GradientResult result, at::Device device) {
  result.output = result.output.to(device);
  for (Bundle* bundle : {&result.gradients, &result.activations, &result.other_gradients, &result.other_activations})
    *bundle = bundle->to(device);
  return result;
}

class Gradients {
 public:
  Gradients(nn::Model& model, StrandStrategy strands, OutputForms forms)
      : model_(model), strands_(strands), forms_(std::move(forms)), inputs_(model.input_names()) {
    check_strategy(model, strands, forms_);
  }

  GradientResult operator()(const Bundle& batch, const GradientTarget& of, const Names& with_respect_to) const {
    check_target(model_, of, with_respect_to);
    const EvalScope eval(model_);
    const at::AutoGradMode with_gradients(true);
    const Names heads = of.function ? of.outputs : Names{of.output};
    nn::Wanted wanted{heads, {}};
    for (const std::string& name : with_respect_to)
      if (!contains(inputs_, name)) wanted.activations.push_back(name);
    const at::Device from = batch.at(inputs_.front()).device();
    const Bundle inputs = leaves(batch, inputs_, detail::device_of(model_));
    const nn::RunResult given = model_.run(inputs, wanted);
    nn::RunResult other;
    Bundle merged = given.outputs;
    if (strands_.both) {
      const StrandRules rules = strand_rules(model_);
      other = model_.run(other_strand(inputs, rules), wanted);
      for (const std::string& head : heads)
        merged.set(head, merged_output(head, given.outputs.at(head), other.outputs.at(head), rules, strands_.merge, forms_));
    }
    const at::Tensor output = of.function ? of.function(merged) : merged.at(of.output);
    differentiate(output, of, inputs, given, other, with_respect_to);
    return moved(collected(output, inputs, given, other, with_respect_to), from);
  }

 private:
  static void differentiate(const at::Tensor& output, const GradientTarget& of, const Bundle& inputs, const nn::RunResult& given,
                            const nn::RunResult& other, const Names& with_respect_to) {
    const at::Tensor from = seed(output.detach(), of);
    std::vector<at::Tensor> to;
    for (const std::string& name : with_respect_to)
      if (inputs.contains(name)) to.push_back(inputs.at(name));
    for (const nn::RunResult* result : {&given, &other})
      for (const auto& [name, value] : result->activations) to.push_back(value);
    // What does not belong to the graph of the output has no gradient.
    std::erase_if(to, [](const at::Tensor& t) { return !t.requires_grad(); });
    if (output.requires_grad() && !to.empty()) output.backward(from, /*retain_graph=*/false, /*create_graph=*/false, to);
  }

  GradientResult collected(const at::Tensor& output, const Bundle& inputs, const nn::RunResult& given, const nn::RunResult& other,
                           const Names& with_respect_to) const {
    const at::NoGradGuard no_grad;
    GradientResult result;
    result.output = output.detach();
    for (const std::string& name : with_respect_to)
      result.gradients.set(name, gradient_of(inputs.contains(name) ? inputs.at(name) : given.activations.at(name)));
    for (const auto& [name, value] : given.activations) result.activations.set(name, value.detach());
    for (const auto& [name, value] : other.activations) {
      const bool turned = mirrors(name, value);
      const auto back = [&](const at::Tensor& t) { return turned ? t.flip({-1}) : t; };
      result.other_gradients.set(name, back(gradient_of(value)));
      result.other_activations.set(name, back(value.detach()));
    }
    return result;
  }

  /// Whether the positions of an activation run the other way on the other strand.
  bool mirrors(const std::string& path, const at::Tensor& value) const {
    if (value.dim() < 3) return false;
    for (const nn::ActivationRow& row : model_.activation_paths())
      if (path == row.path || path == row.path + ".input") return model_.strand_rule(row.source) != StrandRule::unchanged;
    return false;
  }

  nn::Model& model_;
  StrandStrategy strands_;
  OutputForms forms_;
  Names inputs_;
};

}  // namespace

GradientFn gradient_fn(nn::Model& model, StrandStrategy strands, OutputForms forms) { return Gradients(model, strands, std::move(forms)); }

GradientFn gradient_fn(nn::ModelPtr model, StrandStrategy strands, OutputForms forms) {
  if (!model) throw ArgumentError("gradient_fn needs a model");
  GradientFn gradients = gradient_fn(*model, strands, std::move(forms));
  return [model = std::move(model), gradients = std::move(gradients)](const Bundle& inputs, const GradientTarget& of,
                                                                      const Names& with_respect_to) {
    return gradients(inputs, of, with_respect_to);
  };
}

}  // namespace basewise::infer
