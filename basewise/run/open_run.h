// A run opened from its folder: what predicts, and what the recipe says about it. The one place
// where a verb gets a run from.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "basewise/infer/score.h"
#include "basewise/infer/strands.h"
#include "basewise/nn/model.h"
#include "basewise/results/metrics_document.h"
#include "basewise/run/recipe.h"
#include "basewise/tensor/schema.h"

namespace basewise::run {

/// How a run is opened.
struct OpenOptions {
  std::string weights = {};  ///< value of `train.select.also` whose best weights are taken; empty: the final ones
  std::vector<std::string> set = {};  ///< options that replace those of the run, "strand.predict=conjoined"
  std::string device = "cpu";         ///< cpu, cuda, cuda:1, auto
};

struct OpenRun {
  std::filesystem::path folder = {};
  Recipe recipe = {};
  nn::ModelPtr model = {};             ///< in evaluation mode, on the device that was asked for
  Schema schema = {};                  ///< of the training set; empty: a run that kept none
  infer::StrandStrategy strands = {};  ///< of predictions, as the recipe says
  infer::OutputForms forms = {};       ///< what the losses say of the outputs
  /// of the channels, by output; those that the run does not know are left out
  std::map<std::string, std::vector<std::string>> names = {};

  /// Named inputs to named outputs, by the strategy of the run or another one.
  /// The model stays alive with the function.
  infer::ScoreFn score() const { return score(strands); }
  infer::ScoreFn score(const infer::StrandStrategy& strategy) const { return infer::score_fn(model, strategy, forms); }
};

/// Opens a finished run. A folder with a model and weights alone (no config.toml) is read as a
/// single strand, its outputs as logits of labels where they are called "logits".
/// Errors: StateError for a folder without a finished run, weights that it did not keep, and a run
/// whose model was given by a program.
OpenRun open_run(const std::filesystem::path& folder, const OpenOptions& options = {});

/// The same with the weights put into a model of the caller, as `fit_run` was given one.
OpenRun open_run(const std::filesystem::path& folder, nn::ModelPtr model, const OpenOptions& options = {});

/// What metrics and predictions say of a strategy for the strands.
results::Strands strands_told(const infer::StrandStrategy& strategy);

/// Whether a folder holds the weights of a run.
bool has_weights(const std::filesystem::path& folder);

}  // namespace basewise::run
