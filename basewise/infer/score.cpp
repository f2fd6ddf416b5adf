#include "basewise/infer/score.h"

#include "basewise/core/error.h"
#include "basewise/infer/detail/device_of.h"
#include "basewise/plan/inference_plan.h"
#include "basewise/tensor/scopes.h"

namespace basewise::infer {
namespace {

// Plans compute on a CPU; anything else is the model's own forward pass.
Bundle apply(nn::Model& model, plan::InferencePlan& plan, const Bundle& inputs) {
  const EvalScope eval(model);
  const NoGradScope no_grad;
  if (inputs.empty()) throw ArgumentError("a model was applied to no input tensor");
  const at::Device from = inputs.begin()->second.device();
  const at::Device device = detail::device_of(model);
  const Bundle outputs =
      device.is_cpu() ? plan(from == device ? inputs : inputs.to(device)) : model.forward(from == device ? inputs : inputs.to(device));
  return from == device ? outputs : outputs.to(from);
}

}  // namespace

ScoreFn score_fn(nn::Model& model, StrandStrategy strands, OutputForms forms) {
  check_strategy(model, strands, forms);
  const auto plan = std::make_shared<plan::InferencePlan>(model);
  // Targets and positions that ride along in a batch are neither turned nor moved to the device.
  return [&model, plan, strands, forms = std::move(forms), names = model.input_names()](const Bundle& batch) {
    Bundle inputs;
    for (const auto& name : names) inputs.set(name, batch.at(name));
    const auto once = [&](const Bundle& given) { return apply(model, *plan, given); };
    return strands.both ? conjoined(once, as_tokens(inputs, model), strand_rules(model), strands.merge, forms, true) : once(inputs);
  };
}

ScoreFn score_fn(nn::ModelPtr model, StrandStrategy strands, OutputForms forms) {
  if (!model) throw ArgumentError("score_fn needs a model");
  auto score = score_fn(*model, strands, std::move(forms));
  return [model = std::move(model), score = std::move(score)](const Bundle& batch) { return score(batch); };
}

}  // namespace basewise::infer
