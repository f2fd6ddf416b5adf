#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/evaluate/evaluate.h"

namespace basewise::evaluate {
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
  if (metric.examples) {
    j["median"] = number(metric.examples->median.value);
    j["examples"] = metric.examples->examples;
    j["undefined"] = metric.examples->undefined;
  }
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

Json comparison_json(const Comparison& c) {
  return {{"what", c.what}, {"examples", c.values.counts.examples}, {"metrics", metrics_json(c.values.metrics)}};
}

/// What metrics.json says of one head.
Json head_json(const EvaluationResult& result);

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

std::vector<std::pair<std::string, metrics::MetricResult>> EvaluationResult::values() const {
  std::vector<std::pair<std::string, metrics::MetricResult>> all;
  for (const auto& m : pooled.metrics) all.emplace_back(m.metric, value(m.metric));
  for (const auto& [prefix, comparison] : {std::pair("ceiling", &ceiling), {"floor", &floor}})
    if (*comparison)
      for (const auto& m : (*comparison)->values.metrics) all.emplace_back(format("{}.{}", prefix, m.metric), m.value);
  for (const EvaluationResult& head : heads)
    for (auto& [name, result] : head.values()) all.emplace_back(format("{}.{}", head.output, name), result);
  return all;
}

metrics::MetricResult EvaluationResult::value(const std::string& name) const {
  const auto dot = name.find('.');
  // "recall_at_fdr:0.1" holds a dot of its own, behind the colon.
  const bool prefixed = dot != std::string::npos && dot < name.find(':');
  const std::string metric = prefixed ? name.substr(dot + 1) : name;
  const std::string prefix = prefixed ? name.substr(0, dot) : (per_base || outputs.size() == 1 ? "pooled" : "mean");
  for (const EvaluationResult& head : heads)
    if (prefixed && head.output == prefix) return head.value(metric);
  const metrics::MetricResult* found = nullptr;
  if (prefix == "ceiling" && ceiling) found = find(ceiling->values.metrics, metric);
  if (prefix == "floor" && floor) found = find(floor->values.metrics, metric);
  if (prefix == "pooled") found = find(pooled.metrics, metric);
  if (prefix == "mean") found = find(mean, metric);
  for (const auto& one : outputs)
    if (!found && one.name == prefix) found = find(one.metrics, metric);
  if (found) return *found;
  std::vector<std::string> known;
  for (const auto& [one, ignored] : values()) known.push_back(one);
  throw ArgumentError(
      format("the evaluation has no value '{}'; its metrics are {}, alone or as mean.X, pooled.X, OUTPUT.X", name, fmt::join(known, ", ")));
}

nlohmann::ordered_json to_json(const EvaluationResult& result) {
  Json j;
  j["schema"] = kMetricsSchema;
  j.update(head_json(result));
  if (!result.heads.empty()) {
    j["heads"] = Json::array();
    for (const EvaluationResult& head : result.heads) j["heads"].push_back(head_json(head));
  }
  j["seconds"] = {{"model", result.seconds_model}, {"metrics", result.seconds_metrics}};
  return j;
}

namespace {

Json head_json(const EvaluationResult& result) {
  Json j;
  j["output"] = result.output;
  j["target"] = result.target;
  if (result.profile) j.update({{"kind", "profile"}, {"strands", result.strands}, {"length", result.length}});
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
  if (result.ceiling) j["ceiling"] = comparison_json(*result.ceiling);
  if (result.floor) j["floor"] = comparison_json(*result.floor);
  return j;
}

/// What a profile evaluation says: one line per metric, the other predictions beside it.
std::string profile_text(const EvaluationResult& result) {
  std::string text =
      format("{}: {} examples of {} strands and {} positions\n", result.output, result.examples, result.strands, result.length);
  for (const auto& m : result.pooled.metrics) {
    text += "  " + metric_text(m);
    if (m.examples && m.examples->median.defined()) text += format(", median {:.4f}", m.examples->median.value);
    if (m.examples && m.examples->undefined > 0) text += format(", undefined in {}", m.examples->undefined);
    for (const auto& [prefix, comparison] : {std::pair("ceiling", &result.ceiling), {"floor", &result.floor}}) {
      const auto* other = *comparison ? find((*comparison)->values.metrics, m.metric) : nullptr;
      if (other && other->defined()) text += format("; {} {:.4f}", prefix, other->value);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string to_text(const EvaluationResult& result) {
  std::string text;
  const auto heads = [&] {
    std::string more;
    for (const EvaluationResult& head : result.heads) more += format("head {}:\n", head.output) + to_text(head);
    return more;
  };
  if (result.profile) return profile_text(result) + heads();
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
  if (result.ceiling) {
    text += format("ceiling ({} in place of the prediction):", result.ceiling->what);
    for (const auto& m : result.ceiling->values.metrics) text += "\n  " + metric_text(m);
    text += "\n";
  }
  return text + heads();
}

}  // namespace basewise::evaluate
