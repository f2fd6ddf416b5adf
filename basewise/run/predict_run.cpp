#include "basewise/run/predict_run.h"

#include "basewise/run/recipe.h"

namespace basewise::run {

PredictResult predict_run(const PredictOptions& options) {
  PredictOptions known = options;
  Recipe recipe;
  if (std::filesystem::exists(options.run / "config.toml")) recipe = load_recipe(options.run.string()).recipe;
  known.strands = infer::prediction_strategy(recipe.strand);
  known.forms = infer::output_forms(make_total_loss(recipe).options());
  return predict_files(known);
}

}  // namespace basewise::run
