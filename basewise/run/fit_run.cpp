#include "basewise/run/fit_run.h"

#include "basewise/core/files.h"
#include "basewise/core/parallel.h"
#include "basewise/run/detail/fit.h"
#include "basewise/run/run_setup.h"
#include "basewise/tensor/scopes.h"

namespace basewise::run {
namespace {

LoadedRecipe recipe_of(const nn::Model& model, const nn::TotalLoss& loss, const FitOptions& o) {
  LoadedRecipe loaded;
  loaded.recipe = {.name = o.name,
                   .seed = o.seed,
                   .loss = loss.options(),
                   .strand = o.strand,
                   .init = o.init,
                   .train = o.train,
                   .evaluate = o.evaluate,
                   .report = o.report};
  loaded.model_text = model.specification();
  loaded.model_origin = "the model";
  return loaded;
}

}  // namespace

TrainResult fit_run(nn::ModelPtr model, const nn::TotalLoss& loss, const data::DataSplits& data,
                    const FitOptions& options, const fs::path& folder) {
  if (!model) throw ArgumentError("fit_run needs a model");
  if (options.strand.layers != infer::StrandOptions{}.layers)
    throw ArgumentError(format("strand.layers = \"{}\" rewrites a model file; a model that is given stays as it is",
                               options.strand.layers));
  const RunFolder::Existing existing = detail::existing_of(options.resume, options.overwrite);
  require_usable(folder, existing);
  const TensorThreadScope tensor_threads(threads());
  LoadedRecipe loaded = recipe_of(*model, loss, options);
  RunSetup setup = set_up(std::move(loaded), options.device, std::move(model), loss, data);
  return detail::fit_into(setup, folder, existing, options.command_line);
}

}  // namespace basewise::run
