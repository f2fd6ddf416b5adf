#include "basewise/evaluate/evaluate.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <unordered_set>

#include "basewise/core/error.h"
#include "basewise/evaluate/detail/figures.h"
#include "basewise/evaluate/detail/gather.h"
#include "basewise/evaluate/detail/heads.h"
#include "basewise/metrics/site_matching.h"

namespace basewise::evaluate {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

bool all_binary(const std::vector<detail::Column>& columns) {
  return std::all_of(columns.begin(), columns.end(), [](const detail::Column& c) {
    return std::all_of(c.targets.begin(), c.targets.end(), [](float t) { return t == 0 || t == 1; });
  });
}

std::vector<std::string> default_metrics(const std::vector<detail::Column>& columns) {
  if (all_binary(columns)) return {"auroc", "average_precision", "recall_at_fdr", "accuracy", "log_loss"};
  return {"pearson", "spearman", "r2", "mse"};
}

OutputEvaluation evaluate_column(const std::string& name, const detail::Column& column, const std::vector<std::string>& metric_names,
                                 const EvaluateOptions& options, bool intervals) {
  OutputEvaluation result;
  result.name = name;
  const metrics::MetricInput input{
      .scores = column.scores, .targets = column.targets, .blocks = column.blocks, .scale = detail::parse_scale(options.scale)};
  result.counts = metrics::count(input);
  result.counts.missing = column.missing;
  with_context(format("output '{}'", name), [&] {
    const auto values = metrics::compute(metric_names, input);
    const auto ranges =
        intervals ? metrics::bootstrap(metric_names, input, options.bootstrap) : std::vector<metrics::BootstrapResult>(metric_names.size());
    for (std::size_t m = 0; m < metric_names.size(); ++m)
      result.metrics.push_back({metric_names[m], metrics::find_metric(metric_names[m]).higher_is_better, values[m], ranges[m]});
  });
  return result;
}

std::vector<MetricValue> mean_over(const std::vector<OutputEvaluation>& outputs) {
  std::vector<MetricValue> means;
  if (outputs.empty()) return means;
  for (std::size_t m = 0; m < outputs[0].metrics.size(); ++m) {
    std::vector<metrics::MetricResult> values;
    for (const auto& output : outputs) values.push_back(output.metrics[m].value);
    MetricValue mean = outputs[0].metrics[m];
    mean.value = metrics::mean_defined(values);
    mean.interval = {};
    means.push_back(mean);
  }
  return means;
}

std::vector<std::string> channel_names(const EvaluateOptions& options, std::size_t channels) {
  if (options.names.empty()) {
    std::vector<std::string> names;
    for (std::size_t c = 0; c < channels; ++c) names.push_back(std::to_string(c));
    return names;
  }
  if (options.names.size() != channels) throw ArgumentError(format("{} names were given for {} outputs", options.names.size(), channels));
  return options.names;
}

std::vector<ToleranceEvaluation> match_within(const detail::Column& pooled, const metrics::Circles& circles,
                                              const std::vector<std::int64_t>& tolerances) {
  std::vector<ToleranceEvaluation> results;
  if (tolerances.empty()) return results;
  if (pooled.positions.size() != pooled.scores.size())
    throw ArgumentError("tolerances need labels per base and examples that carry 'position' and 'chromosome': this data set has none");
  const std::vector<std::uint8_t> labels(pooled.targets.begin(), pooled.targets.end());
  for (const auto tolerance : tolerances) {
    const auto match = metrics::match_sites(pooled.scores, labels, pooled.positions, pooled.tracks, tolerance, circles);
    results.push_back({tolerance, "pooled", match.average_precision, match.labels, match.candidates, match.matched});
  }
  return results;
}

std::string describe_blocks(const detail::Gathered& data, const detail::Column& pooled, const EvaluateOptions& options) {
  if (!options.intervals) return "none";
  if (pooled.blocks.empty()) return "examples";
  const auto count = std::unordered_set<std::int64_t>(pooled.blocks.begin(), pooled.blocks.end()).size();
  return data.has_positions && options.block > 0 ? format("blocks of {} bases ({})", options.block, count) : format("examples ({})", count);
}

/// Figures of the outputs that are shown, and tracks; those of all pooled are added once these are one column.
void add_figures(EvaluationResult& result, const detail::Gathered& data, metrics::ScoreScale scale) {
  EvaluationFigures& figures = result.figures;
  figures.binary = all_binary(data.columns);
  auto shown = detail::outputs_to_show(result.outputs);
  figures.left_out = static_cast<std::int64_t>(result.outputs.size() - shown.size());
  for (const std::size_t c : shown)
    figures.outputs.push_back(detail::figures_of(result.outputs[c].name, data.columns[c], figures.binary, scale));
  if (!result.per_base) return;
  std::sort(shown.begin(), shown.end());
  for (const std::size_t c : shown) figures.channels.push_back(result.outputs[c].name);
  figures.loci = detail::choose_loci(data, shown, figures.binary && scale == metrics::ScoreScale::logit);
}

/// Values against values: a column per output.
class ValueMeasure final : public detail::HeadMeasure {
 public:
  explicit ValueMeasure(EvaluateOptions options)
      : options_(std::move(options)), second_options_(options_), gatherer_(options_), second_(second_options_) {
    second_options_.tolerances.clear();
    second_options_.figures = false;
  }

