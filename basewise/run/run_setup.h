// From a recipe to data, model and losses that were seen to fit together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "basewise/data/build.h"
#include "basewise/nn/loss.h"
#include "basewise/nn/model.h"
#include "basewise/run/recipe.h"
#include "basewise/run/run_folder.h"
#include "basewise/run/set_numbers.h"
#include "basewise/run/validation.h"
#include "basewise/train/log_table.h"

namespace basewise::run {

class Estimator;

/// Everything that a run is made of.
struct RunSetup {
  LoadedRecipe loaded = {};
  const Estimator* estimator = nullptr;
  at::Device device = at::kCPU;
  data::DataSplits data = {};
  std::vector<InputFact> inputs = {};
  nn::ModelPtr model = {};
  std::optional<nn::TotalLoss> loss = {};
  std::vector<InitReport> init = {};
  std::int64_t parameters = 0;
  std::vector<SetNumbers> numbers = {};  ///< of the sets, once they were counted
  bool given = false;  ///< model and data came from a program, not from the recipe

  const Recipe& recipe() const { return loaded.recipe; }
};

/// Builds everything; the estimator looks whether it fits together. Errors: as of the parts.
RunSetup set_up(LoadedRecipe loaded, const std::string& device);

/// The same with model, losses and data of a program.
RunSetup set_up(LoadedRecipe loaded, const std::string& device, nn::ModelPtr model, const nn::TotalLoss& loss,
                data::DataSplits data);

/// Data of a recipe without random views of the training set:
/// every base or sequence once, on its own strand.
data::DataSplits plain_data(const Recipe& recipe);

/// Looks whether strands, shapes of inputs, model and loss fit, by two examples.
/// Errors: ArgumentError, ShapeError.
void try_out(const RunSetup& setup);

/// The options that the result of this run depends on (see `result_configuration`), with the hashes
/// of the files that it reads.
std::string result_configuration(const RunSetup& setup);

/// Values of the validation set for the model as it is; empty without a validation set. `undefined`
/// as for `validation_values`.
train::NamedValues validate(const RunSetup& setup, nn::Model& model, const TellUndefined& undefined = {});

}  // namespace basewise::run
