// A model against a data set with targets: metrics of each head, per output, averaged and pooled,
// with bootstrap intervals.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/infer/batched.h"
#include "basewise/metrics/registry.h"
#include "basewise/results/evaluation.h"

namespace basewise::evaluate {

using infer::BatchOptions;
using infer::ScoreFn;
using results::EvaluationResult;
using results::HeadEvaluation;

/// How a head is measured. Each value but `automatic` has a row in the table of measure.cpp.
enum class MeasureKind { automatic, values, binary, profile };
constexpr auto words_of(MeasureKind) {
  return words<MeasureKind>(
      {{MeasureKind::automatic, "auto", "what metrics and loss say"},
       {MeasureKind::values, "values", "numbers against numbers, or scores against labels where all targets are 0 or 1"},
       {MeasureKind::binary, "binary", "scores against labels, 0 or 1"},
       {MeasureKind::profile, "profile", "distributions over positions against counts"}});
}

/// What `ceiling` may be besides the name of a tensor.
enum class CeilingWord { automatic, none };
constexpr auto words_of(CeilingWord) {
  return words<CeilingWord>({{CeilingWord::automatic, "auto", "the replicate of the data, if any"}, {CeilingWord::none, "none"}});
}

/// A head of the model, as written in a recipe.
struct HeadOptions {
  std::string output = {};
  std::string target = {};
  std::vector<std::string> metrics = {};
  MeasureKind kind = MeasureKind::automatic;
  metrics::ScoreScale scale = metrics::ScoreScale::logit;
  std::vector<std::string> names = {};
};
void describe(Visitor& v, HeadOptions& o);

/// [evaluate] of a recipe, as written. What is empty or not set is open; `plan_of` decides it. The
/// members from `output` to `ceiling` are those of one head, `heads` are further ones.
struct EvaluateOptions {
  std::string output = {};                    ///< head of the model; empty: the only one
  std::optional<std::string> target = {};     ///< tensor of the data set; not set: what the data are for, or "labels"
  std::vector<std::string> metrics = {};      ///< names of the registry; empty: those that suit the targets
  MeasureKind kind = MeasureKind::automatic;
  metrics::ScoreScale scale = metrics::ScoreScale::logit;  ///< what the outputs are for binary metrics
  std::vector<std::string> names = {};        ///< of the outputs (channels); empty: "0", "1", ...
  std::vector<std::int64_t> tolerances = {};  ///< per-base labels: also match calls to labels within so many bases
  std::string ceiling = "auto";               ///< tensor that measures the target a second time; auto: that of the data set, if any; none
  std::vector<HeadOptions> heads = {};
  std::int64_t block = 10'000;            ///< bases that the bootstrap draws together where examples carry positions; 0: examples alone
  std::int64_t interval_outputs = 16;     ///< intervals per output up to this number of outputs
  bool intervals = true;                  ///< bootstrap at all
  bool mean_profile = true;               ///< whoever has a training set gives its mean profile as floor
  std::int64_t memory = 1024;             ///< MiB; a quarter may hold values
  metrics::BootstrapOptions bootstrap = {.replicates = 200};
  BatchOptions batches = {};
};
void describe(Visitor& v, EvaluateOptions& o);

/// A head of the model, decided.
struct HeadPlan {
  std::string output = {};  ///< empty: the only one there is, which only the model's outputs tell
  std::string target = "labels";
  std::vector<std::string> metrics = {};  ///< empty: those that suit the targets, once these were seen
  MeasureKind kind = MeasureKind::values;  ///< never automatic
  metrics::ScoreScale scale = metrics::ScoreScale::logit;
  std::vector<std::string> names = {};
  std::vector<std::int64_t> tolerances = {};
  std::string ceiling = "auto";
};

/// What is the same for all heads.
struct MeasureSettings {
  std::int64_t block = 10'000;
  std::int64_t interval_outputs = 16;
  std::optional<metrics::BootstrapOptions> bootstrap = {};  ///< none: no intervals
  std::int64_t memory = std::int64_t{1024} << 20;           ///< bytes, of all heads together
};

/// What is measured: heads of equal rank, in the order in which results tell them.
struct EvaluationPlan {
  std::vector<HeadPlan> heads = {};
  MeasureSettings settings = {};
  BatchOptions batches = {};
};

/// Options with everything decided that needs neither model nor data.
/// Errors: ArgumentError for unknown metrics.
EvaluationPlan plan_of(const EvaluateOptions& options);

/// Called with every batch and its outputs, say to compute a loss in the same pass.
using BatchObserver = std::function<void(const Bundle& outputs, const Bundle& batch)>;

/// What comes with an evaluation besides its plan.
struct EvaluationExtras {
  BatchObserver observe = {};
  bool figures = false;  ///< make what a page shows
  Bundle floors = {};    ///< profiles, by target: (S, L) counts, one prediction for all examples to compare with
};

/// A score function against a data set, each head by the measure of its kind (measure.h).
///
/// Values (and binary): outputs and targets have one shape, (N, T) or, along the sequence,
/// (N, T, positions); missing targets are masked by "<target>.mask" of that shape (or one that
/// broadcasts to it) and never looked at. Profiles: outputs (N, S, L) are logits of a distribution
/// over L for each strand (`scale` probability: numbers that are divided by their sum), targets the
/// counts; metrics are computed for each example (metrics/profile.h) and averaged. An example with
/// masked positions loses that strand.
///
/// Data sets whose examples carry "position" and "chromosome" (int64 scalars: first base of the
/// example's targets, index of the chromosome) give blocks to the bootstrap and coordinates to the
/// tolerances. A value along the sequence stands for as many bases as the data set says. Where
/// examples carry "circle" too (length of a circular chromosome, else 0), calls are matched to
/// labels across its origin.
///
/// Values are kept, and every metric is exact, while they take no more than a quarter of `memory`.
/// Beyond that only sums, fine bins and sums of blocks are kept: means, losses and moments stay
/// exact, ranks come from the bins and say so, and have no intervals.
/// Errors: ShapeError where outputs and targets do not fit; ArgumentError for unknown names.
EvaluationResult evaluate_heads(const ScoreFn& score, const data::DatasetPtr& dataset, const EvaluationPlan& plan,
                                const EvaluationExtras& extras = {});

/// The plan of these options.
EvaluationResult evaluate(const ScoreFn& score, const data::DatasetPtr& dataset, const EvaluateOptions& options = {},
                          const EvaluationExtras& extras = {});

}  // namespace basewise::evaluate
