#include "basewise/evaluate/plan.h"

#include "basewise/core/error.h"
#include "basewise/evaluate/measure.h"

namespace basewise::evaluate {
namespace {

HeadPlan plan_of(const HeadOptions& o, const std::string& ceiling) {
  for (const std::string& name : o.metrics) metrics::find_metric(name);
  return {.output = o.output,
          .target = o.target,
          .metrics = o.metrics,
          .kind = measure_kind(o.kind, o.metrics),
          .scale = o.scale,
          .names = o.names,
          .tolerances = {},
          .ceiling = ceiling};
}

}  // namespace

bool asks_for_profiles(MeasureKind kind, const std::vector<std::string>& metrics) {
  return measure_kind(kind, metrics) == MeasureKind::profile;
}

EvaluationPlan plan_of(const EvaluateOptions& o) {
  EvaluationPlan plan{.batches = o.batches};
  plan.settings = {.block = o.block, .interval_outputs = o.interval_outputs, .memory = o.memory << 20};
  if (o.intervals) plan.settings.bootstrap = o.bootstrap;
  const HeadOptions first{o.output, o.target.value_or("labels"), o.metrics, o.kind, o.scale, o.names};
  plan.heads.push_back(plan_of(first, o.ceiling));
  plan.heads.back().tolerances = o.tolerances;
  // A tensor named as ceiling measures one target a second time, not those of other heads.
  const CeilingWord others =
      find_choice<CeilingWord>(o.ceiling) == CeilingWord::none ? CeilingWord::none : CeilingWord::automatic;
  for (const HeadOptions& head : o.heads) plan.heads.push_back(plan_of(head, std::string(to_word(others))));
  return plan;
}

void describe(Visitor& v, HeadOptions& o) {
  v("output", o.output, "head of the model", required());
  v("target", o.target, "tensor of the data set", required());
  v("metrics", o.metrics, "names of metrics; empty: those that suit the targets");
  v("kind", o.kind, "as evaluate.kind");
  v("scale", o.scale, "as evaluate.scale");
  v("names", o.names, "names of the outputs");
}

void describe(Visitor& v, EvaluateOptions& o) {
  v("output", o.output, "head of the model; empty: the only one");
  v("target", o.target, "tensor of the data set; without it what the data are for: labels, profile or another");
  v("metrics", o.metrics,
    "names of metrics, such as auroc, average_precision, recall_at_fdr:0.1; empty: those that suit the targets");
  v("kind", o.kind, "how the head is measured");
  v("scale", o.scale, "what the outputs are; of profiles probability means numbers that are divided by their sum");
  v("names", o.names, "names of the outputs");
  v("tolerances", o.tolerances, "per-base labels: also match calls to labels within so many bases");
  v("block", o.block, "bases that the bootstrap draws together; 0: examples alone", counted(0));
  v("interval_outputs", o.interval_outputs, "intervals for each output up to this number of outputs", non_negative());
  v("intervals", o.intervals, "bootstrap intervals");
  v("ceiling", o.ceiling, "tensor that measures the target a second time; auto: the replicate of the data, if any; none");
  v("mean_profile", o.mean_profile,
    "profiles: also compare with the mean profile of the training set, the same for every example");
  v("memory", o.memory,
    "MiB that values and bins may take; with more values than fit into a quarter of it, ranks (auroc, spearman) come from fine bins",
    at_least(1));
  v.list("heads", o.heads,
         "further heads of the model, measured in the same pass; without any: those that have a loss");
  v.group("bootstrap", o.bootstrap, "intervals of the metrics");
  v.group("batches", o.batches, "how the data set is read");
}

}  // namespace basewise::evaluate
