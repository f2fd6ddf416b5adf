// The functions behind the verbs train and evaluate: a recipe to a run folder, a run folder to metrics.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/run/kept_data.h"
#include "basewise/run/recipe.h"
#include "basewise/run/run_folder.h"

namespace basewise::run {

struct TrainRequest {
  std::string recipe = {};                 ///< file, built-in name, or empty with `resume`: the recipe of the run folder
  std::filesystem::path out = {};          ///< run folder
  std::vector<std::string> set = {};       ///< "train.epochs=5": options that replace those of the recipe
  bool resume = false;                ///< continue an unfinished run
  bool overwrite = false;             ///< replace a run
  bool report = true;                 ///< for the program: write the page of the run
  std::string device = "cpu";         ///< cpu, cuda, cuda:1, auto
  std::int64_t threads = 0;           ///< 0: BASEWISE_THREADS, else all processors
  std::vector<std::string> command_line = {};  ///< for the manifest; not described
};
void describe(Visitor& v, TrainRequest& o);

struct TrainResult {
  std::filesystem::path folder = {};
  train::TrainerResult training = {};
  std::int64_t parameters = 0;
  std::string data_summary = {};
  std::vector<std::string> notes = {};  ///< about the data: what was skipped, cut, shared between sets
  bool finished() const { return training.reason != train::StopReason::interrupted; }
};

/// Trains by a recipe and leaves a run folder. The folder is made only after recipe, data and model were found to fit together.
/// Errors: ArgumentError (recipe, device, folder options), DataError (files), StateError (folder, checkpoints, loss that is no number).
TrainResult train_run(const TrainRequest& request);

/// A few lines for people; for an interrupted run how to resume it.
std::string to_text(const TrainResult& result);
nlohmann::ordered_json to_json(const TrainResult& result);

struct EvaluateRequest {
  std::filesystem::path run = {};      ///< run folder
  std::string split = "test";     ///< train, validation or test
  std::string weights = {};       ///< value of `train.select.also` whose best weights are measured; empty: the final ones
  std::vector<std::string> set = {};   ///< "strand.predict=conjoined"
  std::filesystem::path out = {};      ///< empty: metrics.json in the run folder, metrics.<split>.json for another set than test, metrics.<weights>.json
  std::string device = "cpu";
  std::int64_t threads = 0;
  bool report = true;             ///< for the program: write the page of the run
};
void describe(Visitor& v, EvaluateRequest& o);

struct EvaluateResult {
  evaluate::EvaluationResult evaluation = {};
  std::filesystem::path file = {};  ///< what was written
  std::string split = {};
  std::string weights = {};
  std::string strands = {};  ///< single, or both strands merged: mean, max, probability
  std::vector<ReferenceOptions> references = {};  ///< of the recipe, for this set
  std::vector<std::string> notes = {};            ///< what a page will lack, and why
  double confidence = 0;                          ///< of the intervals
  double seconds = 0;
};

/// Measures the weights of a run on one of its sets and writes the metrics atomically. Unless `out` names another place, what a page shows
/// beside them goes into the run folder too: curves.json and, per base, tracks.json (curves.<split>.json, tracks.<split>.json for another
/// set than test); model.json and data.json where training did not leave them.
/// Errors: StateError when the folder holds no finished run; ArgumentError and DataError as `load_recipe` and `data::build_data`.
EvaluateResult evaluate_run(const EvaluateRequest& request);

/// The same with the data of an earlier call where they fit, for several measurements one after another.
EvaluateResult evaluate_run(const EvaluateRequest& request, KeptData& kept);

std::string to_text(const EvaluateResult& result);
nlohmann::ordered_json to_json(const EvaluateResult& result);

}  // namespace basewise::run
