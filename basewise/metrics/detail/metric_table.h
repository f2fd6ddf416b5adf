// The table of all metrics: their names, parameters and functions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "basewise/metrics/detail/value_order.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/registry.h"

namespace basewise::metrics::detail {

using Floats = std::span<const float>;
using Labels = std::span<const std::uint8_t>;

/// The three shapes that a metric's function may have; the one of its kind is set.
struct MetricEntry {
  MetricInfo info;
  double low = 0;   ///< of the parameter
  double high = 0;
  std::function<MetricResult(const Ranking&, double parameter)> ranking{};
  std::function<MetricResult(Floats scores, Labels labels, ScoreScale scale, double parameter, Floats weights)> binary{};
  std::function<MetricResult(Floats predictions, Floats targets, Floats weights)> numeric{};
  /// Metrics that follow from moments can be resampled by merging parts.
  std::function<MetricResult(const PairMoments&)> moments{};
  /// Metrics of ranks can be resampled without sorting again.
  std::function<MetricResult(const ValueOrder& predictions, const ValueOrder& targets, Floats weights)> ranks{};
  /// The metric is a weighted mean over examples, so that parts can be added.
  bool is_mean = false;
  /// The metric is that of log2(x + 1) of both sides, from whose moments it follows.
  bool of_logs = false;
};

/// In the order of the reference page.
const std::vector<MetricEntry>& metric_table();

/// log2(x + 1), or nothing where a value is -1 or less and has none.
std::optional<std::vector<float>> logs_of(Floats values);

/// Why a metric of logs is not defined.
MetricResult no_logs();

struct FoundMetric {
  const MetricEntry* entry;
  double parameter;
};

/// "auroc" or "recall_at_fdr:0.1". Errors: as find_metric.
FoundMetric find_entry(std::string_view name);

/// One that takes scores and targets.
/// Errors: also for metrics of profiles, which take rows of positions.
FoundMetric find_for_columns(std::string_view name);

}  // namespace basewise::metrics::detail
