#include "basewise/results/metrics_document.h"

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/results/detail/reader.h"

namespace basewise::results {
namespace {

using detail::items;
using detail::Json;
using detail::member;
using detail::number;
using detail::read;
using detail::read_choice;

/// The member "kind" of a head that is one; others have none.
constexpr std::string_view kProfile = "profile";

/// What "strands" said once, for the mean.
constexpr std::string_view kAverage = "average";

Json value_json(const metrics::MetricResult& value) {
  Json j;
  j["value"] = number(value.value);
  if (!value.defined()) j["reason"] = value.reason;
  return j;
}

Json metric_json(const MetricValue& metric) {
  Json j = value_json(metric.value);
  j["higher_is_better"] = metric.higher_is_better;
  if (metric.bins > 0) j["approximate"] = {{"bins", metric.bins}};
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

Json tolerance_json(const ToleranceEvaluation& t) {
  Json j;
  j["tolerance"] = t.tolerance;
  j["name"] = t.name;
  j["average_precision"] = value_json(t.average_precision);
  j["labels"] = t.labels;
  j["candidates"] = t.candidates;
  j["matched"] = t.matched;
  return j;
}

/// What metrics.json says of one head.
Json head_json(const HeadEvaluation& head) {
  Json j;
  j["output"] = head.output;
  j["target"] = head.target;
  if (head.profile) j.update({{"kind", kProfile}, {"strands", head.strands}, {"length", head.length}});
  j["per_base"] = head.per_base;
  if (head.bases_per_value != 1) j["bases_per_value"] = head.bases_per_value;
  j["examples"] = head.examples;
  j["bootstrap_draws"] = head.blocks;
  j["pooled"] = output_json(head.pooled);
  j["mean"] = metrics_json(head.mean);
  j["outputs"] = Json::array();
  for (const auto& output : head.outputs) j["outputs"].push_back(output_json(output));
  j["tolerances"] = Json::array();
  for (const auto& t : head.tolerances) j["tolerances"].push_back(tolerance_json(t));
  if (head.ceiling) j["ceiling"] = comparison_json(*head.ceiling);
  if (head.floor) j["floor"] = comparison_json(*head.floor);
  return j;
}

metrics::MetricResult value_from(const Json& json) {
  metrics::MetricResult value;
  read(json, "value", value.value);
  read(json, "reason", value.reason);
  return value;
}

MetricValue metric_from(const std::string& name, const Json& json) {
  MetricValue m{.metric = name, .value = value_from(json)};
  read(json, "higher_is_better", m.higher_is_better);
  read(member(json, "approximate"), "bins", m.bins);
  read(json, "low", m.interval.low);
  read(json, "high", m.interval.high);
  read(json, "standard_error", m.interval.standard_error);
  read(json, "replicates", m.interval.replicates);
  read(json, "undefined_replicates", m.interval.undefined);
  read(json, "interval_reason", m.interval.reason);
  if (!json.contains("median")) return m;
  ExampleFacts& facts = m.examples.emplace();
  read(json, "median", facts.median.value);
  read(json, "examples", facts.examples);
  read(json, "undefined", facts.undefined);
  return m;
}

std::vector<MetricValue> metrics_from(const Json& json, const char* key) {
  const Json& object = member(json, key);
  if (object.is_null()) return {};
  if (!object.is_object()) throw DataError(format("'{}' is no object of metrics", key));
  std::vector<MetricValue> values;
  for (const auto& [name, metric] : object.items()) values.push_back(metric_from(name, metric));
  return values;
}

OutputEvaluation output_from(const Json& json) {
  OutputEvaluation output;
  output.counts.positives = std::numeric_limits<double>::quiet_NaN();
  read(json, "name", output.name);
  read(json, "examples", output.counts.examples);
  read(json, "missing", output.counts.missing);
  read(json, "positives", output.counts.positives);
  output.metrics = metrics_from(json, "metrics");
  return output;
}

std::optional<Comparison> comparison_from(const Json& json) {
  if (json.is_null()) return {};
  Comparison c{.values = output_from(json)};
  read(json, "what", c.what);
  c.values.name = kPooled;
  c.values.counts.positives = std::numeric_limits<double>::quiet_NaN();
  return c;
}

ToleranceEvaluation tolerance_from(const Json& json) {
  ToleranceEvaluation t;
  read(json, "tolerance", t.tolerance);
  read(json, "name", t.name);
  t.average_precision = value_from(member(json, "average_precision"));
  read(json, "labels", t.labels);
  read(json, "candidates", t.candidates);
  read(json, "matched", t.matched);
  return t;
}

HeadEvaluation head_from(const Json& json) {
  HeadEvaluation head;
  std::string kind;
  read(json, "output", head.output);
  read(json, "target", head.target);
  read(json, "kind", kind);
  head.profile = kind == kProfile;
  // At the top the same word tells how strands were merged.
  if (member(json, "strands").is_number()) read(json, "strands", head.strands);
  read(json, "length", head.length);
  read(json, "per_base", head.per_base);
  read(json, "bases_per_value", head.bases_per_value);
  read(json, "examples", head.examples);
  read(json, "bootstrap_draws", head.blocks);
  head.pooled = output_from(member(json, "pooled"));
  head.mean = metrics_from(json, "mean");
  for (const Json& output : items(json, "outputs")) head.outputs.push_back(output_from(output));
  for (const Json& t : items(json, "tolerances")) head.tolerances.push_back(tolerance_from(t));
  head.ceiling = comparison_from(member(json, "ceiling"));
  head.floor = comparison_from(member(json, "floor"));
  return head;
}

/// Of a document whose first head is a profile and says nothing of this, the member is the number
/// of its strands.
std::optional<Strands> strands_from(const Json& json) {
  if (member(json, "strands").is_number()) return {};
  std::string word;
  read(json, "strands", word);
  if (word.empty()) return {};
  if (word == kAverage) return Strands::mean;
  Strands strands{};
  read_choice(json, "strands", strands);
  return strands;
}

Reference reference_from(const Json& json) {
  Reference r{.value = std::numeric_limits<double>::quiet_NaN()};
  read(json, "metric", r.metric);
  read(json, "label", r.label);
  read(json, "value", r.value);
  return r;
}

}  // namespace

Json to_json(const EvaluationResult& result) {
  Json j;
  j["schema"] = kMetricsSchema;
  if (!result.heads.empty()) j.update(head_json(result.heads[0]));
  for (std::size_t h = 1; h < result.heads.size(); ++h) j["heads"].push_back(head_json(result.heads[h]));
  j["seconds"] = {{"model", result.seconds_model}, {"metrics", result.seconds_metrics}};
  return j;
}

Json to_json(const MetricsDocument& document) {
  Json j = to_json(document.evaluation);
  j["split"] = to_word(document.split);
  if (!document.weights.empty()) j["weights"] = document.weights;
  j["strands"] = document.strands ? to_word(*document.strands) : std::string_view();
  j["confidence"] = document.confidence;
  j["references"] = Json::array();
  for (const Reference& r : document.references) j["references"].push_back({{"metric", r.metric}, {"label", r.label}, {"value", r.value}});
  if (!document.set.empty()) j["set"] = document.set;
  if (!document.inputs.empty()) j["inputs"] = document.inputs;
  return j;
}

MetricsDocument metrics_from_json(const Json& json) {
  detail::check_schema(json, kMetricsSchema);
  MetricsDocument document;
  EvaluationResult& evaluation = document.evaluation;
  evaluation.heads.push_back(head_from(json));
  for (const Json& head : items(json, "heads")) evaluation.heads.push_back(head_from(head));
  read(member(json, "seconds"), "model", evaluation.seconds_model);
  read(member(json, "seconds"), "metrics", evaluation.seconds_metrics);
  read_choice(json, "split", document.split);
  read(json, "weights", document.weights);
  document.strands = strands_from(json);
  read(json, "confidence", document.confidence);
  for (const Json& r : items(json, "references")) document.references.push_back(reference_from(r));
  read(json, "set", document.set);
  read(json, "inputs", document.inputs);
  return document;
}

}  // namespace basewise::results
