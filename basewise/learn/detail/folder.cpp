#include "basewise/learn/detail/folder.h"

#include <array>
#include <cmath>
#include <functional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/output_folder.h"
#include "basewise/io/number_field.h"
#include "basewise/io/tsv.h"
#include "basewise/learn/evaluation.h"
#include "basewise/learn/model_file.h"
#include "basewise/results/metrics_document.h"

namespace basewise::learn::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDigits = 9;
constexpr const char* kPredictions = "predictions.tsv";
constexpr const char* kModel = "model.safetensors";
constexpr const char* kImportances = "importances.tsv";
constexpr const char* kCoefficients = "coefficients.tsv";
constexpr const char* kComponents = "components.tsv";
// What may be replaced.
constexpr std::array<std::string_view, 6> kOurs = {kPredictions, "metrics.json", kModel, kImportances, kCoefficients, kComponents};

std::string number(double value) { return io::number_field(value, kDigits); }

std::string observed(const Output& output, double value) {
  if (output.is_number() || std::isnan(value)) return number(value);
  return output.classes[static_cast<std::size_t>(value)];
}

void write_predictions(const fs::path& path, const Written& w) {
  const LabelledTable& table = w.table;
  std::vector<std::string> columns = {"row"};
  if (!table.groups.empty()) columns.push_back("group");
  if (w.folds) columns.push_back("fold");
  for (const Output& output : table.targets.outputs) columns.push_back("observed." + output.name);
  const auto channels = channel_names(w.model.outputs);
  for (const std::string& name : channels) columns.push_back("predicted." + name);
  io::TsvWriter out(path, columns);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    std::vector<std::string> fields = {table.rows[row]};
    if (!table.groups.empty()) fields.push_back(table.groups[row]);
    if (w.folds) fields.push_back(w.folds->names[static_cast<std::size_t>(w.folds->fold[row])]);
    for (std::size_t k = 0; k < table.targets.outputs.size(); ++k)
      fields.push_back(observed(table.targets.outputs[k], table.targets.values[k][row]));
    for (std::size_t c = 0; c < channels.size(); ++c) fields.push_back(number(w.predictions[row * channels.size() + c]));
    out.add(fields);
  }
  out.close();
}

Json values_json(const std::vector<results::MetricValue>& values) {
  Json json = Json::object();
  for (const auto& value : values) json[value.metric] = value.value.defined() ? Json(value.value.value) : Json();
  return json;
}

void write_metrics(const fs::path& path, const LearnOptions& options, const Written& w, const LearnResult& result) {
  results::MetricsDocument document = {.evaluation = {.heads = {*result.evaluation}}};
  document.confidence = options.replicates > 0 ? options.confidence : 0;
  Json json = results::to_json(document);
  json.erase("seconds");  // equal calls give equal files
  Json& learned = json["learn"];
  learned = {{"method", to_word(w.model.method())}, {"rows", result.rows}, {"features", result.features}};
  for (const FoldResult& fold : result.folds)
    learned["folds"].push_back({{"fold", fold.name}, {"rows", fold.rows}, {"values", values_json(fold.metrics)}});
  if (result.out_of_bag)
    for (const auto& output : result.out_of_bag->outputs) learned["out_of_bag"][output.name] = values_json(output.metrics);
  write_file(path, json_text(json, 2) + "\n");
}

void write_importances(const fs::path& path, const LearnResult& result) {
  io::TsvWriter out(path, {"feature", "importance"});
  for (const auto& [name, importance] : result.importances) out.add({name, number(importance)});
  out.close();
}

void write_coefficients(const fs::path& path, const Model& model) {
  std::vector<std::string> columns = {"feature"};
  for (const std::string& name : channel_names(model.outputs)) columns.push_back(name);
  io::TsvWriter out(path, columns);
  std::vector<std::string> fields = {"(intercept)"};
  for (const Logistic& regression : model.logistic)
    for (const double intercept : regression.intercepts) fields.push_back(number(intercept));
  out.add(fields);
  const auto inputs = model.inputs();
  for (std::size_t j = 0; j < inputs.size(); ++j) {
    fields = {inputs[j]};
    for (const Logistic& regression : model.logistic)
      for (const auto& channel : regression.coefficients) fields.push_back(number(channel[j]));
    out.add(fields);
  }
  out.close();
}

void write_components(const fs::path& path, const Model& model) {
  std::vector<std::string> columns = {"component", "explained_variance_ratio"};
  columns.insert(columns.end(), model.features.begin(), model.features.end());
  io::TsvWriter out(path, columns);
  const auto explained = model.pca->explained();
  for (std::size_t k = 0; k < explained.size(); ++k) {
    std::vector<std::string> fields = {format("PC{}", k + 1), number(explained[k])};
    for (std::size_t j = 0; j < model.features.size(); ++j) fields.push_back(number(model.pca->components[k * model.features.size() + j]));
    out.add(fields);
  }
  out.close();
}

}  // namespace

void check_folder(const LearnOptions& options) { require_own_folder(options.out, kOurs, options.overwrite, "learn"); }

void write_folder(const LearnOptions& options, const Written& w, LearnResult& result) {
  AtomicDirectory folder(options.out);
  const auto add = [&](const std::string& name, const std::function<void(const fs::path&)>& write) {
    write(folder.temporary() / name);
    result.files.push_back(options.out / name);
  };
  add(kPredictions, [&](const fs::path& path) { write_predictions(path, w); });
  if (result.evaluation) add(results::metrics_file(), [&](const fs::path& path) { write_metrics(path, options, w, result); });
  if (w.folds) {
    add(kModel, [&](const fs::path& path) { write_model(path, w.model); });
    if (w.model.forest) add(kImportances, [&](const fs::path& path) { write_importances(path, result); });
    if (!w.model.logistic.empty()) add(kCoefficients, [&](const fs::path& path) { write_coefficients(path, w.model); });
    if (w.model.pca) add(kComponents, [&](const fs::path& path) { write_components(path, w.model); });
  }
  if (options.overwrite && fs::exists(options.out)) remove_whole(options.out);
  folder.commit();
}

}  // namespace basewise::learn::detail