  void add(std::int64_t first, const Bundle& outputs, const Bundle& batch) override {
    gatherer_.add(first, outputs, batch);
    if (first == 0) second_options_.output = detail::ceiling_name(options_, batch);
    if (!second_options_.output.empty()) second_.add(first, batch, batch);
  }

  EvaluationResult result(const infer::ScoreFn& score, const data::DatasetPtr& dataset) override;

 private:
  EvaluateOptions options_;
  EvaluateOptions second_options_;  ///< of what measures the target a second time
  detail::Gatherer gatherer_;
  detail::Gatherer second_;
};

EvaluationResult ValueMeasure::result(const infer::ScoreFn&, const data::DatasetPtr& dataset) {
  detail::Gathered data = gatherer_.take();
  EvaluationResult result;
  result.output = data.output;
  result.target = options_.target;
  result.examples = dataset->size();
  result.per_base = data.per_base;
  const auto names = channel_names(options_, data.columns.size());
  const auto metric_names = options_.metrics.empty() ? default_metrics(data.columns) : options_.metrics;
  const bool each = options_.intervals && static_cast<std::int64_t>(names.size()) <= options_.interval_outputs;
  for (std::size_t c = 0; c < names.size(); ++c)
    result.outputs.push_back(evaluate_column(names[c], data.columns[c], metric_names, options_, each));
  result.mean = mean_over(result.outputs);
  const auto scale = detail::parse_scale(options_.scale);
  if (options_.figures) add_figures(result, data, scale);
  const detail::Column pooled = detail::pool(std::move(data.columns));
  // One output pooled is that output: nothing to compute again.
  result.pooled =
      result.outputs.size() == 1 ? result.outputs[0] : evaluate_column("pooled", pooled, metric_names, options_, options_.intervals);
  result.pooled.name = "pooled";
  auto& shown = result.figures.outputs;
  if (options_.figures && names.size() > 1) shown.insert(shown.begin(), detail::figures_of("pooled", pooled, result.figures.binary, scale));
  result.tolerances = match_within(pooled, data.circles, options_.tolerances);
  result.blocks = describe_blocks(data, pooled, options_);
  if (!second_options_.output.empty()) {
    const detail::Column second = detail::pool(std::move(second_.take().columns));
    result.ceiling = {second_options_.output, evaluate_column("pooled", second, metric_names, options_, options_.intervals)};
  }
  return result;
}

EvaluateOptions options_of(const EvaluateOptions& options, const HeadOptions& head) {
  EvaluateOptions o = options;
  o.output = head.output;
  o.target = head.target;
  o.metrics = head.metrics;
  o.kind = head.kind;
  o.scale = head.scale;
  o.names = head.names;
  o.tolerances.clear();
  o.heads.clear();
  o.floor = at::Tensor();
  if (o.ceiling != "none") o.ceiling = "auto";
  return o;
}

std::unique_ptr<detail::HeadMeasure> measure(const EvaluateOptions& options) {
  for (const auto& name : options.metrics) metrics::find_metric(name);
  return asks_for_profiles(options.kind, options.metrics) ? detail::measure_profiles(options) : detail::measure_values(options);
}

/// Figures of another head, beside those of the first.
void join_figures(EvaluationResult& result, const std::string& head, EvaluationFigures& other) {
  for (OutputFigures& f : other.outputs) {
    f.name = f.name == "pooled" ? head : format("{} {}", head, f.name);
    if (f.density) result.figures.outputs.push_back(std::move(f));  // curves of yes and no would need a page of their own
  }
  other = {};
}

}  // namespace

