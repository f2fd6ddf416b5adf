#include <chrono>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/parallel.h"
#include "basewise/infer/score.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "basewise/run/detail/evaluation.h"
#include "basewise/run/detail/run_documents.h"
#include "basewise/run/train_run.h"

namespace basewise::run {
namespace {

using Json = nlohmann::ordered_json;

/// "metrics.json" for the final weights and the test set, "metrics.train.json" for another set, "metrics.loss.json" and
/// "metrics.loss.train.json" for other weights.
fs::path file_of(const EvaluateRequest& request, const char* what) {
  std::string name = what;
  if (!request.weights.empty()) name += "." + request.weights;
  if (request.split != "test") name += "." + request.split;
  return request.run / (name + ".json");
}

nn::ModelPtr load(const EvaluateRequest& request) {
  const nn::ModelPtr model = nn::load_model(request.run);
  if (request.weights.empty()) return model;
  const fs::path file = request.run / results::weights_file(request.weights);
  if (!fs::exists(file))
    throw StateError(format("{} is missing; the run kept no best weights by '{}': name it in train.select.also before training",
                            file.string(), request.weights));
  nn::load_weights(*model, file);
  return model;
}

void write_json(const fs::path& file, const Json& json, int indent) { write_file(file, json.dump(indent) + "\n"); }

/// What a page shows beside the metrics.
void write_documents(const EvaluateRequest& request, const data::DataSplits& data, const nn::Model& model, const Recipe& recipe,
                     EvaluateResult& result) {
  const auto& evaluation = result.evaluation;
  write_json(file_of(request, "curves"), results::curves_to_json(evaluation.figures), -1);
  if (!evaluation.figures.loci.empty())
    write_json(file_of(request, "tracks"), detail::tracks_document(evaluation, data, recipe, result.notes), -1);
  if (const fs::path file = request.run / "model.json"; !fs::exists(file)) write_json(file, detail::model_document(model), 1);
  if (const fs::path file = request.run / "data.json"; !fs::exists(file)) write_json(file, detail::data_document(data, recipe), 1);
}

std::vector<ReferenceOptions> references_of(const Recipe& recipe, const std::string& split) {
  std::vector<ReferenceOptions> references;
  for (const ReferenceOptions& r : recipe.report.references)
    if (r.split == split) references.push_back(r);
  return references;
}

}  // namespace

void describe(Visitor& v, EvaluateRequest& o) {
  v("run", o.run, "run folder", required());
  v("split", o.split, "set to measure on", one_of({"train", "validation", "test"}));
  v("weights", o.weights, "validation value of train.select.also whose best weights are measured; empty: the final weights");
  v("set", o.set, "options that replace those of the run, such as strand.predict=conjoined");
  v("out", o.out,
    "file for the metrics; default: metrics.json in the run folder, metrics.<split>.json for another set than test, metrics.<weights>.json "
    "for other weights");
  v("device", o.device, "cpu, cuda, cuda:1, or auto: a GPU when there is one");
  v("threads", o.threads, "processor threads; 0: BASEWISE_THREADS, else all processors", non_negative());
  v("report", o.report, "the page report.html in the run folder");
}

EvaluateResult evaluate_run(const EvaluateRequest& request) {
  KeptData data;
  return evaluate_run(request, data);
}

EvaluateResult evaluate_run(const EvaluateRequest& request, KeptData& kept) {
  const auto start = std::chrono::steady_clock::now();
  read_manifest(request.run);
  if (!fs::exists(request.run / "weights.safetensors")) {
    throw StateError(format("{} holds no weights.safetensors: the run is not finished; continue it with `basewise train --out {} --resume`",
                            request.run.string(), request.run.string()));
  }
  if (request.threads > 0) set_threads(static_cast<int>(request.threads));
  const TensorThreadScope tensor_threads(threads());
  const at::Device device = parse_device(request.device);
  LoadedRecipe loaded = load_recipe(request.run.string(), request.set);
  const data::DataSplits& data = kept.of(loaded.recipe);
  evaluate::EvaluateOptions& options = loaded.recipe.evaluate.options;
  options = detail::complete_evaluation(loaded.recipe, data);
  const nn::ModelPtr model = load(request);
  model->to(device);

  const data::DatasetPtr& set = data[request.split];
  if (set->size() == 0)
    throw ArgumentError(format("the {} set of {} is empty; look at [data.split] of its recipe", request.split, request.run.string()));
  const evaluate::EvaluationPlan plan = evaluate::plan_of(options);
  evaluate::EvaluationExtras extras{.figures = request.out.empty()};
  if (options.mean_profile && data.train->size() > 0) extras.floors = evaluate::mean_profiles(data.train, plan);
  EvaluateResult result{.evaluation = evaluate::evaluate_heads(prediction(*model, loaded.recipe, *set), set, plan, extras),
                        .file = request.out,
                        .split = request.split,
                        .weights = request.weights,
                        .strands = std::string(infer::prediction_strategy(loaded.recipe.strand).word()),
                        .references = references_of(loaded.recipe, request.split),
                        .notes = {},
                        .confidence = options.bootstrap.confidence,
                        .seconds = 0};
  if (result.file.empty()) result.file = file_of(request, "metrics");
  if (request.out.empty()) write_documents(request, data, *model, loaded.recipe, result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write_file(result.file, to_json(result).dump(2) + "\n");
  return result;
}

std::string to_text(const EvaluateResult& result) {
  std::string text = format("{} set, strands: {}{}\n{}", result.split, result.strands,
                            result.weights.empty() ? "" : format(", weights: {}", result.weights), results::to_text(result.evaluation));
  for (const std::string& note : result.notes) text += format("note: {}\n", note);
  return text + format("metrics: {} ({:.1f} s)\n", result.file.string(), result.seconds);
}

nlohmann::ordered_json to_json(const EvaluateResult& result) {
  results::MetricsDocument document{.evaluation = result.evaluation,
                                    .split = result.split,
                                    .weights = result.weights,
                                    .strands = result.strands,
                                    .confidence = result.confidence};
  for (const ReferenceOptions& r : result.references) document.references.push_back({r.metric, r.label, r.value});
  return results::to_json(document);
}

}  // namespace basewise::run
