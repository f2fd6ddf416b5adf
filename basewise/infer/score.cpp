#include "basewise/infer/score.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/nn/plan.h"
#include "basewise/tensor/letters.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"

namespace basewise::infer {
namespace {

const StrandChannels* rule_for(const std::string& name, const std::vector<StrandChannels>& channels) {
  const auto rule = std::find_if(channels.begin(), channels.end(), [&](const StrandChannels& c) { return c.name == name; });
  return rule == channels.end() ? nullptr : &*rule;
}

void check_permutation(const StrandChannels& rule, const at::Tensor& value) {
  const auto& p = rule.permutation;
  const auto n = static_cast<std::int64_t>(p.size());
  if (value.dim() < 2 || value.size(1) != n)
    throw ShapeError(format("strand channels of '{}' name {} channels, but the tensor has shape {}", rule.name, n, shape_text(value.sizes())));
  for (std::int64_t c = 0; c < n; ++c)
    if (p[c] < 0 || p[c] >= n || p[p[c]] != c)
      throw ArgumentError(format("strand channels of '{}' are [{}]: expected a permutation of 0 to {} that undoes itself", rule.name,
                                 fmt::join(p, ", "), n - 1));
}

at::Tensor mirrored(const std::string& name, const at::Tensor& value, const std::vector<StrandChannels>& channels) {
  if (const auto* rule = rule_for(name, channels)) {
    check_permutation(*rule, value);
    const auto permuted = value.index_select(1, at::tensor(rule->permutation, value.options().dtype(at::kLong)));
    return value.dim() >= 3 ? permuted.flip({-1}) : permuted;
  }
  if (name == "sequence") {
    if (is_letters(value)) return reverse_complement_letters(value);
    check_shape(value, name, {{"N"}, {"channels", 4}, {"length"}});
    return value.flip({1, 2});
  }
  if (value.dim() < 3) return value;
  if (value.size(1) == 1) return value.flip({-1});
  if (value.size(1) == 2) return value.flip({1, -1});
  throw ArgumentError(format("cannot turn '{}' of shape {} to the other strand: say where each of its {} channels goes", name,
                             shape_text(value.sizes()), value.size(1)));
}

at::Device device_of(const nn::Model& model) {
  for (const auto& parameter : model.parameters()) return parameter.device();
  for (const auto& buffer : model.buffers()) return buffer.device();
  return at::kCPU;
}

// Plans compute on a CPU; anything else is the model's own forward pass.
Bundle apply(nn::Model& model, nn::InferencePlan& plan, const Bundle& inputs) {
  const EvalScope eval(model);
  const NoGradScope no_grad;
  if (inputs.empty()) throw ArgumentError("a model was applied to no input tensor");
  const at::Device from = inputs.begin()->second.device();
  const at::Device device = device_of(model);
  const Bundle outputs = device.is_cpu() ? plan(from == device ? inputs : inputs.to(device)) : model.forward(from == device ? inputs : inputs.to(device));
  return from == device ? outputs : outputs.to(from);
}

ScoreFn with_strands(ScoreFn score, Strands strands, std::vector<StrandChannels> channels) {
  return strands == Strands::forward ? std::move(score) : average_strands(std::move(score), std::move(channels));
}

/// Turned around, an output that is cut differently at its two ends would lie beside the one of the other strand.
void check_mirrors(const nn::Model& model) {
  for (const auto& name : model.output_names()) {
    const auto context = model.context(name);
    if (context.has_length && context.left != context.right)
      throw ArgumentError(format("output '{}' loses {} positions on the left and {} on the right: strands can only be averaged where both "
                                 "ends lose the same",
                                 name, context.left, context.right));
  }
}

}  // namespace

Strands parse_strands(const std::string& word) {
  if (word == "forward") return Strands::forward;
  if (word == "average") return Strands::average;
  throw ArgumentError(format("strands is '{}': expected forward or average", word));
}

Bundle reverse_complement(const Bundle& batch, const std::vector<StrandChannels>& channels) {
  Bundle turned;
  for (const auto& [name, value] : batch) turned.set(name, mirrored(name, value, channels));
  return turned;
}

ScoreFn average_strands(ScoreFn score, std::vector<StrandChannels> channels) {
  return [score = std::move(score), channels = std::move(channels)](const Bundle& inputs) {
    const Bundle forward = score(inputs);
    const Bundle backward = reverse_complement(score(reverse_complement(inputs, channels)), channels);
    Bundle mean;
    for (const auto& [name, value] : forward) mean.set(name, (value + backward.at(name)) * 0.5);
    return mean;
  };
}

ScoreFn score_fn(nn::Model& model, Strands strands, std::vector<StrandChannels> channels) {
  if (strands == Strands::average) check_mirrors(model);
  const auto names = model.input_names();
  const auto needed = [names](const Bundle& batch) {
    Bundle inputs;
    for (const auto& name : names) inputs.set(name, batch.at(name));
    return inputs;
  };
  const auto plan = std::make_shared<nn::InferencePlan>(model);
  auto score = with_strands([&model, plan](const Bundle& inputs) { return apply(model, *plan, inputs); }, strands, std::move(channels));
  // Targets and positions that ride along in a batch are neither turned nor moved to the device.
  return [score = std::move(score), needed](const Bundle& batch) { return score(needed(batch)); };
}

ScoreFn score_fn(nn::ModelPtr model, Strands strands, std::vector<StrandChannels> channels) {
  if (!model) throw ArgumentError("score_fn needs a model");
  auto score = score_fn(*model, strands, std::move(channels));
  return [model = std::move(model), score = std::move(score)](const Bundle& batch) { return score(batch); };
}

}  // namespace basewise::infer