namespace detail {

std::unique_ptr<HeadMeasure> measure_values(EvaluateOptions options) { return std::make_unique<ValueMeasure>(std::move(options)); }

metrics::ScoreScale parse_scale(const std::string& scale) {
  if (scale == "logit") return metrics::ScoreScale::logit;
  if (scale == "probability") return metrics::ScoreScale::probability;
  throw ArgumentError(format("scale is '{}': expected logit or probability", scale));
}

}  // namespace detail

bool asks_for_profiles(const std::string& kind, const std::vector<std::string>& names) {
  if (kind != "auto") return kind == "profile";
  return std::any_of(names.begin(), names.end(),
                     [](const auto& name) { return metrics::find_metric(name).kind == metrics::MetricKind::profile; });
}

void describe(Visitor& v, HeadOptions& o) {
  v("output", o.output, "head of the model", required());
  v("target", o.target, "tensor of the data set", required());
  v("metrics", o.metrics, "names of metrics; empty: those that suit the targets");
  v("kind", o.kind, "as evaluate.kind", one_of({"auto", "values", "profile"}));
  v("scale", o.scale, "as evaluate.scale", one_of({"logit", "probability"}));
  v("names", o.names, "names of the outputs");
}

void describe(Visitor& v, EvaluateOptions& o) {
  v("output", o.output, "head of the model; empty: the only one");
  v("target", o.target, "tensor of the data set");
  v("metrics", o.metrics, "names of metrics, such as auroc, average_precision, recall_at_fdr:0.1; empty: those that suit the targets");
  v("kind", o.kind,
    "values: numbers against numbers; profile: distributions over positions against counts; auto: what metrics and loss say",
    one_of({"auto", "values", "profile"}));
  v("scale", o.scale, "what the outputs are; of profiles probability means numbers that are divided by their sum",
    one_of({"logit", "probability"}));
  v("names", o.names, "names of the outputs");
  v("tolerances", o.tolerances, "per-base labels: also match calls to labels within so many bases");
  v("block", o.block, "bases that the bootstrap draws together; 0: examples alone", non_negative());
  v("interval_outputs", o.interval_outputs, "intervals for each output up to this number of outputs", non_negative());
  v("intervals", o.intervals, "bootstrap intervals");
  v("ceiling", o.ceiling, "tensor that measures the target a second time; auto: the replicate of the data, if any; none");
  v("mean_profile", o.mean_profile, "profiles: also compare with the mean profile of the training set, the same for every example");
  v.list("heads", o.heads, "further heads of the model, measured in the same pass; without any: those that have a loss");
  v.group("bootstrap", o.bootstrap, "intervals of the metrics");
  v.group("batches", o.batches, "how the data set is read");
}

EvaluationResult evaluate(const infer::ScoreFn& score, const data::DatasetPtr& dataset, const EvaluateOptions& options,
                          const BatchObserver& observe) {
  std::vector<std::unique_ptr<detail::HeadMeasure>> heads;
  heads.push_back(measure(options));
  for (const HeadOptions& head : options.heads) heads.push_back(measure(options_of(options, head)));
  const auto started = Clock::now();
  double seconds_metrics = 0;
  infer::predict_batches(dataset, score, options.batches, [&](std::int64_t first, const Bundle& outputs, const Bundle& batch) {
    const auto predicted = Clock::now();
    for (const auto& head : heads) head->add(first, outputs, batch);
    seconds_metrics += seconds_since(predicted);
    if (observe) observe(outputs, batch);
  });
  const double seconds_model = seconds_since(started) - seconds_metrics;
  const auto gathered = Clock::now();
  EvaluationResult result = heads[0]->result(score, dataset);
  for (std::size_t h = 1; h < heads.size(); ++h) {
    result.heads.push_back(
        with_context(format("head '{}'", options.heads[h - 1].output), [&] { return heads[h]->result(score, dataset); }));
    join_figures(result, result.heads.back().output, result.heads.back().figures);
  }
  result.seconds_model = seconds_model;
  result.seconds_metrics = seconds_metrics + seconds_since(gathered);
  return result;
}

}  // namespace basewise::evaluate
