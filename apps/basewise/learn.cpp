#include "basewise/learn/learn.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "apps/basewise/verbs.h"
#include "basewise/core/log.h"

namespace basewise::app {
namespace {

constexpr std::size_t kShown = 10;  // outputs, and columns by importance, in the text for people

nlohmann::ordered_json value_json(const results::MetricValue& m) {
  nlohmann::ordered_json json = {{"value", nullptr}};
  if (m.value.defined())
    json["value"] = m.value.value;
  else
    json["reason"] = m.value.reason;
  if (m.interval.replicates > 0) json.update({{"low", m.interval.low}, {"high", m.interval.high}});
  return json;
}

nlohmann::ordered_json values_json(const std::vector<results::MetricValue>& values) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& value : values) json[value.metric] = value_json(value);
  return json;
}

nlohmann::ordered_json outputs_json(const results::HeadEvaluation& head) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& output : head.outputs) json[output.name] = values_json(output.metrics);
  return json;
}

nlohmann::ordered_json to_json(const learn::LearnResult& result) {
  nlohmann::ordered_json json = {{"files", nlohmann::ordered_json::array()},
                                 {"rows", result.rows},
                                 {"features", result.features},
                                 {"outputs", result.outputs},
                                 {"metrics", nullptr},
                                 {"folds", nlohmann::ordered_json::array()},
                                 {"notes", result.notes},
                                 {"seconds", result.seconds}};
  for (const auto& file : result.files) json["files"].push_back(file.string());
  if (result.evaluation) json["metrics"] = outputs_json(*result.evaluation);
  for (const auto& fold : result.folds)
    json["folds"].push_back({{"fold", fold.name}, {"rows", fold.rows}, {"metrics", values_json(fold.metrics)}});
  if (result.out_of_bag) json["out_of_bag"] = outputs_json(*result.out_of_bag);
  for (const auto& [name, importance] : result.importances) json["importances"].push_back({{"feature", name}, {"importance", importance}});
  return json;
}

std::string cell(const results::MetricValue& m) {
  if (!m.value.defined()) return "-";
  std::string text = format("{:.4f}", m.value.value);
  if (m.interval.replicates > 0) text += format(" [{:.4f}, {:.4f}]", m.interval.low, m.interval.high);
  return text;
}

std::string metrics_text(const learn::LearnResult& result) {
  const results::HeadEvaluation& head = *result.evaluation;
  std::vector<std::vector<std::string>> rows = {{"LABEL", "ROWS"}};
  for (const auto& m : head.pooled.metrics) rows.front().push_back(m.metric);
  const auto add = [&](const std::string& name, std::int64_t examples, const std::vector<results::MetricValue>& values) {
    rows.push_back({name, format("{}", examples)});
    for (const auto& value : values) rows.back().push_back(cell(value));
  };
  for (std::size_t i = 0; i < std::min(kShown, head.outputs.size()); ++i)
    add(head.outputs[i].name, head.outputs[i].counts.examples, head.outputs[i].metrics);
  if (head.outputs.size() > 1) add("(mean)", head.examples, head.mean);
  if (result.out_of_bag) add("(out of bag)", result.out_of_bag->examples, result.out_of_bag->mean);
  return table_text(rows);
}

std::string importances_text(const learn::LearnResult& result) {
  std::vector<std::vector<std::string>> rows = {{"FEATURE", "IMPORTANCE"}};
  for (std::size_t i = 0; i < std::min(kShown, result.importances.size()); ++i)
    rows.push_back({result.importances[i].first, format("{:.4f}", result.importances[i].second)});
  return table_text(rows);
}

}  // namespace

int learn(const Arguments& arguments) {
  Command command("basewise learn",
                  "Predicts columns of a table from others, by a random forest or logistic "
                  "regression: every row once by a model that\n"
                  "has not seen its fold, with the metrics of all evaluations and their "
                  "intervals, and a model of all rows.\n"
                  "With --apply, predicts the rows of another table by such a model.",
                  {"basewise learn variants.tsv --labels causal --groups chromosome "
                   "--ignore ref,alt --out learned",
                   "basewise learn scores.tsv --labels causal --method logistic --pca 128 "
                   "--class-weights balanced --groups block --out learned",
                   "basewise learn cells.csv.gz --labels rate,variance --trees 500 "
                   "--min-samples-leaf 5 --folds 8 --out forest --json",
                   "basewise learn new.tsv --apply learned/model.safetensors --out "
                   "predicted"});
  learn::LearnOptions options;
  command.add_options(described(options), "Options of learn", "table");
  if (!command.parse(arguments)) return 0;

  command.apply(described(options));
  const learn::LearnResult result = learn::learn(options);
  if (command.json()) return print_json(to_json(result)), 0;
  for (const std::string& note : result.notes) log_warning("{}", note);
  if (command.quiet()) return 0;
  if (result.evaluation) print(metrics_text(result));
  if (!result.importances.empty() && options.apply.empty()) print(importances_text(result));
  print(format("{} rows of {} features, {:.1f} s\n", result.rows, result.features, result.seconds));
  for (const auto& file : result.files) print(format("wrote {}\n", file.string()));
  return 0;
}

}  // namespace basewise::app
