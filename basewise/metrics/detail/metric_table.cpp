#include "basewise/metrics/detail/metric_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/profile_example.h"
#include "basewise/metrics/recall_at_fpr.h"
#include "basewise/metrics/regression.h"
#include "basewise/metrics/threshold_curves.h"

namespace basewise::metrics::detail {
namespace {

MetricEntry ranking_entry(std::string name, std::string help, std::function<MetricResult(const Ranking&, double)> f) {
  return {.info = {.name = std::move(name), .kind = MetricKind::ranking, .help = std::move(help)}, .ranking = std::move(f)};
}

MetricEntry numeric_entry(std::string name, bool higher, std::string help, std::function<MetricResult(Floats, Floats, Floats)> f,
                          std::function<MetricResult(const PairMoments&)> moments = {}) {
  return {.info = {.name = std::move(name), .kind = MetricKind::numeric, .higher_is_better = higher, .help = std::move(help)},
          .numeric = std::move(f),
          .moments = std::move(moments)};
}

MetricEntry binary_entry(std::string name, bool higher, std::string help,
                         std::function<MetricResult(Floats, Labels, ScoreScale, double, Floats)> f) {
  return {.info = {.name = std::move(name), .kind = MetricKind::binary, .higher_is_better = higher, .help = std::move(help)},
          .binary = std::move(f)};
}

MetricEntry as_mean(MetricEntry entry) {
  entry.is_mean = true;
  return entry;
}

MetricEntry of_ranks(MetricEntry entry, MetricResult (*metric)(const ValueOrder&, const ValueOrder&, Floats)) {
  entry.ranks = metric;
  return entry;
}

MetricEntry with_parameter(MetricEntry entry, std::string what, double value, double low, double high) {
  entry.info.parameter = std::move(what);
  entry.info.parameter_default = value;
  entry.low = low;
  entry.high = high;
  return entry;
}

MetricEntry of_logs(std::string name, std::string help, MetricResult (PairMoments::*metric)() const) {
  MetricEntry entry = numeric_entry(
      std::move(name), true, std::move(help),
      [metric](Floats predictions, Floats targets, Floats weights) {
        check_finite(predictions, "prediction");
        check_finite(targets, "target");
        const auto x = logs_of(predictions), y = logs_of(targets);
        if (!x || !y) return no_logs();
        PairMoments m;
        m.add(*x, *y, weights);
        return (m.*metric)();
      },
      [metric](const PairMoments& m) { return (m.*metric)(); });
  entry.of_logs = true;
  return entry;
}

/// The threshold is a probability; scores may be logits.
float threshold_of(double probability, ScoreScale scale) {
  return static_cast<float>(scale == ScoreScale::probability ? probability : std::log(probability / (1 - probability)));
}

MetricResult calibration_error(Floats scores, Labels labels, ScoreScale scale, double bins, Binning binning, Floats weights) {
  return calibration(scores, labels, scale, static_cast<std::int64_t>(bins), binning, weights).expected;
}

std::vector<MetricEntry> make_entries() {
  std::vector<MetricEntry> e;
  e.push_back(ranking_entry("auroc", "area under the ROC curve", [](const Ranking& r, double) { return r.auroc(); }));
  e.push_back(ranking_entry("average_precision", "sum of precision times gain in recall",
                            [](const Ranking& r, double) { return r.average_precision(); }));
  e.push_back(ranking_entry("auprc_trapezoid", "area under the precision-recall curve by trapezoids",
                            [](const Ranking& r, double) { return r.auprc_trapezoid(); }));
  e.push_back(with_parameter(ranking_entry("recall_at_fdr", "highest recall at a false discovery rate",
                                           [](const Ranking& r, double fdr) { return r.recall_at_fdr(fdr); }),
                             "false discovery rate", 0.05, 0, 1));
  e.push_back(with_parameter(ranking_entry("recall_at_fpr", "highest recall at a false positive rate",
                                           recall_at_fpr),
                             "false positive rate", 0.1, 0, 1));
  const auto at_threshold = [](MetricResult (Confusion::*metric)() const) {
    return [metric](Floats s, Labels y, ScoreScale scale, double p, Floats w) {
      return (confusion(s, y, threshold_of(p, scale), w).*metric)();
    };
  };
  e.push_back(with_parameter(as_mean(binary_entry("accuracy", true, "share of right calls at a threshold",
                                                   at_threshold(&Confusion::accuracy))),
                             "threshold on the probability", 0.5, 0, 1));
  e.push_back(with_parameter(binary_entry("f1", true, "harmonic mean of precision and recall at a threshold", at_threshold(&Confusion::f1)),
                             "threshold on the probability", 0.5, 0, 1));
  e.push_back(with_parameter(binary_entry("matthews", true, "correlation of call and label at a threshold",
                                           at_threshold(&Confusion::matthews)),
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
  const auto at_thresholds = [](MetricResult ThresholdAreas::*which) {
    return [which](Floats s, Labels y, ScoreScale scale, double n, Floats w) {
      return threshold_areas(s, y, scale, static_cast<std::int64_t>(n), w).*which;
    };
  };
  e.push_back(with_parameter(binary_entry("keras_auroc", true, "area under the ROC curve at evenly spaced thresholds, as Keras' AUC",
                                          at_thresholds(&ThresholdAreas::roc)),
                             "number of thresholds", 200, 2, 1e6));
  e.push_back(with_parameter(binary_entry("keras_auprc", true,
                                          "area under the precision-recall curve at evenly spaced thresholds, as Keras' AUC",
                                          at_thresholds(&ThresholdAreas::precision_recall)),
                             "number of thresholds", 200, 2, 1e6));
  e.push_back(numeric_entry("pearson", true, "Pearson correlation", pearson, [](const PairMoments& m) { return m.pearson(); }));
  e.push_back(of_ranks(numeric_entry("spearman", true, "Spearman correlation (average ranks)", metrics::spearman), detail::spearman));
  e.push_back(numeric_entry("r2", true, "share of variance explained", r2, [](const PairMoments& m) { return m.r2(); }));
  e.push_back(numeric_entry("mse", false, "mean squared error", mse, [](const PairMoments& m) { return m.mse(); }));
  e.push_back(as_mean(numeric_entry("mae", false, "mean absolute error", mae)));
  e.push_back(of_logs("pearson_log", "Pearson correlation of log2(x + 1)", &PairMoments::pearson));
  e.push_back(of_logs("r2_log", "share of variance explained of log2(x + 1)", &PairMoments::r2));
  for (const auto& m : detail::profile_metrics()) {
    MetricEntry entry{.info = {.name = m.name, .kind = MetricKind::profile, .higher_is_better = m.higher_is_better, .help = m.help}};
    e.push_back(m.has_bin ? with_parameter(std::move(entry), "bin size", 0, 1, 1e6) : std::move(entry));
  }
  return e;
}

}  // namespace

std::optional<std::vector<float>> logs_of(Floats values) {
  std::vector<float> logs;
  logs.reserve(values.size());
  for (const float value : values) {
    if (!(value > -1)) return std::nullopt;
    logs.push_back(static_cast<float>(std::log2(static_cast<double>(value) + 1)));
  }
  return logs;
}

MetricResult no_logs() { return MetricResult::undefined("a value is -1 or less and has no log2(x + 1)"); }

const std::vector<MetricEntry>& metric_table() {
  static const std::vector<MetricEntry> all = make_entries();
  return all;
}

FoundMetric find_entry(std::string_view name) {
  const auto colon = name.find(':');
  const auto base = name.substr(0, colon);
  const auto& all = metric_table();
  const auto entry = std::find_if(all.begin(), all.end(), [&](const MetricEntry& e) { return e.info.name == base; });
  if (entry == all.end()) {
    std::vector<std::string> names;
    for (const auto& e : all) names.push_back(e.info.name);
    const auto near = nearest(base, names);
    if (const auto dot = base.rfind('.'); dot != std::string_view::npos &&
                                          std::find(names.begin(), names.end(), base.substr(dot + 1)) != names.end())
      throw ArgumentError(format("unknown metric '{}': write '{}', which gives values of each output, their mean and pooled; "
                                 "prefixes such as '{}' go into train.select.metric",
                                 name, name.substr(dot + 1), base.substr(0, dot + 1)));
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

FoundMetric find_for_columns(std::string_view name) {
  const FoundMetric found = find_entry(name);
  if (found.entry->info.kind == MetricKind::profile)
    throw ArgumentError(format("metric '{}' compares profiles: it needs rows of positions, not a column of values", name));
  return found;
}

}  // namespace basewise::metrics::detail
