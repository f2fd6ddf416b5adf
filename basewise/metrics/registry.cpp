#include "basewise/metrics/registry.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/metric_table.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/regression.h"

namespace basewise::metrics {
namespace {

using detail::Floats;
using detail::FoundMetric;
using detail::Labels;
using detail::MetricEntry;

std::vector<std::uint8_t> labels_of(Floats targets) {
  std::vector<std::uint8_t> labels(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] != 0 && targets[i] != 1) detail::throw_label(targets[i], static_cast<std::int64_t>(i));
    labels[i] = targets[i] == 1;
  }
  return labels;
}

/// Columns without mask are used as they are: no copy of millions of scores.
MetricInput measured(const MetricInput& input, MetricColumn& storage) {
  if (input.mask.empty()) return input;
  storage = column(input, 1, 0);
  return storage.input();
}

/// Labels and ranking of an input, made when first wanted.
class Prepared {
 public:
  explicit Prepared(const MetricInput& input) : input_(input) {}
  const std::vector<std::uint8_t>& labels() {
    if (!labels_) labels_ = labels_of(input_.targets);
    return *labels_;
  }
  MetricResult value(const FoundMetric& metric) {
    const auto& e = *metric.entry;
    if (e.numeric) return e.numeric(input_.scores, input_.targets, input_.weights);
    if (e.binary) return e.binary(input_.scores, labels(), input_.scale, metric.parameter, input_.weights);
    if (!ranking_) ranking_ = Ranking(input_.scores, labels(), input_.weights);
    return e.ranking(*ranking_, metric.parameter);
  }

 private:
  MetricInput input_;
  std::optional<std::vector<std::uint8_t>> labels_;
  std::optional<Ranking> ranking_;
};

using Counts = std::span<const std::uint32_t>;

BootstrapStatistic single(std::function<double(Counts counts)> value) {
  return {.size = 1, .compute = [value = std::move(value)](Counts counts, std::span<double> values) { values[0] = value(counts); }};
}

BootstrapStatistic statistic_of_moments(const MetricEntry& entry, const MetricInput& input, const DenseBlocks& dense) {
  std::vector<PairMoments> parts(static_cast<std::size_t>(dense.count));
  const auto x = entry.of_logs ? detail::logs_of(input.scores) : std::nullopt;
  const auto y = entry.of_logs ? detail::logs_of(input.targets) : std::nullopt;
  if (entry.of_logs && (!x || !y)) return single([](Counts) { return detail::no_logs().value; });
  const Floats scores = x ? Floats(*x) : input.scores, targets = y ? Floats(*y) : input.targets;
  for (std::size_t i = 0; i < scores.size(); ++i) parts[dense.block[i]].add(scores[i], targets[i]);
  return single([&entry, parts = std::move(parts)](Counts counts) {
    PairMoments all;
    for (std::size_t b = 0; b < counts.size(); ++b)
      if (counts[b]) all.merge(parts[b].times(counts[b]));
    return entry.moments(all).value;
  });
}

/// A mean over examples: sums of blocks are made once.
BootstrapStatistic statistic_of_mean(const FoundMetric& metric, const MetricInput& input, const std::vector<std::uint8_t>& labels,
                                     const DenseBlocks& dense) {
  std::vector<double> sum(static_cast<std::size_t>(dense.count));
  std::vector<double> size(sum.size());
  const auto& e = *metric.entry;
  for (std::size_t i = 0; i < input.scores.size(); ++i) {
    const auto score = input.scores.subspan(i, 1);
    const auto one = e.numeric ? e.numeric(score, input.targets.subspan(i, 1), {})
                               : e.binary(score, Labels(labels).subspan(i, 1), input.scale, metric.parameter, {});
    sum[dense.block[i]] += one.value;
    size[dense.block[i]] += 1;
  }
  return single([sum = std::move(sum), size = std::move(size)](Counts counts) {
    double total = 0;
    double examples = 0;
    for (std::size_t b = 0; b < counts.size(); ++b) {
      total += counts[b] * sum[b];
      examples += counts[b] * size[b];
    }
    return MetricResult::of(total / examples).value;
  });
}

/// How often each example was drawn.
std::vector<float> weights_of(Counts counts, const DenseBlocks& dense) {
  std::vector<float> weights(dense.block.size());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(counts[dense.block[i]]);
  return weights;
}

