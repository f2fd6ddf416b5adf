// A model against a data set with targets: metrics per output, averaged, pooled, with bootstrap intervals; profiles example by example.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/data/dataset.h"
#include "basewise/infer/batched.h"
#include "basewise/evaluate/figures.h"
#include "basewise/metrics/registry.h"

namespace basewise::evaluate {

inline constexpr std::string_view kMetricsSchema = "basewise.metrics/1";

/// A further head of the model, measured in the same pass; members as of `EvaluateOptions`.
struct HeadOptions {
  std::string output = {};
  std::string target = {};
  std::vector<std::string> metrics = {};
  std::string kind = "auto";
  std::string scale = "logit";
  std::vector<std::string> names = {};
};
void describe(Visitor& v, HeadOptions& o);

struct EvaluateOptions {
  std::string output = {};                    ///< head of the model; empty: the only one
  std::string target = "labels";              ///< tensor of the data set; "<target>.mask" beside it tells what was measured
  std::vector<std::string> metrics = {};      ///< names of the registry; empty: those that suit the targets
  std::string scale = "logit";                ///< what the outputs are for binary metrics: logit or probability
  std::vector<std::string> names = {};        ///< of the outputs (channels); empty: "0", "1", ...
  std::vector<std::int64_t> tolerances = {};  ///< per-base labels: also match calls to labels within so many bases
  std::int64_t block = 10'000;                ///< bases that the bootstrap draws together where examples carry positions; 0: examples alone
  std::int64_t interval_outputs = 16;         ///< intervals per output up to this number of outputs
  bool intervals = true;                      ///< bootstrap at all
  bool figures = false;                       ///< make what a page shows; not described
  metrics::BootstrapOptions bootstrap = {.replicates = 200};
  infer::BatchOptions batches = {};
  std::string kind = "auto";            ///< values: numbers against numbers; profile: distributions over positions against counts
  std::string ceiling = "auto";         ///< tensor that measures the target a second time; auto: that of the data set, if any; none
  bool mean_profile = true;                ///< whoever has a training set gives its mean profile as `floor`
  std::vector<HeadOptions> heads = {};  ///< further heads
  at::Tensor floor = {};                ///< profiles: (S, L) counts, one prediction for all examples to compare with; not described
};
void describe(Visitor& v, EvaluateOptions& o);

/// Whether these options ask for profiles: `kind`, or a metric that only profiles have.
bool asks_for_profiles(const std::string& kind, const std::vector<std::string>& metrics);

/// What a metric of single examples tells beside its mean.
struct ExampleFacts {
  metrics::MetricResult median;
  std::int64_t examples = 0;
  std::int64_t undefined = 0;  ///< examples where it is not defined
};

/// One metric of one output.
struct MetricValue {
  std::string metric;
  bool higher_is_better = true;
  metrics::MetricResult value;
  metrics::BootstrapResult interval;          ///< `replicates` is 0 where none was asked for
  std::optional<ExampleFacts> examples = {};  ///< of profiles
};

/// One output (channel), or all of them pooled.
struct OutputEvaluation {
  std::string name;
  metrics::MetricCounts counts;
  std::vector<MetricValue> metrics;
};

/// What matching within a tolerance gave for one output, or for all pooled (see metrics/site_matching.h).
struct ToleranceEvaluation {
  std::int64_t tolerance = 0;
  std::string name;
  metrics::MetricResult average_precision;
  std::int64_t labels = 0;
  std::int64_t candidates = 0;
  std::int64_t matched = 0;
};

/// Another prediction of the same targets, by the same metrics.
struct Comparison {
  std::string what;  ///< tensor of the data set, or "mean profile"
  OutputEvaluation values;
};

struct EvaluationResult {
  std::string output;
  std::string target;
  std::int64_t examples = 0;  ///< of the data set
  std::vector<OutputEvaluation> outputs;
  std::vector<MetricValue> mean;  ///< over the outputs where the metric is defined; no intervals
  OutputEvaluation pooled;        ///< all measured values of all outputs as one
  std::vector<ToleranceEvaluation> tolerances;
  EvaluationFigures figures;  ///< where asked for
  std::string blocks;         ///< what the bootstrap drew: "examples" or "blocks of 10000 bases (93)"
  double seconds_model = 0;   ///< data set and model
  double seconds_metrics = 0;

  /// "auroc", "mean.auroc", "pooled.auroc" or "<output name>.auroc"; without a prefix the pooled value for per-base outputs and a
  /// single output, else the mean. "ceiling.jsd", "floor.jsd"; "<head>.pearson" for what another head has under "pearson". Errors:
  /// ArgumentError that lists what there is.
  metrics::MetricResult value(const std::string& name) const;
  bool per_base = false;

  /// Profiles: `pooled` and the one entry of `outputs` hold means over examples, `mean` the same without intervals.
  bool profile = false;
  std::int64_t strands = 0;             ///< of profiles
  std::int64_t length = 0;              ///< of profiles
  std::optional<Comparison> ceiling;    ///< a second measurement in place of the prediction
  std::optional<Comparison> floor;      ///< `EvaluateOptions::floor` in its place
  std::vector<EvaluationResult> heads;  ///< those of `EvaluateOptions::heads`

  /// Every value by the name under which `value` finds it: "auroc", "counts.pearson", "ceiling.jsd", "counts.ceiling.mse", "floor.jsd".
  std::vector<std::pair<std::string, metrics::MetricResult>> values() const;
};

/// Called with every batch and its outputs, say to compute a loss in the same pass.
using BatchObserver = std::function<void(const Bundle& outputs, const Bundle& batch)>;

/// Profiles: outputs (N, S, L) are logits of a distribution over L for each strand (`scale` probability: numbers that are divided by their
/// sum), targets the counts; metrics are computed for each example (metrics/profile.h) and averaged; predictions are not kept. An example
/// with masked positions loses that strand.
///
/// Otherwise outputs and targets have one shape: (N, T) or, per base, (N, S, L); missing targets are masked by "<target>.mask" of that
/// shape (or one that broadcasts to it) and never looked at.
///
/// Data sets whose examples carry "position" and "chromosome" (int64 scalars: first base of the example's targets, index of the
/// chromosome) give blocks to the bootstrap and coordinates to the tolerances; one target value stands for one base then. Where they
/// carry "circle" too (length of a circular chromosome, else 0), calls are matched to labels across its origin.
/// Errors: ShapeError where outputs and targets do not fit; ArgumentError for unknown names.
EvaluationResult evaluate(const infer::ScoreFn& score, const data::DatasetPtr& dataset, const EvaluateOptions& options = {},
                          const BatchObserver& observe = {});

/// Mean over the examples of a data set of its counts (S, L) as shares of the reads of each strand; strands without reads or with a masked
/// position are left out. What a model that knows nothing but the place in the window would say.
at::Tensor mean_profile(const data::DatasetPtr& dataset, const std::string& target, const infer::BatchOptions& batches = {});

/// The table metrics.json: schema kMetricsSchema; a metric without value is null with its reason.
nlohmann::ordered_json to_json(const EvaluationResult& result);

/// A few lines for people.
std::string to_text(const EvaluationResult& result);

}  // namespace basewise::evaluate
