#include "basewise/learn/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "basewise/core/error.h"
#include "basewise/metrics/registry.h"

namespace basewise::learn {
namespace {

/// Predictions of one channel beside its targets, where there are both.
struct Pairs {
  std::vector<float> scores = {}, targets = {};
  std::vector<std::int64_t> blocks = {};
  std::int64_t missing = 0;

  metrics::MetricInput input() const {
    return {.scores = scores, .targets = targets, .blocks = blocks, .scale = metrics::ScoreScale::probability};
  }

  void add(double score, double target, const std::int64_t* block) {
    if (std::isnan(score) || std::isnan(target)) {
      ++missing;
      return;
    }
    scores.push_back(static_cast<float>(score));
    targets.push_back(static_cast<float>(target));
    if (block) blocks.push_back(*block);
  }

  void add(const Pairs& more) {
    scores.insert(scores.end(), more.scores.begin(), more.scores.end());
    targets.insert(targets.end(), more.targets.begin(), more.targets.end());
    blocks.insert(blocks.end(), more.blocks.begin(), more.blocks.end());
    missing += more.missing;
  }
};

/// The target of one channel: a number as it is, 1 for the class that the channel is of, else 0.
double target_of(const Output& output, double value, std::int64_t channel) {
  if (output.is_number() || std::isnan(value)) return value;
  const std::int64_t positive = output.channels() == 1 ? 1 : channel;
  return value == static_cast<double>(positive) ? 1 : 0;
}

std::vector<Pairs> pairs_of(const Targets& targets, std::span<const double> predictions, std::span<const std::int64_t> blocks) {
  const auto channels = static_cast<std::size_t>(channels_of(targets.outputs));
  std::vector<Pairs> all(channels);
  std::size_t first = 0;
  for (std::size_t k = 0; k < targets.outputs.size(); ++k) {
    for (std::int64_t c = 0; c < targets.outputs[k].channels(); ++c)
      for (std::size_t row = 0; row < targets.values[k].size(); ++row) {
        const std::size_t channel = first + static_cast<std::size_t>(c);
        all[channel].add(predictions[row * channels + channel], target_of(targets.outputs[k], targets.values[k][row], c),
                         blocks.empty() ? nullptr : &blocks[row]);
      }
    first += static_cast<std::size_t>(targets.outputs[k].channels());
  }
  return all;
}

results::OutputEvaluation evaluate(const std::string& name, const Pairs& pairs, const std::vector<std::string>& names,
                                   const Measuring& measuring, bool classes) {
  results::OutputEvaluation output = {.name = name, .counts = metrics::count(pairs.input())};
  output.counts.missing = pairs.missing;
  if (!classes) output.counts.positives = std::numeric_limits<double>::quiet_NaN();
  const bool any = !pairs.scores.empty();
  const auto values = any ? metrics::compute(names, pairs.input())
                          : std::vector<metrics::MetricResult>(names.size(), metrics::MetricResult::undefined("there is no example"));
  std::vector<metrics::BootstrapResult> intervals(names.size());
  if (any && measuring.bootstrap) intervals = metrics::bootstrap(names, pairs.input(), *measuring.bootstrap);
  for (std::size_t i = 0; i < names.size(); ++i)
    output.metrics.push_back({.metric = names[i],
                              .higher_is_better = metrics::find_metric(names[i]).higher_is_better,
                              .value = values[i],
                              .interval = intervals[i]});
  return output;
}

std::vector<results::MetricValue> means_of(const std::vector<results::OutputEvaluation>& outputs, const std::vector<std::string>& names) {
  std::vector<results::MetricValue> means;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<metrics::MetricResult> values;
    for (const auto& output : outputs) values.push_back(output.metrics[i].value);
    means.push_back(
        {.metric = names[i], .higher_is_better = outputs.front().metrics[i].higher_is_better, .value = metrics::mean_defined(values)});
  }
  return means;
}

bool any_classes(std::span<const Output> outputs) {
  return std::any_of(outputs.begin(), outputs.end(), [](const Output& output) { return !output.is_number(); });
}

bool any_numbers(std::span<const Output> outputs) {
  return std::any_of(outputs.begin(), outputs.end(), [](const Output& output) { return output.is_number(); });
}

void check_metrics(const std::vector<std::string>& names, std::span<const Output> outputs) {
  for (const std::string& name : names) {
    const auto kind = metrics::find_metric(name).kind;
    const bool of_labels = kind == metrics::MetricKind::ranking || kind == metrics::MetricKind::binary;
    if (kind == metrics::MetricKind::profile) throw ArgumentError(format("metric '{}' compares profiles, and there are none", name));
    if (of_labels && any_numbers(outputs)) throw ArgumentError(format("metric '{}' takes classes, and some labels are numbers", name));
  }
}

}  // namespace

std::vector<std::string> channel_names(std::span<const Output> outputs) {
  std::vector<std::string> names;
  for (const Output& output : outputs) {
    if (output.channels() == 1) names.push_back(output.name);
    for (std::size_t c = 0; output.channels() > 1 && c < output.classes.size(); ++c)
      names.push_back(format("{}={}", output.name, output.classes[c]));
  }
  return names;
}

std::vector<std::string> default_metrics(std::span<const Output> outputs) {
  if (any_numbers(outputs) && any_classes(outputs)) return {"pearson", "mse"};
  if (any_classes(outputs)) return {"auroc", "average_precision", "log_loss", "brier"};
  return {"pearson", "spearman", "r2", "mse"};
}

results::HeadEvaluation measure(const Targets& targets, std::span<const double> predictions, const Measuring& measuring) {
  const std::vector<std::string> names = measuring.metrics.empty() ? default_metrics(targets.outputs) : measuring.metrics;
  check_metrics(names, targets.outputs);
  if (std::ssize(predictions) != targets.rows() * channels_of(targets.outputs))
    throw ArgumentError(
        format("{} predictions for {} rows of {} outputs", predictions.size(), targets.rows(), channels_of(targets.outputs)));
  const auto channels = channel_names(targets.outputs);
  const auto pairs = pairs_of(targets, predictions, measuring.blocks);
  const bool classes = !any_numbers(targets.outputs);
  results::HeadEvaluation head = {.output = "prediction", .target = "labels", .examples = targets.rows()};
  Pairs pooled;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    head.outputs.push_back(evaluate(channels[c], pairs[c], names, measuring, classes));
    pooled.add(pairs[c]);
  }
  head.mean = means_of(head.outputs, names);
  head.pooled = channels.size() == 1 ? head.outputs.front() : evaluate(results::kPooled, pooled, names, measuring, classes);
  head.pooled.name = results::kPooled;
  const auto groups = std::set<std::int64_t>(measuring.blocks.begin(), measuring.blocks.end()).size();
  head.blocks = measuring.blocks.empty() ? "examples" : format("groups ({})", groups);
  return head;
}

}  // namespace basewise::learn
