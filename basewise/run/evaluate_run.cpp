#include "basewise/run/evaluate_run.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/core/printable.h"
#include "basewise/core/some_of.h"
#include "basewise/evaluate/mean_profile.h"
#include "basewise/infer/score.h"
#include "basewise/nn/model.h"
#include "basewise/results/run_outputs.h"
#include "basewise/run/detail/data_document.h"
#include "basewise/run/detail/evaluation.h"
#include "basewise/run/detail/model_document.h"
#include "basewise/run/detail/tracks_document.h"
#include "basewise/run/example_options.h"
#include "basewise/run/integrity.h"
#include "basewise/run/run_folder.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"

namespace basewise::run {
namespace {

using Json = nlohmann::ordered_json;

void write_json(const fs::path& file, const Json& json, int indent) { write_file(file, json_text(json, indent) + "\n"); }

/// What a page shows beside the metrics.
void write_documents(const OpenRun& run, const data::DataSplits& data, const EvaluateRequest& request, EvaluateResult& result) {
  const auto& evaluation = result.evaluation;
  write_json(run.folder / results::curves_file(request.split, request.weights), results::curves_to_json(evaluation.figures), -1);
  if (!evaluation.figures.loci.empty())
    write_json(run.folder / results::tracks_file(request.split, request.weights),
               detail::tracks_document(evaluation, data, run.recipe, result.notes), -1);
  if (const fs::path file = run.folder / results::kModelDocument; !fs::exists(file))
    write_json(file, detail::model_document(*run.model), 1);
  if (const fs::path file = run.folder / results::kDataDocument; !fs::exists(file))
    write_json(file, detail::data_document(data, run.recipe), 1);
}

/// The files of data that options have put in place of those of the run.
std::vector<std::string> inputs_of_other_data(const std::vector<std::string>& set, const data::DataSplits& data) {
  const auto names_data = [](const std::string& option) { return option.starts_with("data."); };
  std::vector<std::string> names;
  if (std::none_of(set.begin(), set.end(), names_data)) return names;
  for (const data::InputFile& input : data.inputs) names.push_back(input.reference);
  if (names.empty()) names.emplace_back("made by the recipe");
  return names;
}

/// Metrics are of the verb: `out` may be one of its own names. All else in the run is not replaced.
void check_out(const OpenRun& run, const fs::path& out, const data::DataSplits& data) {
  const bool own = out.filename().string().starts_with("metrics") && results::is_file_of(run.folder, out);
  if (out.empty() || own) return;
  std::vector<GivenPath> inputs;
  for (const data::InputFile& input : data.inputs) inputs.push_back({input.reference, input.path});
  require_free(run.folder, out, std::move(inputs));
}

std::vector<ReferenceOptions> references_of(const Recipe& recipe, results::Set split) {
  std::vector<ReferenceOptions> references;
  for (const ReferenceOptions& r : recipe.report.references)
    if (r.split == split) references.push_back(r);
  return references;
}

}  // namespace

void describe(Visitor& v, EvaluateRequest& o) {
  v("run", o.run, "run folder", required());
  v("split", o.split, "set to measure on");
  v("weights", o.weights, "validation value of train.select.also whose best weights are measured; empty: the final weights");
  v("set", o.set, "options that replace those of the run, such as strand.predict=conjoined");
  v("shifts", o.shifts, "bases by which sequences are moved, each a prediction of its own, as ensemble.shifts; empty: those of the run");
  v("mc", o.mc, "passes with dropout for each prediction, as ensemble.mc; 0: as the run says", non_negative());
  v("out", o.out,
    "file for the metrics; default: metrics.json in the run folder, metrics.<split>.json for another set than test, "
    "metrics.<weights>.json "
    "for other weights");
  v("device", o.device, "cpu, cuda, cuda:1, or auto: a GPU when there is one");
  v("threads", o.threads, "processor threads; 0: BASEWISE_THREADS, else all processors", non_negative());
  v("report", o.report, "the page report.html in the run folder");
}

EvaluateRequest with_ensemble(EvaluateRequest request) {
  if (!request.shifts.empty()) request.set.push_back(format("ensemble.shifts=[{}]", fmt::join(request.shifts, ", ")));
  if (request.mc > 0) request.set.push_back(format("ensemble.mc={}", request.mc));
  request.shifts.clear();
  request.mc = 0;
  return request;
}

EvaluateResult evaluate_run(const EvaluateRequest& request) {
  KeptData data;
  return evaluate_run(request, data);
}

EvaluateResult evaluate_run(const EvaluateRequest& asked, KeptData& kept) {
  const EvaluateRequest request = with_ensemble(asked);
  const auto start = std::chrono::steady_clock::now();
  const Json manifest = read_manifest(request.run);
  if (request.threads > 0) set_threads(static_cast<int>(request.threads));
  const TensorThreadScope tensor_threads(threads());
  if (manifest.value("given", false))
    throw StateError(
        format("the data of {} were given by a program: measure the run there, with evaluate_run of an open run", request.run.string()));
  const OpenRun run = open_run(request.run, {.weights = request.weights, .set = request.set, .device = request.device});
  EvaluateResult result = evaluate_run(run, kept.of(run.recipe), request);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

EvaluateResult evaluate_run(const OpenRun& run, const data::DataSplits& data, const EvaluateRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  const TensorThreadScope tensor_threads(threads());
  const data::DatasetPtr& set = data[request.split];
  if (set->size() == 0)
    throw ArgumentError(format("the {} set of {} is empty; look at [data.split] of its recipe", request.split, run.folder.string()));
  check_out(run, request.out, data);
  std::vector<std::pair<std::string, fs::path>> inputs;
  for (const data::InputFile& input : data.inputs) inputs.emplace_back(input.reference, input.path);
  warn_of_changed_inputs(run.folder, inputs);
  const evaluate::EvaluateOptions options = detail::complete_evaluation(run.recipe, data);
  const evaluate::EvaluationPlan plan = evaluate::plan_of(options);
  evaluate::EvaluationExtras extras{.figures = request.out.empty()};
  if (options.mean_profile && data.train->size() > 0) extras.floors = evaluate::mean_profiles(data.train, plan);
  EvaluateResult result{.evaluation = evaluate::evaluate_heads(prediction(*run.model, run.recipe, *set), set, plan, extras),
                        .file = request.out,
                        .split = request.split,
                        .weights = request.weights,
                        .strands = strands_told(run.strands),
                        .references = references_of(run.recipe, request.split),
                        .set = request.set,
                        .inputs = inputs_of_other_data(request.set, data),
                        .notes = {},
                        .confidence = options.bootstrap.confidence,
                        .seconds = 0};
  if (result.file.empty()) result.file = run.folder / results::metrics_file(request.split, request.weights);
  if (request.out.empty()) write_documents(run, data, request, result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write_file(result.file, json_text(to_json(result), 2) + "\n");
  return result;
}

std::string to_text(const EvaluateResult& result) {
  std::string text = format("{} set, strands: {}{}\n{}", result.split, result.strands,
                            result.weights.empty() ? "" : format(", weights: {}", result.weights), results::to_text(result.evaluation));
  for (const std::string& note : result.notes) text += format("note: {}\n", message_line(note));
  if (!result.set.empty()) text += format("options in place of those of the run: {}\n", message_line(some_of(result.set)));
  return text + format("metrics: {} ({:.1f} s)\n", result.file.string(), result.seconds);
}

void require_free(const fs::path& run, const fs::path& out, std::vector<GivenPath> inputs) {
  if (out.empty()) return;
  results::require_no_toml({"out", out});
  for (GivenPath& file : given_files({}, run)) inputs.push_back(std::move(file));
  require_apart(inputs, {{"out", out}});
  results::require_no_run_file(run, {{"out", out}});
}

nlohmann::ordered_json to_json(const EvaluateResult& result) {
  results::MetricsDocument document{.evaluation = result.evaluation,
                                    .split = result.split,
                                    .weights = result.weights,
                                    .strands = result.strands,
                                    .confidence = result.confidence,
                                    .references = {},
                                    .set = result.set,
                                    .inputs = result.inputs};
  for (const ReferenceOptions& r : result.references) document.references.push_back({r.metric, r.label, r.value});
  return results::to_json(document);
}

}  // namespace basewise::run
