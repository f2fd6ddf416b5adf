#include "basewise/run/train_run.h"

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/core/printable.h"
#include "basewise/io/tsv.h"
#include "basewise/run/detail/fit.h"
#include "basewise/run/run_setup.h"
#include "basewise/tensor/scopes.h"

namespace basewise::run {
namespace {

using Json = nlohmann::ordered_json;

/// Where the recipe comes from: a resumed run brings its own.
std::string recipe_source(const TrainRequest& request) {
  if (!request.recipe.empty()) return request.recipe;
  if (request.resume && fs::exists(request.out / results::kConfigFile)) return request.out.string();
  throw ArgumentError(request.resume
                          ? format("{} holds no config.toml to resume; name the recipe", request.out.string())
                          : "no recipe given; name a TOML file or a built-in recipe");
}

/// Whether what is asked for is what a finished run did, as far as its folder tells.
bool asks_for_the_same(const TrainRequest& request) {
  if (request.recipe.empty() && request.set.empty()) return true;
  const auto configuration = [](const LoadedRecipe& loaded) {
    Json json = parse_json(result_configuration(loaded, {}), results::kConfigFile);
    json.erase("evaluate");  // completed by the data
    return json;
  };
  return configuration(load_recipe(recipe_source(request), request.set)) ==
         configuration(load_recipe(request.out.string()));
}

/// A run that is finished and asked for again, as by a job that was killed at its very end.
TrainResult finished_before(const TrainRequest& request) {
  remove_stale_lock(request.out);
  const Json manifest = read_manifest(request.out);
  TrainResult result{.folder = request.out,
                     .parameters = manifest.value("parameters", std::int64_t{0}),
                     .data_summary = manifest.value("data", ""),
                     .notes = manifest.value("notes", std::vector<std::string>{})};
  result.training.reason =
      find_choice<train::StopReason>(manifest.value("detail", "")).value_or(train::StopReason::completed);
  result.training.seconds = manifest.value("seconds", 0.0);
  if (const fs::path log = request.out / results::kLogFile; fs::exists(log)) {
    io::TsvReader rows(log);
    while (rows.next()) {
      result.training.epochs = rows.integer("epoch");
      result.training.steps = rows.integer("step");
    }
  }
  log_info("{} is finished already; nothing was trained", request.out.string());
  return result;
}

}  // namespace

void describe(Visitor& v, TrainRequest& o) {
  v("recipe", o.recipe, "recipe file (TOML) or the name of a built-in recipe; may be left out with --resume");
  v("out", o.out, "run folder; --dry-run needs none");
  v("set", o.set, "options that replace those of the recipe, such as train.epochs=5");
  v("resume", o.resume, "continue an unfinished run from its newest checkpoint");
  v("overwrite", o.overwrite, "replace a run that is there");
  v("dry_run", o.dry_run, "look at data, shapes and losses, take one step on every set, and write nothing");
  v("report", o.report, "the page report.html in the run folder");
  v("device", o.device, "cpu, cuda, cuda:1, or auto: a GPU when there is one");
  v("threads", o.threads,
    "processor threads; 0: BASEWISE_THREADS, else all processors. Results repeat bit for bit with the same number",
    non_negative());
}

TrainResult train_run(const TrainRequest& request, const std::vector<std::string>& command_line) {
  const RunFolder::Existing existing = detail::existing_of(request.resume, request.overwrite);
  if (request.out.empty()) throw ArgumentError("no run folder given; name one with --out");
  if (request.resume && fs::exists(request.out) && run_state(request.out) == RunState::finished &&
      asks_for_the_same(request))
    return finished_before(request);
  require_usable(request.out, existing);
  if (request.threads > 0) set_threads(static_cast<int>(request.threads));
  const TensorThreadScope tensor_threads(threads());
  RunSetup setup = set_up(load_recipe(recipe_source(request), request.set), request.device);
  return detail::fit_into(setup, request.out, existing, command_line);
}

namespace {

/// What there is to say of validation beside its values.
std::string validation_note(const train::TrainerResult& t) {
  if (t.log.empty()) return {};
  if (t.log.back().validation.empty()) return "no validation set: the weights are those at the end of training\n";
  // What takes no steps looks for no best epoch.
  if (t.steps == 0 || t.best_value) return {};
  return "no best epoch: what decides it was not defined in any validation; the weights are those at the end of training\n";
}

}  // namespace

std::string to_text(const TrainResult& r) {
  const train::TrainerResult& t = r.training;
  if (!r.finished()) {
    return format("Interrupted after {} steps; a checkpoint is saved. To go on:\n  basewise train --out {} --resume\n",
                  t.steps, r.folder.string());
  }
  std::string text =
      format("{} parameters, {} epochs, {} steps, {:.1f} s ({})\n", r.parameters, t.epochs, t.steps, t.seconds, to_word(t.reason));
  if (t.best_epoch > 0 && t.best_value) text += format("best epoch {}: {:.4g}\n", t.best_epoch, *t.best_value);
  for (const train::KeptWeights& kept : t.also)
    text += format("best epoch by {}: {}, {:.4g}\n", kept.metric, kept.epoch, kept.value);
  text += validation_note(t);
  if (!t.log.empty() && !t.log.back().validation.empty()) {
    text += "last validation:";
    for (const auto& [metric, value] : t.log.back().validation) text += format(" {} {:.4g}", metric, value);
    text += "\n";
  }
  for (const std::string& note : r.notes) text += format("note: {}\n", message_line(note));
  return text + format("run folder: {}\n", r.folder.string());
}

Json to_json(const TrainResult& r) {
  const train::TrainerResult& t = r.training;
  Json log = Json::array();
  for (const train::EpochLog& row : t.log) log.push_back(train::to_json(row));
  Json also = Json::array();
  for (const train::KeptWeights& kept : t.also)
    also.push_back({{"value", kept.metric}, {"best_epoch", kept.epoch}, {"best_value", kept.value}});
  return {{"run", r.folder.string()},
          {"status", r.finished() ? "finished" : "interrupted"},
          {"reason", to_word(t.reason)},
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
