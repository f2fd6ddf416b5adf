#include "basewise/run/train_run.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "basewise/core/clock.h"
#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "basewise/run/detail/run_documents.h"
#include "basewise/run/detail/run_setup.h"

namespace basewise::run {
namespace {

using Json = nlohmann::ordered_json;
using detail::RunSetup;

RunFolder::Existing existing_of(const TrainRequest& request) {
  if (request.resume && request.overwrite) throw ArgumentError("resume and overwrite exclude each other; give one");
  return request.resume ? RunFolder::Existing::resume : request.overwrite ? RunFolder::Existing::overwrite : RunFolder::Existing::refuse;
}

/// Where the recipe comes from: a resumed run brings its own.
std::string recipe_source(const TrainRequest& request) {
  if (!request.recipe.empty()) return request.recipe;
  if (request.resume && fs::exists(request.out / "config.toml")) return request.out.string();
  throw ArgumentError(request.resume ? format("{} holds no config.toml to resume; name the recipe", request.out.string())
                                     : "no recipe given; name a TOML file or a built-in recipe");
}

void write_description(const RunFolder& folder, const RunSetup& setup) {
  Recipe recipe = setup.loaded.recipe;
  recipe.model = {};
  recipe.model_file = "model.toml";
  write_file(folder.config(), to_toml(described(recipe)));
  write_file(folder.model(), setup.model->specification());
  write_file(folder.path() / "model.json", detail::model_document(*setup.model).dump(1) + "\n");
  write_file(folder.path() / "data.json", detail::data_document(setup.data, recipe).dump(1) + "\n");
}

train::TrainerContext context_of(const RunSetup& setup, const RunFolder& folder) {
  train::TrainerContext c;
  c.seed = setup.loaded.recipe.seed;
  c.device = setup.device;
  c.strand = setup.loaded.recipe.strand;
  c.folder = folder.path();
  c.resume = folder.resumed();
  std::vector<std::pair<std::string, std::string>> hashes;
  for (const InputFact& f : setup.inputs) hashes.emplace_back(f.reference, f.sha256);
  c.config = result_configuration(setup.loaded, hashes);
  c.machine = format("{}, {} threads", setup.device.str(), threads());
  c.higher_is_better = higher_is_better;
  if (setup.data.validation->size() > 0) {
    c.validate = [&setup](nn::Model& model) { return validation_values(model, setup.data.validation, *setup.loss, setup.loaded.recipe); };
  }
  return c;
}

/// The method that learns nothing: one row in the log, no checkpoint.
train::TrainerResult fit_log_odds(const RunSetup& setup, const train::TrainerContext& context) {
  const auto start = std::chrono::steady_clock::now();
  const train::LogOddsOptions& options = setup.loaded.recipe.train.log_odds;
  const train::LogOdds matrix = train::count_log_odds(*setup.data.train, {setup.data.validation, setup.data.test}, options);
  train::write_log_odds(*setup.model, matrix, options);
  setup.model->to(setup.device);
  train::TrainerResult result;
  train::EpochLog row{.epoch = 1, .step = 0, .seconds = 0, .learning_rate = 0, .train_loss = std::nan(""), .validation = {}, .data_wait_seconds = 0};
  if (context.validate) row.validation = context.validate(*setup.model);
  result.epochs = 1;
  result.seconds = row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.log.push_back(row);
  write_file(context.folder / "log.tsv", train::log_tsv(result.log));
  log_info("log odds of {} sites among {} positions", matrix.sites, matrix.positions);
  return result;
}

train::TrainerResult fit(const RunSetup& setup, const RunFolder& folder) {
  const train::TrainerContext context = context_of(setup, folder);
  if (setup.loaded.recipe.train.method == "log_odds") return fit_log_odds(setup, context);
  return train::train_model(*setup.model, *setup.loss, setup.data.train, setup.loaded.recipe.train, context);
}

/// Weights that other validation values chose, and last those of the run, which say that it is finished.
void save_all_weights(nn::Model& model, const RunFolder& folder, const std::vector<train::KeptWeights>& also) {
  Bundle final;
  for (const auto& [name, tensor] : train::weights_of(model)) final.set(name, tensor.detach().clone());
  for (const train::KeptWeights& kept : also) {
    train::set_weights(model, kept.weights);
    nn::save_weights(model, folder.weights(kept.metric));
  }
  train::set_weights(model, final);
  nn::save_weights(model, folder.weights());
}

Manifest begin_manifest(const TrainRequest& request, const RunSetup& setup, const RunFolder& folder) {
  Manifest m;
  m.name = setup.loaded.recipe.name;
  m.seed = setup.loaded.recipe.seed;
  m.device = setup.device.str();
  m.threads = threads();
  m.command_line = request.command_line;
  m.started = utc_now();
  m.inputs = setup.inputs;
  m.data_summary = setup.data.summary;
  m.notes = setup.data.notes;
  m.parameters = setup.parameters;
  if (folder.resumed()) {
    const Json before = read_manifest(folder.path());
    m.started = before.value("started", m.started);
    m.sessions = before.value("sessions", std::int64_t{1}) + 1;
  }
  return m;
}

void end_manifest(Manifest& m, const RunFolder& folder, const train::TrainerResult& result) {
  m.status = result.reason == train::StopReason::interrupted ? "interrupted" : "finished";
  m.detail = name(result.reason);
  m.seconds = result.seconds;
  m.ended = utc_now();
  folder.write_manifest(m);
}

void fail_manifest(Manifest& m, const RunFolder& folder, const char* what) {
  m.status = "failed";
  m.detail = what;
  m.ended = utc_now();
  try {
    folder.write_manifest(m);
  } catch (const std::exception& e) {
    log_warning("{}", e.what());  // the failure that brought us here matters more
  }
}

}  // namespace

void describe(Visitor& v, TrainRequest& o) {
  v("recipe", o.recipe, "recipe file (TOML) or the name of a built-in recipe; may be left out with --resume");
  v("out", o.out, "run folder", required());
  v("set", o.set, "options that replace those of the recipe, such as train.epochs=5");
  v("resume", o.resume, "continue an unfinished run from its newest checkpoint");
  v("overwrite", o.overwrite, "replace a run that is there");
  v("report", o.report, "the page report.html in the run folder");
  v("device", o.device, "cpu, cuda, cuda:1, or auto: a GPU when there is one");
  v("threads", o.threads, "processor threads; 0: BASEWISE_THREADS, else all processors. Results repeat bit for bit with the same number", non_negative());
}

TrainResult train_run(const TrainRequest& request) {
  const RunFolder::Existing existing = existing_of(request);
  if (request.out.empty()) throw ArgumentError("no run folder given; name one with --out");
  require_usable(request.out, existing);
  if (request.threads > 0) set_threads(static_cast<int>(request.threads));
  const TensorThreadScope tensor_threads(threads());
  const RunSetup setup = detail::set_up(load_recipe(recipe_source(request), request.set), request.device);

  const RunFolder folder(request.out, existing);
  Manifest manifest = begin_manifest(request, setup, folder);
  folder.write_manifest(manifest);
  try {
    if (!folder.resumed()) write_description(folder, setup);
    TrainResult result{.folder = request.out,
                       .training = fit(setup, folder),
                       .parameters = setup.parameters,
                       .data_summary = setup.data.summary,
                       .notes = setup.data.notes};
    if (result.finished()) save_all_weights(*setup.model, folder, result.training.also);
    end_manifest(manifest, folder, result.training);
    return result;
  } catch (const std::exception& e) {
    fail_manifest(manifest, folder, e.what());
    throw;
  }
}

std::string to_text(const TrainResult& r) {
  const train::TrainerResult& t = r.training;
  if (!r.finished()) {
    return format("Interrupted after {} steps; a checkpoint is saved. To go on:\n  basewise train --out {} --resume\n", t.steps, r.folder.string());
  }
  std::string text = format("{} parameters, {} epochs, {} steps, {:.1f} s ({})\n", r.parameters, t.epochs, t.steps, t.seconds, name(t.reason));
  if (t.best_epoch > 0 && t.best_value) text += format("best epoch {}: {:.4g}\n", t.best_epoch, *t.best_value);
  for (const train::KeptWeights& kept : t.also) text += format("best epoch by {}: {}, {:.4g}\n", kept.metric, kept.epoch, kept.value);
  if (!t.log.empty()) {
    text += "last validation:";
    for (const auto& [metric, value] : t.log.back().validation) text += format(" {} {:.4g}", metric, value);
    text += "\n";
  }
  for (const std::string& note : r.notes) text += format("note: {}\n", note);
  return text + format("run folder: {}\n", r.folder.string());
}

Json to_json(const TrainResult& r) {
  const train::TrainerResult& t = r.training;
  Json log = Json::array();
  for (const train::EpochLog& row : t.log) log.push_back(to_json(row));
  Json also = Json::array();
  for (const train::KeptWeights& kept : t.also) also.push_back({{"value", kept.metric}, {"best_epoch", kept.epoch}, {"best_value", kept.value}});
  return {{"run", r.folder.string()},
          {"status", r.finished() ? "finished" : "interrupted"},
          {"reason", name(t.reason)},
          {"epochs", t.epochs},
          {"steps", t.steps},
          {"seconds", t.seconds},
          {"parameters", r.parameters},
          {"best_epoch", t.best_epoch},
          {"best_value", t.best_value ? Json(*t.best_value) : Json(nullptr)},
          {"also", also},
          {"notes", r.notes},
          {"log", log}};
}

}  // namespace basewise::run
