// What an evaluation found, as values: what metrics.json holds of it (metrics_document.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/metrics/registry.h"
#include "basewise/results/figures.h"

namespace basewise::results {

/// What a metric of single examples tells beside its mean.
struct ExampleFacts {
  metrics::MetricResult median = {};
  std::int64_t examples = 0;
  std::int64_t undefined = 0;  ///< examples where it is not defined
};

/// One metric of one output.
struct MetricValue {
  std::string metric = {};
  bool higher_is_better = true;
  metrics::MetricResult value = {};
  metrics::BootstrapResult interval = {};     ///< `replicates` is 0 where there is none
  std::optional<ExampleFacts> examples = {};  ///< of profiles
  std::int64_t bins = 0;  ///< computed from counts in at most so many bins of the predictions; 0: exact
};

/// The value of a metric in a list; null where the list has none of that name.
const MetricValue* find_metric(const std::vector<MetricValue>& values, std::string_view metric);

/// One output (channel), or all of them pooled.
struct OutputEvaluation {
  std::string name = {};
  metrics::MetricCounts counts = {};
  std::vector<MetricValue> metrics = {};
};

/// What matching within a tolerance gave for one output, or for all pooled (see
/// metrics/site_matching.h).
struct ToleranceEvaluation {
  std::int64_t tolerance = 0;
  std::string name = {};
  metrics::MetricResult average_precision = {};
  std::int64_t labels = 0;
  std::int64_t candidates = 0;
  std::int64_t matched = 0;
};

/// Another prediction of the same targets, by the same metrics.
struct Comparison {
  std::string what = {};  ///< tensor of the data set, or "mean profile"
  OutputEvaluation values = {};
};

/// One head of the model beside its target.
struct HeadEvaluation {
  std::string output = {};  ///< name of the head
  std::string target = {};
  std::int64_t examples = 0;  ///< of the data set
  std::vector<OutputEvaluation> outputs = {};
  std::vector<MetricValue> mean = {};  ///< over the outputs where the metric is defined; no intervals
  OutputEvaluation pooled = {};        ///< all measured values of all outputs as one
  std::vector<ToleranceEvaluation> tolerances = {};
  std::string blocks = {};            ///< what the bootstrap drew: "examples" or "blocks of 10000 bases (93)"
  bool per_base = false;              ///< a value for each base
  std::int64_t bases_per_value = 1;   ///< of outputs along the sequence
  bool profile = false;               ///< `pooled` and the one entry of `outputs` hold means over examples
  std::int64_t strands = 0;           ///< of profiles
  std::int64_t length = 0;            ///< of profiles: positions
  std::optional<Comparison> ceiling = {};  ///< a second measurement in place of the prediction
  std::optional<Comparison> floor = {};    ///< the mean profile of the training set in its place

  /// "auroc", "mean.auroc", "pooled.auroc", "<output name>.auroc", "ceiling.jsd", "floor.jsd".
  /// Without a prefix the pooled value where there is one output or one for each base, else the
  /// mean.
  /// Errors: ArgumentError that lists what there is.
  metrics::MetricResult value(const std::string& name) const;
};

/// All heads, each as it would be alone.
struct EvaluationResult {
  std::vector<HeadEvaluation> heads = {};
  EvaluationFigures figures = {};  ///< where asked for
  double seconds_model = 0;        ///< data set and model
  double seconds_metrics = 0;

  /// The head of this name. Errors: ArgumentError that lists the heads.
  const HeadEvaluation& head(std::string_view output) const;

  /// "<head>.pearson" is what that head has under "pearson"; names without a head are looked up in
  /// the one that the recipe names first.
  metrics::MetricResult value(const std::string& name) const;

  /// Every value by the name under which `value` finds it: "auroc", "ceiling.jsd", "floor.jsd",
  /// "counts.pearson", "counts.ceiling.mse".
  std::vector<std::pair<std::string, metrics::MetricResult>> values() const;
};

/// A few lines for people.
std::string to_text(const EvaluationResult& result);

}  // namespace basewise::results
