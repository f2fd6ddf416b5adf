// Training by a program that brings a model, losses and data of its own: the same folder and
// manifest as training by a recipe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/data/build.h"
#include "basewise/nn/loss.h"
#include "basewise/nn/model.h"
#include "basewise/run/train_run.h"

namespace basewise::run {

/// What a recipe says beside model, losses and data.
struct FitOptions {
  std::string name = "run";
  std::uint64_t seed = 1;
  infer::StrandOptions strand = {};
  std::vector<InitOptions> init = {};
  RecipeTraining train = {};
  RecipeEvaluation evaluate = {};
  RecipeReport report = {};
  bool resume = false;     ///< continue an unfinished run
  bool overwrite = false;  ///< replace a run
  std::string device = "cpu";
  std::vector<std::string> command_line = {};  ///< for the manifest
};

/// Trains `model` in place and leaves a run folder: config.toml (the options, without data),
/// model.toml (what `Model::specification` says), weights, log, checkpoints, documents for pages,
/// manifest. Sets of `data` may be empty, but not null.
///
/// Such a run is opened again with `open_run(folder, model)`, then measured with
/// `evaluate_run(run, data, request)` and applied with `predict_run(run, options)`;
/// `basewise report` makes its page, and `basewise predict` applies it where `specification` is a
/// model file.
/// Errors: as `train_run`.
TrainResult fit_run(nn::ModelPtr model, const nn::TotalLoss& loss, const data::DataSplits& data,
                    const FitOptions& options, const std::filesystem::path& folder);

}  // namespace basewise::run
