#include "basewise/metrics/registry.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/profile_example.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/regression.h"

namespace basewise::metrics {
namespace {

using Floats = std::span<const float>;
using Labels = std::span<const std::uint8_t>;

/// The three shapes that a metric's function may have; the one of its kind is set.
struct Entry {
  MetricInfo info;
  double low = 0;   ///< of the parameter
  double high = 0;
  std::function<MetricResult(const Ranking&, double parameter)> ranking{};
  std::function<MetricResult(Floats scores, Labels labels, ScoreScale scale, double parameter, Floats weights)> binary{};
  std::function<MetricResult(Floats predictions, Floats targets, Floats weights)> numeric{};
  /// Metrics that follow from moments can be resampled by merging parts.
  std::function<MetricResult(const PairMoments&)> moments{};
  /// The metric is a weighted mean over examples, so that parts can be added.
  bool is_mean = false;
};

Entry ranking_entry(std::string name, std::string help, std::function<MetricResult(const Ranking&, double)> f) {
  return {.info = {.name = std::move(name), .kind = MetricKind::ranking, .help = std::move(help)}, .ranking = std::move(f)};
}

Entry numeric_entry(std::string name, bool higher, std::string help, std::function<MetricResult(Floats, Floats, Floats)> f,
                    std::function<MetricResult(const PairMoments&)> moments = {}) {
  return {.info = {.name = std::move(name), .kind = MetricKind::numeric, .higher_is_better = higher, .help = std::move(help)},
          .numeric = std::move(f),
          .moments = std::move(moments)};
}

Entry binary_entry(std::string name, bool higher, std::string help,
                   std::function<MetricResult(Floats, Labels, ScoreScale, double, Floats)> f) {
  return {.info = {.name = std::move(name), .kind = MetricKind::binary, .higher_is_better = higher, .help = std::move(help)},
          .binary = std::move(f)};
}

Entry as_mean(Entry entry) {
  entry.is_mean = true;
  return entry;
}

Entry with_parameter(Entry entry, std::string what, double value, double low, double high) {
  entry.info.parameter = std::move(what);
  entry.info.parameter_default = value;
  entry.low = low;
  entry.high = high;
  return entry;
}

/// The threshold is a probability; scores may be logits.
float threshold_of(double probability, ScoreScale scale) {
  return static_cast<float>(scale == ScoreScale::probability ? probability : std::log(probability / (1 - probability)));
}

MetricResult calibration_error(Floats scores, Labels labels, ScoreScale scale, double bins, Binning binning, Floats weights) {
  return calibration(scores, labels, scale, static_cast<std::int64_t>(bins), binning, weights).expected;
}

std::vector<Entry> make_entries() {
  std::vector<Entry> e;
  e.push_back(ranking_entry("auroc", "area under the ROC curve", [](const Ranking& r, double) { return r.auroc(); }));
  e.push_back(ranking_entry("average_precision", "sum of precision times gain in recall",
                            [](const Ranking& r, double) { return r.average_precision(); }));
  e.push_back(ranking_entry("auprc_trapezoid", "area under the precision-recall curve by trapezoids",
                            [](const Ranking& r, double) { return r.auprc_trapezoid(); }));
  e.push_back(with_parameter(ranking_entry("recall_at_fdr", "highest recall at a false discovery rate",
                                           [](const Ranking& r, double fdr) { return r.recall_at_fdr(fdr); }),
                             "false discovery rate", 0.05, 0, 1));
  const auto at_threshold = [](MetricResult (Confusion::*metric)() const) {
    return [metric](Floats s, Labels y, ScoreScale scale, double p, Floats w) { return (confusion(s, y, threshold_of(p, scale), w).*metric)(); };
  };
  e.push_back(with_parameter(as_mean(binary_entry("accuracy", true, "share of right calls at a threshold", at_threshold(&Confusion::accuracy))),
                             "threshold on the probability", 0.5, 0, 1));
  e.push_back(with_parameter(binary_entry("f1", true, "harmonic mean of precision and recall at a threshold", at_threshold(&Confusion::f1)),
                             "threshold on the probability", 0.5, 0, 1));
  e.push_back(with_parameter(binary_entry("matthews", true, "correlation of call and label at a threshold", at_threshold(&Confusion::matthews)),
                             "threshold on the probability", 0.5, 0, 1));
  e.push_back(as_mean(binary_entry("log_loss", false, "mean negative log probability of the label",
                                   [](Floats s, Labels y, ScoreScale scale, double, Floats w) { return log_loss(s, y, scale, w); })));
  e.push_back(as_mean(binary_entry("brier", false, "mean squared error of the probability",
                                   [](Floats s, Labels y, ScoreScale scale, double, Floats w) { return brier(s, y, scale, w); })));
  e.push_back(with_parameter(binary_entry("calibration_error", false, "expected calibration error, bins of equal width",
                                          [](Floats s, Labels y, ScoreScale scale, double bins, Floats w) {
                                            return calibration_error(s, y, scale, bins, Binning::equal_width, w);
                                          }),
                             "bins", 15, 1, 1e6));
  e.push_back(with_parameter(binary_entry("calibration_error_equal_mass", false, "expected calibration error, bins of equal mass",
                                          [](Floats s, Labels y, ScoreScale scale, double bins, Floats w) {
                                            return calibration_error(s, y, scale, bins, Binning::equal_mass, w);
                                          }),
                             "bins", 15, 1, 1e6));
  e.push_back(numeric_entry("pearson", true, "Pearson correlation", pearson, [](const PairMoments& m) { return m.pearson(); }));
  e.push_back(numeric_entry("spearman", true, "Spearman correlation (average ranks)", spearman));
  e.push_back(numeric_entry("r2", true, "share of variance explained", r2, [](const PairMoments& m) { return m.r2(); }));
  e.push_back(numeric_entry("mse", false, "mean squared error", mse, [](const PairMoments& m) { return m.mse(); }));
  e.push_back(as_mean(numeric_entry("mae", false, "mean absolute error", mae)));
  for (const auto& m : detail::profile_metrics()) {
    Entry entry{.info = {.name = m.name, .kind = MetricKind::profile, .higher_is_better = m.higher_is_better, .help = m.help}};
    e.push_back(m.has_bin ? with_parameter(std::move(entry), "bin size", 0, 1, 1e6) : std::move(entry));
  }
  return e;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = make_entries();
  return all;
}

struct Found {
  const Entry* entry;
  double parameter;
};

Found find(std::string_view name) {
  const auto colon = name.find(':');
  const auto base = name.substr(0, colon);
  const auto& all = entries();
  const auto entry = std::find_if(all.begin(), all.end(), [&](const Entry& e) { return e.info.name == base; });
  if (entry == all.end()) {
    std::vector<std::string> names;
    for (const auto& e : all) names.push_back(e.info.name);
    const auto near = nearest(base, names);
    throw ArgumentError(format("unknown metric '{}'{}; metrics are {}", base, near ? format(", did you mean '{}'?", *near) : "",
                               fmt::join(names, ", ")));
  }
  if (colon == std::string_view::npos) return {&*entry, entry->info.parameter_default};
  if (entry->info.parameter.empty()) throw ArgumentError(format("metric '{}': '{}' takes no parameter", name, base));
  const auto text = name.substr(colon + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= entry->low && value <= entry->high))
    throw ArgumentError(format("metric '{}': '{}' is no {}: expected a number from {} to {}", name, text, entry->info.parameter, entry->low,
                               entry->high));
  return {&*entry, value};
}

/// One that takes scores and targets; those of profiles take rows of positions.
Found find_for_columns(std::string_view name) {
  const Found found = find(name);
  if (found.entry->info.kind == MetricKind::profile)
    throw ArgumentError(format("metric '{}' compares profiles: it needs rows of positions, not a column of values", name));
  return found;
}

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
  MetricResult value(const Found& metric) {
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

BootstrapResult bootstrap_moments(const Entry& entry, const MetricInput& input, const DenseBlocks& dense, const BootstrapOptions& options) {
  std::vector<PairMoments> parts(static_cast<std::size_t>(dense.count));
  for (std::size_t i = 0; i < input.scores.size(); ++i) parts[dense.block[i]].add(input.scores[i], input.targets[i]);
  return bootstrap(dense.count, [&](std::span<const std::uint32_t> counts) {
    PairMoments all;
    for (std::size_t b = 0; b < counts.size(); ++b)
      if (counts[b]) all.merge(parts[b].times(counts[b]));
    return entry.moments(all);
  }, options);
}

/// A mean over examples: sums of blocks are made once.
BootstrapResult bootstrap_mean(const Found& metric, const MetricInput& input, const std::vector<std::uint8_t>& labels,
                               const DenseBlocks& dense, const BootstrapOptions& options) {
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
  return bootstrap(dense.count, [&](std::span<const std::uint32_t> counts) {
    double total = 0;
    double examples = 0;
    for (std::size_t b = 0; b < counts.size(); ++b) {
      total += counts[b] * sum[b];
      examples += counts[b] * size[b];
    }
    return MetricResult::of(total / examples);
  }, options);
}

/// Any metric: how often an example was drawn is its weight.
BootstrapResult bootstrap_weighted(const Found& metric, const MetricInput& input, const std::vector<std::uint8_t>& labels,
                                   const DenseBlocks& dense, const BootstrapOptions& options) {
  return bootstrap(dense.count, [&](std::span<const std::uint32_t> counts) {
    std::vector<float> weights(input.scores.size());
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(counts[dense.block[i]]);
    if (metric.entry->numeric) return metric.entry->numeric(input.scores, input.targets, weights);
    return metric.entry->binary(input.scores, labels, input.scale, metric.parameter, weights);
  }, options);
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
    for (const auto& e : entries()) infos.push_back(e.info);
    return infos;
  }();
  return all;
}

MetricInfo find_metric(std::string_view name) {
  const Found found = find(name);
  MetricInfo info = found.entry->info;
  info.parameter_value = found.parameter;
  return info;
}

MetricResult compute(std::string_view name, const MetricInput& input) { return compute(std::vector<std::string>{std::string(name)}, input)[0]; }

std::vector<MetricResult> compute(const std::vector<std::string>& names, const MetricInput& input) {
  std::vector<Found> found;
  for (const auto& name : names) found.push_back(find_for_columns(name));
  detail::check_size(input.scores.size(), input.targets.size(), "targets");
  MetricColumn storage;
  Prepared prepared(measured(input, storage));
  std::vector<MetricResult> results;
  for (const auto& metric : found) results.push_back(prepared.value(metric));
  return results;
}

std::vector<BootstrapResult> bootstrap(const std::vector<std::string>& names, const MetricInput& whole, const BootstrapOptions& options) {
  if (!whole.weights.empty()) throw ArgumentError("bootstrap intervals of weighted metrics are not supported: leave out the weights");
  std::vector<Found> found;
  std::vector<RankingMetric> rankings;
  for (const auto& name : names) {
    found.push_back(find_for_columns(name));
    const auto metric = found.back();
    if (metric.entry->ranking) rankings.push_back([metric](const Ranking& r) { return metric.entry->ranking(r, metric.parameter); });
  }
  detail::check_size(whole.scores.size(), whole.targets.size(), "targets");
  MetricColumn storage;
  const MetricInput input = measured(whole, storage);
  const bool any_numeric = std::any_of(found.begin(), found.end(), [](const Found& f) { return static_cast<bool>(f.entry->numeric); });
  const bool all_numeric = std::all_of(found.begin(), found.end(), [](const Found& f) { return static_cast<bool>(f.entry->numeric); });
  if (any_numeric) {
    detail::check_finite(input.scores, "prediction");
    detail::check_finite(input.targets, "target");
  }
  const auto labels = all_numeric ? std::vector<std::uint8_t>() : labels_of(input.targets);
  const auto ranked = rankings.empty() ? std::vector<BootstrapResult>() : bootstrap_ranking(input.scores, labels, rankings, options, input.blocks);
  const auto dense = rankings.size() == found.size() ? DenseBlocks() : blocks_of(input);
  std::vector<BootstrapResult> results;
  std::size_t next = 0;
  for (const auto& metric : found) {
    if (metric.entry->ranking)
      results.push_back(ranked[next++]);
    else if (metric.entry->moments)
      results.push_back(bootstrap_moments(*metric.entry, input, dense, options));
    else if (metric.entry->is_mean)
      results.push_back(bootstrap_mean(metric, input, labels, dense, options));
    else
      results.push_back(bootstrap_weighted(metric, input, labels, dense, options));
  }
  return results;
}

MetricParts parts_of(std::string_view name) {
  const Entry& entry = *find_for_columns(name).entry;
  return entry.moments ? MetricParts::moments : entry.is_mean ? MetricParts::mean : MetricParts::cells;
}

MetricResult compute(std::string_view name, const PairMoments& moments) {
  const Entry& entry = *find_for_columns(name).entry;
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
