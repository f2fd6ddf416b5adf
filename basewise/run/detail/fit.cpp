#include "basewise/run/detail/fit.h"

#include <nlohmann/json.hpp>

#include "basewise/core/clock.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/nn/model.h"
#include "basewise/run/detail/before_training.h"
#include "basewise/run/detail/data_document.h"
#include "basewise/run/detail/model_document.h"
#include "basewise/run/estimator.h"
#include "basewise/run/integrity.h"
#include "basewise/tensor/schema.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run::detail {
namespace {

using Json = nlohmann::ordered_json;

/// The recipe as resolved. Where a program gave model and data, it does not speak of data, which
/// cannot be built again from it.
std::string config_text(const RunSetup& setup) {
  Recipe recipe = setup.recipe();
  recipe.model = {};
  recipe.model_file = setup.estimator->needs_model() ? results::kModelFile : "";
  if (setup.given)
    return "# Model and data were given by a program.\n" +
           to_toml([&](Visitor& v) { describe_without_data(v, recipe); });
  return to_toml(described(recipe));
}

Json data_json(const RunSetup& setup) {
  Json json = data_document(setup.data, setup.recipe(), setup.numbers);
  if (!setup.given) return json;
  json["kind"] = "given by a program";
  json.erase("split");
  return json;
}

/// What the folder lacks: all of it at the beginning, and what a session did not come to write when
/// it was killed. The options come last, as a run that has them is resumed without its recipe.
void write_description(const RunFolder& folder, const RunSetup& setup) {
  const auto write = [](const fs::path& file, const auto& text) {
    if (!fs::exists(file) || fs::file_size(file) == 0) write_file(file, text());
  };
  write(folder.model(), [&] { return setup.model->specification(); });
  write(folder.path() / results::kModelDocument, [&] { return json_text(model_document(*setup.model), 1) + "\n"; });
  write(folder.path() / results::kDataDocument, [&] { return json_text(data_json(setup), 1) + "\n"; });
  if (const Schema& schema = setup.data.train->schema(); !schema.empty())
    write(folder.path() / results::kSchemaFile, [&] { return json_text(to_json(schema), 1) + "\n"; });
  write(folder.config(), [&] { return config_text(setup); });
}

/// Weights that other validation values chose, and last those of the run,
/// which say that it is finished.
void save_all_weights(const RunSetup& setup, const RunFolder& folder, const std::vector<train::KeptWeights>& also) {
  nn::Model& model = *setup.model;
  Bundle final;
  for (const auto& [name, tensor] : train::weights_of(model)) final.set(name, tensor.detach().clone());
  for (const train::KeptWeights& kept : also) {
    train::set_weights(model, kept.weights);
    setup.estimator->save(model, folder.weights(kept.metric));
  }
  train::set_weights(model, final);
  setup.estimator->save(model, folder.weights());
}

Manifest begin_manifest(const RunSetup& setup, const RunFolder& folder, const std::vector<std::string>& command_line) {
  Manifest m;
  m.name = setup.recipe().name;
  m.seed = setup.recipe().seed;
  m.device = setup.device.str();
  m.threads = threads();
  m.command_line = command_line;
  m.started = utc_now();
  m.inputs = setup.inputs;
  m.data_summary = setup.data.summary;
  m.notes = setup.data.notes;
  m.parameters = setup.parameters;
  m.init = setup.init;
  m.given = setup.given;
  if (folder.resumed()) {
    const Json before = read_manifest(folder.path());
    m.started = before.value("started", m.started);
    m.sessions = before.value("sessions", std::int64_t{1}) + 1;
  }
  return m;
}

void end_manifest(Manifest& m, const RunFolder& folder, const train::TrainerResult& result) {
  m.status = result.reason == train::StopReason::interrupted ? results::RunStatus::interrupted : results::RunStatus::finished;
  if (m.status == results::RunStatus::finished) m.weights = weights_facts(folder.path());
  m.detail = to_word(result.reason);
  m.seconds = result.seconds;
  m.ended = utc_now();
  folder.write_manifest(m);
}

void fail_manifest(Manifest& m, const RunFolder& folder, const char* what) {
  m.status = results::RunStatus::failed;
  m.detail = what;
  m.ended = utc_now();
  try {
    folder.write_manifest(m);
  } catch (const std::exception& e) {
    log_debug("{}", e.what());  // the failure that brought us here matters more
  }
}

}  // namespace

RunFolder::Existing existing_of(bool resume, bool overwrite) {
  if (resume && overwrite) throw ArgumentError("resume and overwrite exclude each other; give one");
  return resume      ? RunFolder::Existing::resume
         : overwrite ? RunFolder::Existing::overwrite
                     : RunFolder::Existing::refuse;
}

TrainResult fit_into(RunSetup& setup, const fs::path& out, RunFolder::Existing existing,
                     const std::vector<std::string>& command_line) {
  setup.numbers = look_before_training(setup);
  const RunFolder folder(out, existing);
  Manifest manifest = begin_manifest(setup, folder, command_line);
  folder.write_manifest(manifest);
  try {
    write_description(folder, setup);
    TrainResult result{.folder = out,
                       .training = setup.estimator->fit(setup, folder),
                       .parameters = setup.parameters,
                       .data_summary = setup.data.summary,
                       .notes = setup.data.notes};
    if (result.finished()) save_all_weights(setup, folder, result.training.also);
    end_manifest(manifest, folder, result.training);
    return result;
  } catch (const std::exception& e) {
    fail_manifest(manifest, folder, e.what());
    throw;
  }
}

}  // namespace basewise::run::detail
