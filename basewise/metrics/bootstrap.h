// Percentile bootstrap intervals (Efron 1979), over examples or over blocks of examples that are
// drawn together.
//
// Neighbouring positions of a genome and overlapping windows are correlated: resample blocks of
// them, or the interval is too narrow. Replicate r draws from Stream(seed, r):
// the same numbers for any number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

struct BootstrapOptions {
  std::int64_t replicates = 1000;
  double confidence = 0.95;
  std::int64_t seed = 0;
};
void describe(Visitor& v, BootstrapOptions& o);

/// An interval that holds `confidence` of the replicates: the quantiles (1 - confidence) / 2 and
/// (1 + confidence) / 2, linearly interpolated. Replicates in which the metric is not defined (say,
/// no positive was drawn) are left out and counted.
/// One block or example alone gives no interval: it is drawn the same each time.
struct BootstrapResult {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  double standard_error = std::numeric_limits<double>::quiet_NaN();
  std::int64_t replicates = 0;  ///< that gave a value
  std::int64_t undefined = 0;   ///< that gave none
  std::string reason;           ///< why there is no interval; empty when there is one
};

/// Any statistic. `units` things (examples or blocks) are drawn with replacement, as many as there
/// are; counts (units,) says how often each was drawn. `statistic` is called from several threads.
/// Errors: ArgumentError for options out of bounds.
BootstrapResult bootstrap(std::int64_t units, const std::function<MetricResult(std::span<const std::uint32_t> counts)>& statistic,
                          const BootstrapOptions& options = {});

/// A statistic of what was drawn, or several that share work: `compute` fills `values` (size,) from
/// counts (units,); NaN: not defined.
struct BootstrapStatistic {
  std::size_t size = 1;
  std::function<void(std::span<const std::uint32_t> counts, std::span<double> values)> compute = {};
};

/// All values of all statistics, in order, from the same draws: the numbers that each would have
/// alone. `compute` is called from several threads.
/// Errors: as `bootstrap`.
std::vector<BootstrapResult> bootstrap_together(std::int64_t units, const std::vector<BootstrapStatistic>& statistics,
                                                const BootstrapOptions& options = {});

/// A metric of a ranking, such as [](const Ranking& r) { return r.auroc(); }.
using RankingMetric = std::function<MetricResult(const Ranking&)>;

/// Intervals of several metrics of one ranking from the same replicates. Scores are sorted once; a
/// replicate recounts the steps of the sorted ranking. Without blocks it draws the counts of the
/// steps from their multinomial distribution, which costs time linear in the number of positives;
/// with blocks (N,) (any numbers; equal means drawn together) time linear in N.
std::vector<BootstrapResult> bootstrap_ranking(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                               const std::vector<RankingMetric>& metrics, const BootstrapOptions& options = {},
                                               std::span<const std::int64_t> blocks = {});

/// The same metrics as a statistic of draws of examples, or of blocks where there are any; nothing
/// where `bootstrap_ranking` draws counts of steps instead, which then is faster. What it is made
/// of is copied but for `metrics`, which must outlive it.
std::optional<BootstrapStatistic> ranking_statistic(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                                    const std::vector<RankingMetric>& metrics, std::span<const std::int64_t> blocks = {});

/// Block numbers 0..count-1 in the order of first appearance, for block identifiers of any value.
struct DenseBlocks {
  std::vector<std::uint32_t> block;  ///< (N,)
  std::int64_t count = 0;
};
DenseBlocks dense_blocks(std::span<const std::int64_t> blocks);

}  // namespace basewise::metrics
