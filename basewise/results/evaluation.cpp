#include "basewise/results/evaluation.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::results {
namespace {

using Named = std::pair<std::string, metrics::MetricResult>;

/// "recall_at_fdr:0.1" holds a dot of its own, behind the colon.
std::size_t prefix_length(const std::string& name) {
  const auto dot = name.find('.');
  return dot != std::string::npos && dot < name.find(':') ? dot : std::string::npos;
}

std::vector<Named> values_of(const HeadEvaluation& head) {
  std::vector<Named> all;
  for (const auto& m : head.pooled.metrics) all.emplace_back(m.metric, head.value(m.metric));
  for (const auto& [prefix, comparison] : {std::pair("ceiling", &head.ceiling), {"floor", &head.floor}})
    if (*comparison)
      for (const auto& m : (*comparison)->values.metrics) all.emplace_back(format("{}.{}", prefix, m.metric), m.value);
  return all;
}

[[noreturn]] void throw_unknown(const std::string& name, const std::vector<Named>& there) {
  std::vector<std::string> known;
  for (const auto& [one, ignored] : there) known.push_back(one);
  throw ArgumentError(
      format("the evaluation has no value '{}'; its metrics are {}, alone or as mean.X, pooled.X, OUTPUT.X", name, fmt::join(known, ", ")));
}

const MetricValue* find_value(const HeadEvaluation& head, const std::string& prefix, const std::string& metric) {
  const MetricValue* found = nullptr;
  if (prefix == "ceiling" && head.ceiling) found = find_metric(head.ceiling->values.metrics, metric);
  if (prefix == "floor" && head.floor) found = find_metric(head.floor->values.metrics, metric);
  if (prefix == "pooled") found = find_metric(head.pooled.metrics, metric);
  if (prefix == "mean") found = find_metric(head.mean, metric);
  for (const auto& one : head.outputs)
    if (!found && one.name == prefix) found = find_metric(one.metrics, metric);
  return found;
}

const MetricValue* find_value(const HeadEvaluation& head, const std::string& name) {
  const auto dot = prefix_length(name);
  if (dot == std::string::npos) return find_value(head, head.per_base || head.outputs.size() == 1 ? "pooled" : "mean", name);
  return find_value(head, name.substr(0, dot), name.substr(dot + 1));
}

}  // namespace

const MetricValue* find_metric(const std::vector<MetricValue>& values, std::string_view metric) {
  const auto it = std::find_if(values.begin(), values.end(), [&](const MetricValue& v) { return v.metric == metric; });
  return it == values.end() ? nullptr : &*it;
}

metrics::MetricResult HeadEvaluation::value(const std::string& name) const {
  const MetricValue* found = find_value(*this, name);
  if (!found) throw_unknown(name, values_of(*this));
  return found->value;
}

const HeadEvaluation& EvaluationResult::head(std::string_view output) const {
  std::vector<std::string> names;
  for (const HeadEvaluation& one : heads) {
    if (one.output == output) return one;
    names.push_back(one.output);
  }
  throw ArgumentError(format("the evaluation has no head '{}'; its heads are {}", output, fmt::join(names, ", ")));
}

metrics::MetricResult EvaluationResult::value(const std::string& name) const {
  const auto dot = prefix_length(name);
  for (std::size_t h = 1; h < heads.size() && dot != std::string::npos; ++h)
    if (heads[h].output == name.substr(0, dot)) return heads[h].value(name.substr(dot + 1));
  if (heads.empty()) throw ArgumentError(format("the evaluation has no value '{}': it has no heads", name));
  if (const MetricValue* found = find_value(heads[0], name)) return found->value;
  if (dot != std::string::npos && heads[0].output == name.substr(0, dot)) return heads[0].value(name.substr(dot + 1));
  throw_unknown(name, values());
}

std::vector<Named> EvaluationResult::values() const {
  std::vector<Named> all;
  for (const HeadEvaluation& head : heads)
    for (auto& [name, value] : values_of(head)) all.emplace_back(&head == &heads[0] ? name : format("{}.{}", head.output, name), value);
  return all;
}

}  // namespace basewise::results
