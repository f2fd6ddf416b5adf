#include "basewise/train/trainer.h"

#include "basewise/train/detail/training.h"

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

TrainerResult train_model(nn::Model& model, const nn::TotalLoss& loss, const data::DatasetPtr& dataset, const TrainOptions& options,
                          const TrainerContext& context) {
  TrainOptions checked = options;
  check(described(checked), "train");
  model.to(context.device);
  return detail::Training(model, loss, dataset, options, context).run();
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
