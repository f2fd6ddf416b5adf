// The function behind the verb train: a recipe to a run folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"
#include "basewise/run/recipe.h"
#include "basewise/run/run_folder.h"
#include "basewise/train/trainer.h"

namespace basewise::run {

struct TrainRequest {
  std::string recipe = {};            ///< file, built-in name, or empty with `resume`: the recipe of the run folder
  std::filesystem::path out = {};     ///< run folder
  std::vector<std::string> set = {};  ///< "train.epochs=5": options that replace those of the recipe
  bool resume = false;                ///< continue an unfinished run
  bool overwrite = false;             ///< replace a run
  bool dry_run = false;               ///< for the program: `try_run` instead
  bool report = true;                 ///< for the program: write the page of the run
  std::string device = "cpu";         ///< cpu, cuda, cuda:1, auto
  std::int64_t threads = 0;           ///< 0: BASEWISE_THREADS, else all processors
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

/// Trains by a recipe and leaves a run folder. The folder is made only after recipe, data and model
/// were found to fit together. `command_line` goes into the manifest.
/// Errors: ArgumentError (recipe, device, folder options), DataError (files), StateError (folder,
/// checkpoints, loss that is no number).
TrainResult train_run(const TrainRequest& request, const std::vector<std::string>& command_line = {});

/// A few lines for people; for an interrupted run how to resume it.
std::string to_text(const TrainResult& result);
nlohmann::ordered_json to_json(const TrainResult& result);

}  // namespace basewise::run