/// Of ranks: values are sorted once, not in each draw. `dense` must outlive it.
BootstrapStatistic statistic_of_ranks(const MetricEntry& entry, const MetricInput& input, const DenseBlocks& dense) {
  return single([&, predictions = detail::ValueOrder(input.scores), targets = detail::ValueOrder(input.targets)](Counts counts) {
    return entry.ranks(predictions, targets, weights_of(counts, dense)).value;
  });
}

/// Any metric: how often an example was drawn is its weight. Everything must outlive it.
BootstrapStatistic statistic_of_weights(const FoundMetric& metric, const MetricInput& input, const std::vector<std::uint8_t>& labels,
                                        const DenseBlocks& dense) {
  return single([&](Counts counts) {
    const std::vector<float> weights = weights_of(counts, dense);
    if (metric.entry->numeric) return metric.entry->numeric(input.scores, input.targets, weights).value;
    return metric.entry->binary(input.scores, labels, input.scale, metric.parameter, weights).value;
  });
}

/// Every example is a block of its own where none are given.
DenseBlocks blocks_of(const MetricInput& input) {
  if (!input.blocks.empty()) return dense_blocks(input.blocks);
  DenseBlocks dense;
  dense.count = static_cast<std::int64_t>(input.scores.size());
  dense.block.resize(input.scores.size());
  for (std::size_t i = 0; i < dense.block.size(); ++i) dense.block[i] = static_cast<std::uint32_t>(i);
  return dense;
}

}  // namespace

const std::vector<MetricInfo>& all_metrics() {
  static const std::vector<MetricInfo> all = [] {
    std::vector<MetricInfo> infos;
    for (const auto& e : detail::metric_table()) infos.push_back(e.info);
    return infos;
  }();
  return all;
}

MetricInfo find_metric(std::string_view name) {
  const FoundMetric found = detail::find_entry(name);
  MetricInfo info = found.entry->info;
  info.parameter_value = found.parameter;
  return info;
}

MetricResult compute(std::string_view name, const MetricInput& input) {
  return compute(std::vector<std::string>{std::string(name)}, input)[0];
}

std::vector<MetricResult> compute(const std::vector<std::string>& names, const MetricInput& input) {
  std::vector<FoundMetric> found;
  for (const auto& name : names) found.push_back(detail::find_for_columns(name));
  detail::check_size(input.scores.size(), input.targets.size(), "targets");
  MetricColumn storage;
  Prepared prepared(measured(input, storage));
  std::vector<MetricResult> results;
  for (const auto& metric : found) results.push_back(prepared.value(metric));
  return results;
}

std::vector<BootstrapResult> bootstrap(const std::vector<std::string>& names, const MetricInput& whole, const BootstrapOptions& options) {
  if (!whole.weights.empty()) throw ArgumentError("bootstrap intervals of weighted metrics are not supported: leave out the weights");
  std::vector<FoundMetric> found;
  std::vector<RankingMetric> rankings;
  for (const auto& name : names) {
    found.push_back(detail::find_for_columns(name));
    const auto metric = found.back();
    if (metric.entry->ranking) rankings.push_back([metric](const Ranking& r) { return metric.entry->ranking(r, metric.parameter); });
  }
  detail::check_size(whole.scores.size(), whole.targets.size(), "targets");
  MetricColumn storage;
  const MetricInput input = measured(whole, storage);
  const auto is_numeric = [](const FoundMetric& f) { return static_cast<bool>(f.entry->numeric); };
  const bool any_numeric = std::any_of(found.begin(), found.end(), is_numeric);
  const bool all_numeric = std::all_of(found.begin(), found.end(), is_numeric);
  if (any_numeric) {
    detail::check_finite(input.scores, "prediction");
    detail::check_finite(input.targets, "target");
  }
  const auto labels = all_numeric ? std::vector<std::uint8_t>() : labels_of(input.targets);
  // One draw serves all metrics; only rankings with few steps have a faster one of their own.
  auto ranking = rankings.empty() ? std::nullopt : ranking_statistic(input.scores, labels, rankings, input.blocks);
  const bool apart = !rankings.empty() && !ranking;
  const DenseBlocks dense = rankings.size() == found.size() && apart ? DenseBlocks() : blocks_of(input);
  std::vector<BootstrapStatistic> statistics;
  if (ranking) statistics.push_back(std::move(*ranking));
  for (const auto& metric : found) {
    if (metric.entry->ranking) continue;
    statistics.push_back(metric.entry->moments   ? statistic_of_moments(*metric.entry, input, dense)
                         : metric.entry->ranks   ? statistic_of_ranks(*metric.entry, input, dense)
                         : metric.entry->is_mean ? statistic_of_mean(metric, input, labels, dense)
                                                 : statistic_of_weights(metric, input, labels, dense));
  }
  const auto drawn = statistics.empty() ? std::vector<BootstrapResult>() : bootstrap_together(dense.count, statistics, options);
  const auto ranked = apart ? bootstrap_ranking(input.scores, labels, rankings, options, input.blocks) : drawn;
  std::vector<BootstrapResult> results;
  std::size_t next_ranking = 0, next = apart ? 0 : rankings.size();
  for (const auto& metric : found) results.push_back(metric.entry->ranking ? ranked[next_ranking++] : drawn[next++]);
  return results;
}

