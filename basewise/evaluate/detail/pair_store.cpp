#include "basewise/evaluate/detail/pair_store.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "basewise/core/error.h"

namespace basewise::evaluate::detail {
namespace {

std::vector<std::string> default_metrics(bool binary) {
  if (binary) return {"auroc", "average_precision", "recall_at_fdr", "accuracy", "log_loss"};
  return {"pearson", "spearman", "r2", "mse"};
}

metrics::MetricInput input_of(const Column& column, metrics::ScoreScale scale) {
  return {.scores = column.scores, .targets = column.targets, .blocks = column.blocks, .scale = scale};
}

/// Whether targets are labels: a metric takes them so, or all are 0 or 1.
/// Among other numbers none is positive.
bool of_labels(const std::vector<std::string>& names, const std::vector<float>& targets) {
  const auto takes_labels = [](const std::string& name) { return metrics::find_metric(name).kind != metrics::MetricKind::numeric; };
  return std::any_of(names.begin(), names.end(), takes_labels) ||
         std::all_of(targets.begin(), targets.end(), [](float t) { return t == 0 || t == 1; });
}

results::MetricValue metric_value(const std::string& name) {
  return {.metric = name, .higher_is_better = metrics::find_metric(name).higher_is_better};
}

results::OutputEvaluation evaluate_column(const std::string& name, const Column& column, const std::vector<std::string>& names,
                                          metrics::ScoreScale scale, const std::optional<metrics::BootstrapOptions>& bootstrap) {
  results::OutputEvaluation result{.name = name};
  const metrics::MetricInput input = input_of(column, scale);
  result.counts = metrics::count(input);
  result.counts.missing = column.missing;
  if (!of_labels(names, column.targets)) result.counts.positives = std::nan("");
  const auto values = metrics::compute(names, input);
  const auto ranges = bootstrap ? metrics::bootstrap(names, input, *bootstrap) : std::vector<metrics::BootstrapResult>(names.size());
  for (std::size_t m = 0; m < names.size(); ++m) {
    result.metrics.push_back(metric_value(names[m]));
    result.metrics.back().value = values[m];
    result.metrics.back().interval = ranges[m];
  }
  return result;
}

results::OutputEvaluation evaluate_stream(const std::string& name, const StreamedPairs::Output& output,
                                          const metrics::StreamedMetrics& set,
                                          const std::optional<metrics::BootstrapOptions>& bootstrap) {
  results::OutputEvaluation result{.name = name};
  result.counts = {.examples = static_cast<std::int64_t>(output.sums.pairs), .missing = output.missing, .positives = output.sums.positives};
  if (!set.labels()) result.counts.positives = std::nan("");
  const auto values = set.values(output.sums, output.bins);
  const auto ranges =
      bootstrap ? set.intervals(output.blocks, *bootstrap) : std::vector<metrics::BootstrapResult>(values.size());
  for (std::size_t m = 0; m < values.size(); ++m) {
    result.metrics.push_back(metric_value(set.names()[m]));
    result.metrics.back().value = values[m].value;
    result.metrics.back().bins = values[m].bins;
    result.metrics.back().interval = ranges[m];
  }
  return result;
}

}  // namespace

PairStore::PairStore(const MeasureOptions& options, double share) : options_(options) {
  most_kept_ = most_bins_ = static_cast<std::int64_t>(share * static_cast<double>(options.settings.memory) / 4);
}

void PairStore::start(const PairBatch& batch) {
  along_ = batch.along();
  placed_ = batch.placed();
  outputs_ = static_cast<std::size_t>(batch.channels());
  const bool by_position = placed_ && options_.settings.block > 0;
  // Values of one example are drawn together where they are many:
  // they are no independent observations.
  places_ = PairPlaces{.blocks = options_.settings.bootstrap.has_value() && (by_position || along_),
                       .block = options_.settings.block,
                       .coordinates = placed_ && along_ && !options_.head.tolerances.empty(),
                       .bases_per_value = options_.bases_per_value};
  kept_ = KeptPairs(*places_);
}

void PairStore::add(std::int64_t first, const PairBatch& batch) {
  if (!places_) start(batch);
  for (std::int64_t n = 0; n < batch.examples(); ++n) {
    // Decided example by example, so that results do not depend on how they are put into batches.
    const std::int64_t more = batch.channels() * batch.length() * kept_.bytes_per_value();
    if (!streamed_ && kept_.bytes() > 0 && kept_.bytes() + more > most_kept_) fold();
    streamed_ ? streamed_->add(batch, n, first + n) : kept_.add(batch, n, first + n);
  }
}

void PairStore::fold() {
  metrics::StreamedMetrics set(metric_names(), options_.head.scale);
  const bool intervals = options_.settings.bootstrap.has_value();
  const StreamOptions options{.places = *places_,
                              .intervals = intervals,
                              .each = intervals && static_cast<std::int64_t>(outputs_) <= options_.settings.interval_outputs,
                              .labels = set.labels(),
                              .memory = most_bins_};
  streamed_.emplace(std::move(set), options, std::move(kept_));
}

void PairStore::merge(PairStore&& other) {
  if (!other.places_) return;
  if (!places_) {
    *this = std::move(other);
  } else if (other.streamed_) {
    if (!streamed_) fold();
    streamed_->merge(std::move(*other.streamed_));
  } else {
    if (!streamed_ && kept_.bytes() + other.kept_.bytes() > most_kept_) fold();
    streamed_ ? streamed_->add(std::move(other.kept_)) : kept_.merge(std::move(other.kept_));
  }
}

bool PairStore::binary() const {
  if (streamed_) return streamed_->options().labels;
  return pooled_binary_ ? *pooled_binary_ : kept_.binary();
}

std::vector<std::string> PairStore::metric_names() const {
  if (streamed_) return streamed_->metric_set().names();
  return options_.head.metrics.empty() ? default_metrics(options_.head.kind == MeasureKind::binary || binary()) : options_.head.metrics;
}

std::int64_t PairStore::bytes() const { return streamed_ ? streamed_->bytes() : kept_.bytes(); }

void PairStore::pool() {
  if (streamed_) {
    pooled_stream_ = streamed_->pooled();
  } else {
    // The columns go into the pooled one: what is asked of them later must be known before.
    pooled_binary_ = kept_.binary();
    pooled_ = detail::pool(kept_.columns());
  }
}

results::OutputEvaluation PairStore::evaluate(std::size_t output, const std::string& name, bool intervals) const {
  const auto bootstrap = intervals ? options_.settings.bootstrap : std::nullopt;
  return with_context(format("output '{}'", name), [&] {
    return streamed_ ? evaluate_stream(name, stream(output), streamed_->metric_set(), bootstrap)
                     : evaluate_column(name, column(output), metric_names(), options_.head.scale, bootstrap);
  });
}

std::string PairStore::blocks_text() const {
  if (!options_.settings.bootstrap) return "none";
  const bool by_position = placed_ && options_.settings.block > 0;
  if (streamed_) {
    const auto& blocks = pooled_stream_.blocks;
    const std::int64_t joined = blocks.joined() * (places_->blocks ? 1 : StreamedPairs::kAlone);
    if (by_position) return format("blocks of {} bases ({})", joined * options_.settings.block, blocks.blocks().size());
    return joined == 1 ? format("examples ({})", blocks.blocks().size())
                       : format("groups of {} examples ({})", joined, blocks.blocks().size());
  }
  if (pooled_.blocks.empty()) return "examples";
  const auto count = std::unordered_set<std::int64_t>(pooled_.blocks.begin(), pooled_.blocks.end()).size();
  return by_position ? format("blocks of {} bases ({})", options_.settings.block, count) : format("examples ({})", count);
}

void PairStore::with_view(std::size_t output, const std::function<void(const View&)>& use) const {
  if (!streamed_) {
    use({.scores = column(output).scores, .targets = column(output).targets});
  } else {
    const auto cells = stream(output).bins.cells();
    use({.scores = cells.predictions, .targets = cells.targets, .counts = cells.counts});
  }
}

std::vector<results::ToleranceEvaluation> PairStore::match_within(const std::vector<std::int64_t>& tolerances) const {
  std::vector<results::ToleranceEvaluation> results;
  if (tolerances.empty()) return results;
  if (!places_ || !places_->coordinates)
    throw ArgumentError("tolerances need labels per base and examples that carry 'position' and 'chromosome': this data set has none");
  const std::vector<std::uint8_t> labels(pooled_.targets.begin(), pooled_.targets.end());
  for (const auto tolerance : tolerances) {
    results::ToleranceEvaluation& t = results.emplace_back();
    t = {.tolerance = tolerance, .name = results::kPooled};
    if (streamed_) {
      t.average_precision = metrics::MetricResult::undefined("there are more values than evaluate.memory has room for");
      continue;
    }
    const auto match = metrics::match_sites(pooled_.scores, labels, pooled_.positions, pooled_.tracks, tolerance, kept_.circles());
    t.average_precision = match.average_precision;
    t.labels = match.labels;
    t.candidates = match.candidates;
    t.matched = match.matched;
  }
  return results;
}

}  // namespace basewise::evaluate::detail
