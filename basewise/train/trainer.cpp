#include "basewise/train/trainer.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/tensor/scopes.h"
#include "basewise/train/detail/training.h"
#include "basewise/train/freeze.h"
#include "basewise/train/strand_step.h"

namespace basewise::train {

void describe(Visitor& v, TrainOptions& o) {
  v("epochs", o.epochs, "passes over the training set", at_least(1));
  v("max_seconds", o.max_seconds, "training ends after the step that passes this time; 0: no limit", non_negative());
  v("accumulate", o.accumulate, "batches whose gradients are averaged for one optimiser step", at_least(1));
  v("validate_every", o.validate_every, "epochs between two validations; the last epoch always has one", at_least(1));
  v("log_every", o.log_every, "optimiser steps between two losses in the event files", at_least(1));
  v.group("loader", o.loader, "batches of the training set");
  v.group("optimizer", o.optimizer, "update rule");
  v.group("schedule", o.schedule, "learning rate over training");
  v.group("clip", o.clip, "limits on gradients");
  v.group("average", o.average, "exponential averaging of the weights");
  v.group("select", o.select, "best epoch and early stopping");
  v.group("checkpoint", o.checkpoint, "what a killed run resumes from");
}

namespace {

/// The loss of a last step does not see what became of the weights.
/// Errors: StateError with advice.
void require_finite(const nn::Model& model) {
  for (const auto& [name, tensor] : weights_of(model))
    if (!tensor.isfinite().all().item<bool>())
      throw StateError(format("training stopped: {} is not finite after the last step; {}", name, kDivergedAdvice));
}

/// The weights as they are now come back at the end.
class WeightsScope {
 public:
  explicit WeightsScope(nn::Model& model) : model_(model) {
    for (const auto& [name, tensor] : weights_of(model)) before_.set(name, tensor.detach().clone());
  }
  ~WeightsScope() {
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : weights_of(model_)) at::Tensor(tensor).copy_(before_.at(name));
    for (at::Tensor& p : model_.parameters()) p.mutable_grad() = at::Tensor();
  }
  WeightsScope(const WeightsScope&) = delete;
  WeightsScope& operator=(const WeightsScope&) = delete;

 private:
  nn::Model& model_;
  Bundle before_;
};

}  // namespace

TrainerResult train_model(nn::Model& model, const nn::TotalLoss& loss, const data::DatasetPtr& dataset, const TrainOptions& options,
                          const TrainerContext& context) {
  TrainOptions checked = options;
  check(described(checked), "train");
  model.to(context.device);
  TrainerResult result = detail::Training(model, loss, dataset, options, context).run();
  if (result.reason != StopReason::interrupted) require_finite(model);
  return result;
}

double try_step(nn::Model& model, const nn::TotalLoss& loss, const data::DatasetPtr& dataset, const TrainOptions& options,
                const TrainerContext& context) {
  TrainOptions checked = options;
  check(described(checked), "train");
  model.to(context.device);
  const WeightsScope weights(model);
  const double before = detail::Training(model, loss, dataset, options, context).first_step();
  require_finite(model);
  return before;
}

void try_batch(nn::Model& model, const nn::TotalLoss& loss, const data::DatasetPtr& dataset, std::int64_t examples,
               const TrainerContext& context) {
  model.to(context.device);
  const WeightsScope weights(model);
  const RandomScope random(context.seed);
  const Frozen frozen(model, context.frozen);
  const TrainScope mode(model);
  frozen.hold();
  const NoGradScope no_grad;
  const StrandStep strands(model, loss, dataset, context.strand);
  std::vector<Bundle> rows;
  for (std::int64_t i = 0; i < std::min(examples, dataset->size()); ++i) rows.push_back(dataset->get(i, Stream(context.seed)));
  if (rows.empty()) return;
  strands.outputs(model, strands.batch(stack(rows).to(context.device)), std::nullopt);
}

std::string to_string(const nn::TargetFault& fault, const data::Dataset& dataset, std::int64_t example) {
  const Field* field = dataset.schema().find(fault.target);
  const auto channel = static_cast<std::size_t>(fault.channel);
  const bool named = field && channel < field->channels.size();
  const std::string name = named ? format("'{}'", field->channels[channel]) : std::to_string(fault.channel);
  const std::string place = fault.place < 0 ? "" : format(", position {}", fault.place);
  const std::string of_example = dataset.origin(example).name;
  return format("example {}{}: {} {}{} is {}, but {} needs {}; mend the data, leave the column out, or choose another loss ([[loss]] type)",
                example + 1, of_example.empty() ? " (counted from 1)" : format(" ('{}')", of_example), fault.target, name, place,
                fault.value, fault.loss, fault.expected);
}

Bundle weights_of(const torch::nn::Module& model) {
  Bundle weights;
  for (const auto& item : model.named_parameters()) weights.set(item.key(), item.value());
  for (const auto& item : model.named_buffers()) weights.set(item.key(), item.value());
  return weights;
}

void set_weights(torch::nn::Module& model, const Bundle& weights) {
  const Bundle live = weights_of(model);
  for (const auto& [name, tensor] : live) {
    if (!weights.contains(name))
      throw StateError(format("weight '{}' is missing among the saved ones; they belong to another model", name));
    if (weights.at(name).sizes() != tensor.sizes()) {
      throw StateError(format("weight '{}' was saved with shape ({}), this model needs ({})", name,
                              fmt::join(weights.at(name).sizes(), ", "), fmt::join(tensor.sizes(), ", ")));
    }
  }
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : live) at::Tensor(tensor).copy_(weights.at(name));
}

}  // namespace basewise::train
