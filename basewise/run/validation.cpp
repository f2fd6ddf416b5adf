#include "basewise/run/validation.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "basewise/core/error.h"
#include "basewise/infer/score.h"
#include "basewise/nn/loss_mean.h"
#include "basewise/tensor/torch.h"
#include "basewise/run/detail/evaluation.h"

namespace basewise::run {
namespace {

/// A sum is finite only where all values are; one that overflows is looked at again.
bool all_finite(const at::Tensor& x) { return at::isfinite(x.sum()).item<bool>() || at::isfinite(x).all().item<bool>(); }

/// Calls a score function and remembers the first output that is no finite number.
struct FiniteOutputs {
  infer::ScoreFn score = {};
  std::string wrong = {};

  Bundle operator()(const Bundle& batch) {
    Bundle outputs = score(batch);
    for (const auto& [name, tensor] : outputs)
      if (wrong.empty() && !all_finite(tensor)) wrong = name;
    return outputs;
  }
};

/// Metrics refuse what is not finite by its place in a column, which says nothing of the cause.
[[noreturn]] void throw_diverged(std::string_view what, const std::string& name) {
  throw StateError(format("validation stopped: {} '{}' of the model is not finite; {}", what, name, train::kDivergedAdvice));
}

/// A weight says more of the cause than what it makes of outputs.
void check_weights(const nn::Model& model) {
  for (const auto& item : model.named_parameters())
    if (at::isnan(item.value()).any().item<bool>()) throw_diverged("weight", item.key());
}

}  // namespace

train::NamedValues validation_values(nn::Model& model, const data::DatasetPtr& dataset, const nn::TotalLoss& loss,
                                     const Recipe& recipe, const TellUndefined& undefined) {
  check_weights(model);
  const nn::TotalLoss own = loss.following(dataset->schema());
  nn::LossMean mean;
  const auto observe = [&](const Bundle& outputs, const Bundle& batch) { mean.add(own.batch(outputs, batch)); };
  FiniteOutputs finite{.score = single_prediction(model, recipe, *dataset)};
  evaluate::EvaluationResult result;
  try {
    result = evaluate::evaluate(std::ref(finite), dataset, detail::for_validation(recipe), {.observe = observe});
  } catch (const Error&) {
    if (!finite.wrong.empty()) throw_diverged("output", finite.wrong);
    throw;
  }
  if (!finite.wrong.empty() && !std::isfinite(mean.value())) throw_diverged("output", finite.wrong);
  const std::string loss_name = "loss";
  train::NamedValues values{{loss_name, mean.value()}};
  if (undefined && std::isnan(mean.value())) undefined(loss_name, "nothing was measured");
  for (const auto& [name, value] : result.values()) values.emplace_back(name, value.value);
  for (const std::string& name : train::watched_values(recipe.train.options.select)) {
    if (name == loss_name) continue;
    const metrics::MetricResult found = result.value(name);
    const bool there = std::any_of(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
    if (!there) values.emplace_back(name, found.value);
    if (undefined && !found.defined()) undefined(name, found.reason);
  }
  return values;
}

}  // namespace basewise::run
