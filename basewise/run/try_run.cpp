#include "basewise/run/try_run.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/core/parallel.h"
#include "basewise/run/detail/before_training.h"
#include "basewise/run/detail/fit.h"
#include "basewise/run/run_setup.h"
#include "basewise/tensor/scopes.h"

namespace basewise::run {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

DryRunResult try_run(const TrainRequest& request) {
  const RunFolder::Existing existing = detail::existing_of(request.resume, request.overwrite);
  if (!request.out.empty()) require_usable(request.out, existing);
  if (request.threads > 0) set_threads(static_cast<int>(request.threads));
  const TensorThreadScope tensor_threads(threads());
  const std::string source = request.recipe.empty() && request.resume ? request.out.string() : request.recipe;
  if (source.empty()) throw ArgumentError("no recipe given; name a TOML file or a built-in recipe");
  const RunSetup setup = set_up(load_recipe(source, request.set), request.device);
  DryRunResult result{.sets = detail::look_before_training(setup),
                      .parameters = setup.parameters,
                      .data_summary = setup.data.summary,
                      .notes = setup.data.notes};
  result.loss = detail::try_every_set(setup);
  return result;
}

std::string to_text(const DryRunResult& r) {
  const std::string loss = std::isnan(r.loss) ? "" : format(", loss before the first step {:.4g}", r.loss);
  return format("a step on every set is fine: {} parameters{}; nothing was written\n", r.parameters, loss);
}

Json to_json(const DryRunResult& r) {
  Json sets = Json::array();
  for (const SetNumbers& set : r.sets) {
    Json targets = Json::array();
    for (const TargetNumbers& target : set.targets)
      for (const OutputNumbers& o : target.outputs)
        targets.push_back({{"target", target.target},
                           {"output", o.name},
                           {"values", o.values},
                           {"missing", o.missing},
                           {"positives", o.binary && o.values > 0 ? Json(o.positives) : Json(nullptr)}});
    sets.push_back({{"name", to_word(set.set)},
                    {"examples", set.examples},
                    {"batches", set.batches > 0 ? Json(set.batches) : Json(nullptr)},
                    {"targets", targets}});
  }
  return {{"status", "dry_run"},
          {"parameters", r.parameters},
          {"loss", std::isnan(r.loss) ? Json(nullptr) : Json(r.loss)},
          {"notes", r.notes},
          {"sets", sets}};
}

}  // namespace basewise::run