MetricParts parts_of(std::string_view name) {
  const MetricEntry& entry = *detail::find_for_columns(name).entry;
  return entry.moments ? MetricParts::moments : entry.is_mean ? MetricParts::mean : MetricParts::cells;
}

MetricResult compute(std::string_view name, const PairMoments& moments) {
  const MetricEntry& entry = *detail::find_for_columns(name).entry;
  if (!entry.moments) throw ArgumentError(format("metric '{}' does not follow from moments", name));
  return entry.moments(moments);
}

MetricCounts count(const MetricInput& input) {
  MetricCounts counts;
  for (std::size_t i = 0; i < input.targets.size(); ++i) {
    if (!input.mask.empty() && !input.mask[i]) {
      ++counts.missing;
      continue;
    }
    ++counts.examples;
    counts.positives += input.targets[i] > 0.5f;
  }
  return counts;
}

MetricColumn column(const MetricInput& input, std::int64_t outputs, std::int64_t output) {
  if (outputs < 1 || output < 0 || output >= outputs) throw ArgumentError(format("output {} of {} does not exist", output, outputs));
  if (input.scores.size() % static_cast<std::size_t>(outputs))
    throw ArgumentError(format("{} scores are no whole number of rows of {} outputs", input.scores.size(), outputs));
  const std::size_t rows = input.scores.size() / static_cast<std::size_t>(outputs);
  detail::check_size(input.scores.size(), input.targets.size(), "targets");
  detail::check_size(input.scores.size(), input.mask.size(), "mask", true);
  detail::check_size(rows, input.weights.size(), "weights", true);
  detail::check_size(rows, input.blocks.size(), "blocks", true);
  MetricColumn c;
  c.scale = input.scale;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t i = row * static_cast<std::size_t>(outputs) + static_cast<std::size_t>(output);
    if (!input.mask.empty() && !input.mask[i]) {
      ++c.missing;
      continue;
    }
    c.scores.push_back(input.scores[i]);
    c.targets.push_back(input.targets[i]);
    if (!input.weights.empty()) c.weights.push_back(input.weights[row]);
    if (!input.blocks.empty()) c.blocks.push_back(input.blocks[row]);
  }
  return c;
}

MetricResult mean_defined(const std::vector<MetricResult>& values) {
  double sum = 0;
  double n = 0;
  for (const auto& v : values)
    if (v.defined()) sum += v.value, ++n;
  if (n > 0) return MetricResult::of(sum / n);
  return MetricResult::undefined(values.empty() ? "no outputs" : "undefined for every output: " + values.front().reason);
}

OutputsResult compute_outputs(std::string_view name, const MetricInput& input, std::int64_t outputs) {
  OutputsResult result;
  for (std::int64_t t = 0; t < outputs; ++t) result.per_output.push_back(compute(name, column(input, outputs, t).input()));
  result.mean = mean_defined(result.per_output);
  result.defined = std::count_if(result.per_output.begin(), result.per_output.end(), [](const MetricResult& r) { return r.defined(); });
  MetricInput all = input;
  std::vector<float> weights;
  for (const float w : input.weights) weights.insert(weights.end(), static_cast<std::size_t>(outputs), w);
  all.weights = weights;
  all.blocks = {};
  result.pooled = compute(name, all);
  return result;
}

}  // namespace basewise::metrics
