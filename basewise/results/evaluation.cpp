#include "basewise/results/evaluation.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/choice.h"
#include "basewise/core/error.h"
#include "basewise/core/format.h"

namespace basewise::results {
namespace {

using Named = std::pair<std::string, metrics::MetricResult>;

/// What a name may ask for before its dot, beside heads and outputs.
enum class Part { pooled, mean, ceiling, floor };
constexpr auto words_of(Part) {
  return words<Part>({{Part::pooled, kPooled}, {Part::mean, "mean"}, {Part::ceiling, "ceiling"}, {Part::floor, "floor"}});
}

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

const MetricValue* find_value(const HeadEvaluation& head, Part part, const std::string& metric) {
  switch (part) {
    case Part::pooled:
      return find_metric(head.pooled.metrics, metric);
    case Part::mean:
      return find_metric(head.mean, metric);
    case Part::ceiling:
      return head.ceiling ? find_metric(head.ceiling->values.metrics, metric) : nullptr;
    case Part::floor:
      return head.floor ? find_metric(head.floor->values.metrics, metric) : nullptr;
  }
  throw InternalError("unknown part of an evaluation");
}

const MetricValue* find_value(const HeadEvaluation& head, const std::string& name) {
  const auto dot = prefix_length(name);
  if (dot == std::string::npos) return find_value(head, head.per_base || head.outputs.size() == 1 ? Part::pooled : Part::mean, name);
  const std::string prefix = name.substr(0, dot), metric = name.substr(dot + 1);
  const auto part = find_choice<Part>(prefix);
  const MetricValue* found = part ? find_value(head, *part, metric) : nullptr;
  for (const auto& one : head.outputs)
    if (!found && one.name == prefix) found = find_metric(one.metrics, metric);
  return found;
}

std::string metric_text(const MetricValue& m) {
  if (!m.value.defined()) return format("{} none ({})", m.metric, m.value.reason);
  std::string text = format("{} {:.4f}", m.metric, m.value.value);
  if (m.interval.replicates > 0) text += format(" [{:.4f}, {:.4f}]", m.interval.low, m.interval.high);
  if (m.bins > 0) text += format(" (from {} bins)", m.bins);
  return text;
}

std::string lines_of(const std::vector<MetricValue>& metrics) {
  std::string text;
  for (const auto& m : metrics) text += "\n  " + metric_text(m);
  return text + "\n";
}

/// What a profile evaluation says: one line per metric, the other predictions beside it.
std::string profile_text(const HeadEvaluation& head) {
  std::string text = format("{}: {} examples of {} strands and {} positions\n", head.output, head.examples, head.strands, head.length);
  for (const auto& m : head.pooled.metrics) {
    text += "  " + metric_text(m);
    if (m.examples && m.examples->median.defined()) text += format(", median {:.4f}", m.examples->median.value);
    if (m.examples && m.examples->undefined > 0) text += format(", undefined in {}", m.examples->undefined);
    for (const auto& [prefix, comparison] : {std::pair("ceiling", &head.ceiling), {"floor", &head.floor}}) {
      const auto* other = *comparison ? find_metric((*comparison)->values.metrics, m.metric) : nullptr;
      if (other && other->value.defined()) text += format("; {} {:.4f}", prefix, other->value.value);
    }
    text += "\n";
  }
  return text;
}

std::string output_text(const OutputEvaluation& o) {
  std::string text = format("{}: {} values", o.name, o.counts.examples);
  if (!std::isnan(o.counts.positives)) text += format(", {} positive", o.counts.positives);
  if (o.counts.missing) text += format(", {} missing", o.counts.missing);
  return text + lines_of(o.metrics);
}

/// Why there are no intervals where they were asked for.
/// That of a metric from bins stands beside it.
std::string intervals_note(const HeadEvaluation& head) {
  for (const MetricValue& m : head.pooled.metrics)
    if (m.value.defined() && m.bins == 0 && m.interval.replicates == 0 && !m.interval.reason.empty())
      return format("note: no intervals: {}; the bootstrap draws {} (evaluate.block: bases of a block, 0: examples)\n", m.interval.reason,
                    head.blocks);
  return {};
}

std::string head_text(const HeadEvaluation& head) {
  if (head.profile) return profile_text(head) + intervals_note(head);
  std::string text = output_text(head.pooled) + intervals_note(head);
  if (head.outputs.size() > 1 && head.outputs.size() <= 8)
    for (const auto& output : head.outputs) text += output_text(output);
  if (head.outputs.size() > 1) text += format("mean of {} outputs:", head.outputs.size()) + lines_of(head.mean);
  for (const auto& t : head.tolerances)
    text += format("within {} bases: average precision {:.4f}, {} of {} labels found among {} candidates\n", t.tolerance,
                   t.average_precision.value, t.matched, t.labels, t.candidates);
  if (head.ceiling)
    text += format("ceiling ({} in place of the prediction):", head.ceiling->what) + lines_of(head.ceiling->values.metrics);
  return text;
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

std::string to_text(const EvaluationResult& result) {
  std::string text;
  for (const HeadEvaluation& head : result.heads) {
    if (&head != &result.heads[0]) text += format("head {}:\n", head.output);
    text += head_text(head);
  }
  return text;
}

}  // namespace basewise::results
