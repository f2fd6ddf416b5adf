#include "basewise/run/open_run.h"

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/nn/weights.h"
#include "basewise/run/estimator.h"
#include "basewise/run/integrity.h"
#include "basewise/run/run_folder.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

fs::path weights_path(const fs::path& folder, const std::string& value) {
  const fs::path file = folder / results::weights_file(value);
  if (value.empty() || fs::exists(file)) return file;
  throw StateError(
      format("{} is missing; the run kept no best weights by '{}': name it in train.select.also before training",
             file.string(), value));
}

/// A run that was begun and has no weights is told apart from a folder that is no run.
void require_finished(const fs::path& folder) {
  if (has_weights(folder) || !fs::exists(folder / results::kManifestFile)) return;
  throw StateError(
      format("{} holds no {}: the run is not finished; continue it with `basewise train --out {} --resume`",
             folder.string(), results::weights_file(), folder.string()));
}

/// Only a run of a program's own model may have no options; else defaults would measure and predict
/// something else in silence.
Recipe recipe_of(const fs::path& folder, const std::vector<std::string>& set) {
  const fs::path file = folder / results::kConfigFile;
  if (fs::exists(file) && fs::file_size(file) > 0) return recipe_of_run(folder, set);
  if (fs::exists(folder / results::kManifestFile) && !read_manifest(folder).value("given", false))
    throw StateError(format("{} is {}: it says what the run was made of. Train it again with its recipe: `basewise train RECIPE --out {} "
                            "--resume` writes what is missing",
                            file.string(), fs::exists(file) ? "empty" : "missing", folder.string()));
  if (!set.empty())
    throw StateError(format("{} has no {} whose options could be set", folder.string(), results::kConfigFile));
  return {};
}

/// Empty where there is no file.
Schema schema_of(const fs::path& folder) {
  const fs::path file = folder / results::kSchemaFile;
  if (!fs::exists(file)) return {};
  const nlohmann::ordered_json json = read_json(file);
  return with_context(file.string(), [&] { return schema_from_json(json); });
}

/// [evaluate] of the run as it was completed: names of labels, strands or tracks. Else those of the
/// target that a loss compares the output with.
std::map<std::string, std::vector<std::string>> names_of(const OpenRun& run) {
  std::map<std::string, std::vector<std::string>> names;
  const nn::TotalLoss losses = make_total_loss(run.recipe);
  for (const nn::LossOptions& loss : losses.options())
    if (const Field* target = run.schema.find(loss.target); target && !target->channels.empty())
      names[loss.output] = target->channels;
  const evaluate::EvaluateOptions& o = run.recipe.evaluate.options;
  const std::vector<std::string> outputs = run.model->output_names();
  const std::string first = o.output.empty() && outputs.size() == 1 ? outputs[0] : o.output;
  if (!first.empty() && !o.names.empty()) names[first] = o.names;
  for (const evaluate::HeadOptions& head : o.heads)
    if (!head.names.empty()) names[head.output] = head.names;
  return names;
}

OpenRun opened(const fs::path& folder, Recipe recipe, nn::ModelPtr model, const std::string& device) {
  model->eval();
  model->to(parse_device(device));
  OpenRun run;
  run.folder = folder;
  run.recipe = std::move(recipe);
  run.model = std::move(model);
  run.schema = schema_of(folder);
  run.strands = infer::prediction_strategy(run.recipe.strand);
  run.forms = infer::output_forms(make_total_loss(run.recipe).options(), run.schema);
  run.names = names_of(run);
  return run;
}

}  // namespace

results::Strands strands_told(const infer::StrandStrategy& strategy) {
  return parse_choice<results::Strands>(strategy.word(), "strands");
}

bool has_weights(const fs::path& folder) { return fs::exists(folder / results::weights_file()); }

OpenRun open_run(const fs::path& folder, const OpenOptions& options) {
  require_finished(folder);
  const fs::path file = folder / results::kModelFile;
  Recipe recipe = recipe_of(folder, options.set);
  const Estimator& estimator = find_estimator(recipe.train.method);
  if (estimator.needs_model() && fs::exists(file) && fs::file_size(file) == 0)
    throw StateError(
        format("the model of {} was given by a program and has no specification: open the run there, with the model",
               folder.string()));
  const fs::path weights = weights_path(folder, options.weights);
  nn::ModelPtr model = estimator.open(folder, weights);
  check_weights(folder, weights);
  return opened(folder, std::move(recipe), std::move(model), options.device);
}

OpenRun open_run(const fs::path& folder, nn::ModelPtr model, const OpenOptions& options) {
  require_finished(folder);
  if (!model) throw ArgumentError("open_run needs a model");
  const fs::path weights = weights_path(folder, options.weights);
  nn::load_weights(*model, weights);
  check_weights(folder, weights);
  return opened(folder, recipe_of(folder, options.set), std::move(model), options.device);
}

}  // namespace basewise::run
