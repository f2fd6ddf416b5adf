// Metrics by name, for early stopping and evaluation:
// one vocabulary for recipes, log columns and metrics.json.
//
// A name may carry one parameter after a colon: "recall_at_fdr:0.1", "accuracy:0.3",
// "calibration_error:20".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/metrics/bootstrap.h"
#include "basewise/metrics/probability.h"
#include "basewise/metrics/regression.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// What a metric takes.
enum class MetricKind {
  ranking,  ///< any scores, labels 0 or 1
  binary,   ///< logits or probabilities, labels 0 or 1
  numeric,  ///< numbers against numbers
  profile,  ///< distributions over positions against counts: see profile.h, not `compute`
};

struct MetricInfo {
  std::string name;
  MetricKind kind = MetricKind::ranking;
  bool higher_is_better = true;
  std::string help;
  std::string parameter{};       ///< what follows the colon; empty when there is none
  double parameter_default = 0;
  double parameter_value = 0;    ///< of the name that was looked up
};

/// Every metric there is, in the order of the reference page.
const std::vector<MetricInfo>& all_metrics();

/// "auroc" or "recall_at_fdr:0.1".
/// Errors: ArgumentError naming the nearest known metric; a parameter out of bounds.
MetricInfo find_metric(std::string_view name);

/// What metrics are computed from. Spans other than scores and targets may be empty.
struct MetricInput {
  std::span<const float> scores{};       ///< (N,)
  std::span<const float> targets{};       ///< (N,); 0 or 1 where the metric wants labels
  std::span<const std::uint8_t> mask{};   ///< (N,) nonzero: measured. Scores and targets elsewhere are not looked at
  std::span<const float> weights{};       ///< (N,)
  std::span<const std::int64_t> blocks{}; ///< (N,) examples that the bootstrap draws together
  ScoreScale scale = ScoreScale::logit;
};

/// One metric over the measured examples.
/// Errors: ArgumentError as find_metric, for metrics of profiles, and as the metric itself.
MetricResult compute(std::string_view name, const MetricInput& input);

/// Several, in the order of the names; scores are sorted once for all that rank.
std::vector<MetricResult> compute(const std::vector<std::string>& names, const MetricInput& input);

/// An interval for each of the names. Weights are not supported here (ArgumentError).
std::vector<BootstrapResult> bootstrap(const std::vector<std::string>& names, const MetricInput& input, const BootstrapOptions& options);

/// What a metric can be computed from when the pairs are not kept (streaming.h).
enum class MetricParts {
  moments,  ///< from the moments of the pairs
  mean,     ///< it is a mean over pairs, so that sums add
  cells,    ///< from counts in fine bins, to the width of a bin
};

/// Errors: ArgumentError as find_metric, and for metrics of profiles.
MetricParts parts_of(std::string_view name);

/// A metric of MetricParts::moments. Errors: ArgumentError for others.
MetricResult compute(std::string_view name, const PairMoments& moments);

/// How many examples were measured and how many of them are positive (target > 0.5; of an
/// evaluation without a metric of labels not a number).
struct MetricCounts {
  std::int64_t examples = 0;
  std::int64_t missing = 0;
  double positives = 0;
  double prevalence() const { return examples ? positives / static_cast<double>(examples) : std::numeric_limits<double>::quiet_NaN(); }
};
MetricCounts count(const MetricInput& input);

/// A metric of several outputs.
struct OutputsResult {
  std::vector<MetricResult> per_output;  ///< (T,)
  MetricResult mean;                     ///< over the outputs where it is defined
  std::int64_t defined = 0;              ///< how many those are
  MetricResult pooled;                   ///< all outputs as one
};

/// As compute for row-major (N, T) scores, targets, mask;
/// weights (N,) count for a whole row. T >= 1.
OutputsResult compute_outputs(std::string_view name, const MetricInput& input, std::int64_t outputs);

/// Mean over the defined values.
MetricResult mean_defined(const std::vector<MetricResult>& values);

/// The measured part of one output of row-major (N, T) input, copied.
/// Weights and blocks (N,) follow.
struct MetricColumn {
  std::vector<float> scores;
  std::vector<float> targets;
  std::vector<float> weights;
  std::vector<std::int64_t> blocks;
  ScoreScale scale = ScoreScale::logit;
  std::int64_t missing = 0;
  MetricInput input() const { return {scores, targets, {}, weights, blocks, scale}; }
};
MetricColumn column(const MetricInput& input, std::int64_t outputs, std::int64_t output);

}  // namespace basewise::metrics
