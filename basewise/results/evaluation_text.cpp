#include "basewise/core/format.h"
#include "basewise/results/evaluation.h"

namespace basewise::results {
namespace {

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
  std::string text = format("{}: {} values, {} positive", o.name, o.counts.examples, o.counts.positives);
  if (o.counts.missing) text += format(", {} missing", o.counts.missing);
  return text + lines_of(o.metrics);
}

std::string head_text(const HeadEvaluation& head) {
  if (head.profile) return profile_text(head);
  std::string text = output_text(head.pooled);
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

std::string to_text(const EvaluationResult& result) {
  std::string text;
  for (const HeadEvaluation& head : result.heads) {
    if (&head != &result.heads[0]) text += format("head {}:\n", head.output);
    text += head_text(head);
  }
  return text;
}

}  // namespace basewise::results
