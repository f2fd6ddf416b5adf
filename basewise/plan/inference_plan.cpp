#include "basewise/plan/inference_plan.h"

#include "basewise/ops/native.h"
#include "basewise/plan/detail/compiled.h"
#include "basewise/plan/detail/weights.h"
#include "basewise/tensor/scopes.h"

namespace basewise::plan {

using namespace detail;  // NOLINT: this source is made of the pieces in there

struct InferencePlan::Compiled {
  Compiled(std::vector<std::uint64_t> from, PlanProgram lowered) : made_from(std::move(from)), program(std::move(lowered)) {}
  std::vector<std::uint64_t> made_from;
  CompiledProgram program;
};

InferencePlan::InferencePlan(nn::Model& model, PlanOptions options) : model_(model), options_(options) {}
InferencePlan::~InferencePlan() = default;

Bundle InferencePlan::operator()(const Bundle& inputs) {
  const EvalScope mode(model_);
  const NoGradScope no_grad;
  const auto plain = [&] { return model_.forward(inputs); };
  if (ops::chosen_kernels() != ops::Kernels::basewise) return plain();
  const nn::Graph* graph = model_.graph();
  if (graph == nullptr) return plain();
  const std::vector<at::Tensor> tensors = tensors_of(model_);
  if (!are_plannable(tensors)) return plain();
  const std::vector<at::Tensor> given = model_.graph_inputs(inputs);
  for (const at::Tensor& t : given)
    if (!t.device().is_cpu() || t.size(0) == 0) return plain();
  for (const at::Tensor& t : given)
    if (t.size(0) != given.front().size(0)) return plain();
  std::vector<std::uint64_t> now = fingerprints(tensors);
  if (!compiled_ || compiled_->made_from != now)
    compiled_ = std::make_unique<Compiled>(std::move(now), lower(*graph, graph->head_slots()));
  PlanLimits limits;
  limits.cache = options_.cache > 0 ? options_.cache : default_cache();
  limits.rows = options_.rows;
  limits.strips = options_.strips;
  const std::vector<at::Tensor> outputs = compiled_->program.run(given, limits);
  ops::counts().plain += compiled_->program.plain();
  Bundle named;
  for (std::size_t i = 0; i < outputs.size(); ++i) named.set(graph->heads()[i].name, outputs[i]);
  return named;
}

std::string InferencePlan::describe() const { return compiled_ ? compiled_->program.describe() : ""; }

InferencePlan::Steps plan_steps(const nn::Model& model) {
  InferencePlan::Steps steps;
  const nn::Graph* graph = model.graph();
  if (graph == nullptr) return steps;
  const EvalScope mode(const_cast<nn::Model&>(model));  // given back as it was
  for (const PlanOp& o : lower(*graph, graph->head_slots()).ops)
    if (o.kind != PlanKind::input) (o.kind == PlanKind::plain ? steps.plain : steps.planned).push_back(o.name);
  return steps;
}

}  // namespace basewise::plan
