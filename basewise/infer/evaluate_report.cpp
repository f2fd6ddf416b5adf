#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/infer/evaluate.h"

namespace basewise::infer {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json value_json(const metrics::MetricResult& value) {
  Json j;
  j["value"] = number(value.value);
  if (!value.defined()) j["reason"] = value.reason;
  return j;
}

Json metric_json(const MetricValue& metric) {
  Json j = value_json(metric.value);
  j["higher_is_better"] = metric.higher_is_better;
  const auto& interval = metric.interval;
  if (interval.replicates > 0) {
    j["low"] = number(interval.low);
    j["high"] = number(interval.high);
    j["standard_error"] = number(interval.standard_error);
    j["replicates"] = interval.replicates;
    if (interval.undefined) j["undefined_replicates"] = interval.undefined;
  } else if (!interval.reason.empty()) {
    j["interval_reason"] = interval.reason;
  }
  return j;
}

Json metrics_json(const std::vector<MetricValue>& metrics) {
  Json j = Json::object();
  for (const auto& metric : metrics) j[metric.metric] = metric_json(metric);
  return j;
}

Json output_json(const OutputEvaluation& output) {
  Json j;
  j["name"] = output.name;
  j["examples"] = output.counts.examples;
  j["missing"] = output.counts.missing;
  j["positives"] = number(output.counts.positives);
  j["prevalence"] = number(output.counts.prevalence());
  j["metrics"] = metrics_json(output.metrics);
  return j;
}

const metrics::MetricResult* find(const std::vector<MetricValue>& values, const std::string& metric) {
  const auto it = std::find_if(values.begin(), values.end(), [&](const MetricValue& v) { return v.metric == metric; });
  return it == values.end() ? nullptr : &it->value;
}

std::string metric_text(const MetricValue& m) {
  if (!m.value.defined()) return format("{} none ({})", m.metric, m.value.reason);
  if (m.interval.replicates == 0) return format("{} {:.4f}", m.metric, m.value.value);
  return format("{} {:.4f} [{:.4f}, {:.4f}]", m.metric, m.value.value, m.interval.low, m.interval.high);
}

}  // namespace

metrics::MetricResult EvaluationResult::value(const std::string& name) const {
  const auto dot = name.find('.');
  // "recall_at_fdr:0.1" holds a dot of its own, behind the colon.
  const bool prefixed = dot != std::string::npos && dot < name.find(':');
  const std::string metric = prefixed ? name.substr(dot + 1) : name;
  const std::string prefix = prefixed ? name.substr(0, dot) : (per_base || outputs.size() == 1 ? "pooled" : "mean");
  const metrics::MetricResult* found = nullptr;
  if (prefix == "pooled") found = find(pooled.metrics, metric);
  if (prefix == "mean") found = find(mean, metric);
  for (const auto& one : outputs)
    if (!found && one.name == prefix) found = find(one.metrics, metric);
  if (found) return *found;
  std::vector<std::string> known;
  for (const auto& m : pooled.metrics) known.push_back(m.metric);
  throw ArgumentError(format("the evaluation has no value '{}'; its metrics are {}, alone or as mean.X, pooled.X, OUTPUT.X", name,
                             fmt::join(known, ", ")));
}

nlohmann::ordered_json to_json(const EvaluationResult& result) {
  Json j;
  j["schema"] = kMetricsSchema;
  j["output"] = result.output;
  j["target"] = result.target;
  j["per_base"] = result.per_base;
  j["examples"] = result.examples;
  j["bootstrap_draws"] = result.blocks;
  j["pooled"] = output_json(result.pooled);
  j["mean"] = metrics_json(result.mean);
  j["outputs"] = Json::array();
  for (const auto& output : result.outputs) j["outputs"].push_back(output_json(output));
  j["tolerances"] = Json::array();
  for (const auto& t : result.tolerances) {
    Json one;
    one["tolerance"] = t.tolerance;
    one["name"] = t.name;
    one["average_precision"] = value_json(t.average_precision);
    one["labels"] = t.labels;
    one["candidates"] = t.candidates;
    one["matched"] = t.matched;
    j["tolerances"].push_back(one);
  }
  j["seconds"] = {{"model", result.seconds_model}, {"metrics", result.seconds_metrics}};
  return j;
}

std::string to_text(const EvaluationResult& result) {
  std::string text;
  const auto line = [&](const OutputEvaluation& o) {
    text += format("{}: {} values, {} positive", o.name, o.counts.examples, o.counts.positives);
    if (o.counts.missing) text += format(", {} missing", o.counts.missing);
    for (const auto& m : o.metrics) text += "\n  " + metric_text(m);
    text += "\n";
  };
  line(result.pooled);
  if (result.outputs.size() > 1 && result.outputs.size() <= 8)
    for (const auto& output : result.outputs) line(output);
  if (result.outputs.size() > 1) {
    text += format("mean of {} outputs:", result.outputs.size());
    for (const auto& m : result.mean) text += "\n  " + metric_text(m);
    text += "\n";
  }
  for (const auto& t : result.tolerances)
    text += format("within {} bases: average precision {:.4f}, {} of {} labels found among {} candidates\n", t.tolerance,
                   t.average_precision.value, t.matched, t.labels, t.candidates);
  return text;
}

}  // namespace basewise::infer
