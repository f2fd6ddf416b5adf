#include "basewise/train/strand_step.h"

#include "basewise/data/strands.h"

namespace basewise::train {

void check_strands(const infer::StrandOptions& options, const nn::Model& model, const nn::TotalLoss& loss, const data::Dataset& dataset) {
  infer::StrandOptions checked = options;
  check(described(checked), "strand");
  const infer::StrandStrategy predicted = infer::prediction_strategy(options);
  if (options.train != infer::StrandTraining::conjoined && !predicted.both) return;
  infer::check_mirrors(model);
  infer::check_merge(predicted.merge, infer::output_forms(loss.options()));
  infer::check_rules(model, loss.options(), dataset);
}

StrandStep::StrandStep(const nn::Model& model, const nn::TotalLoss& loss, data::DatasetPtr dataset, const infer::StrandOptions& options)
    : dataset_(std::move(dataset)),
      augmented_(options.train == infer::StrandTraining::augmented),
      conjoined_(options.train == infer::StrandTraining::conjoined),
      merge_(infer::prediction_strategy(options).merge),
      forms_(infer::output_forms(loss.options(), dataset_->schema())) {
  check_strands(options, model, loss, *dataset_);
}

Bundle StrandStep::batch(const Bundle& loaded) const {
  return augmented_ ? infer::doubled(loaded, data::other_strand(loaded, *dataset_)) : loaded;
}

Bundle StrandStep::outputs(nn::Model& model, const Bundle& batch, const std::optional<std::vector<std::string>>& heads) const {
  const auto apply = [&](const Bundle& inputs) { return heads ? model.run(inputs, {.heads = heads}).outputs : model.forward(inputs); };
  if (!conjoined_) return apply(batch);
  Bundle inputs;
  for (const auto& name : model.input_names()) inputs.set(name, batch.at(name));
  return infer::conjoined(apply, infer::as_tokens(inputs, model), infer::strand_rules(model), merge_, forms_);
}

}  // namespace basewise::train
