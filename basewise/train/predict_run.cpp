#include "basewise/train/predict_run.h"

#include "basewise/train/recipe.h"

namespace basewise::train {

infer::PredictResult predict_run(const infer::PredictOptions& options) {
  infer::PredictOptions known = options;
  Recipe recipe;
  if (std::filesystem::exists(options.run / "config.toml")) recipe = load_recipe(options.run.string()).recipe;
  known.strands = infer::prediction_strategy(recipe.strand);
  known.forms = infer::output_forms(make_total_loss(recipe).options());
  return infer::predict_run(known);
}

}  // namespace basewise::train
