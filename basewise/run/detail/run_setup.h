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

namespace basewise::run::detail {

struct RunSetup {
  LoadedRecipe loaded;
  at::Device device = at::kCPU;
  data::DataSplits data;
  std::vector<InputFact> inputs;
  nn::ModelPtr model;
  std::optional<nn::TotalLoss> loss;
  std::int64_t parameters = 0;
};

/// Builds everything and passes two examples through model and loss. Errors: as of the parts.
RunSetup set_up(LoadedRecipe loaded, const std::string& device);

/// Data of a recipe without random views of the training set: every base or sequence once, on its own strand.
data::DataSplits plain_data(const Recipe& recipe);

}  // namespace basewise::run::detail
