#include "basewise/metrics/streaming.h"

#include <algorithm>
#include <cmath>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/metric_table.h"

namespace basewise::metrics {
namespace {

using Floats = std::span<const float>;

/// A value and how often it is there.
struct Weighted {
  float value;
  double count;
};

/// Lowest values of all bins but the first, of `bins` bins with near the same count.
std::vector<float> edges_of(std::vector<Weighted> values, std::int64_t bins) {
  std::sort(values.begin(), values.end(), [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
  double total = 0;
  for (const Weighted& v : values) total += v.count;
  std::vector<float> edges;
  double below = 0, inside = 0;
  const double share = total / static_cast<double>(std::max<std::int64_t>(bins, 1));
  for (std::size_t i = 0; i < values.size();) {
    double tied = 0;
    std::size_t end = i;
    for (; end < values.size() && values[end].value == values[i].value; ++end) tied += values[end].count;
    // A value with many ties begins a bin of its own where it would fill one.
    const bool full = inside > 0 && (below + inside + 0.5 * tied >= share * static_cast<double>(edges.size() + 1) || tied >= share);
    if (full && static_cast<std::int64_t>(edges.size()) + 1 < bins) {
      edges.push_back(values[i].value);
      below += inside;
      inside = 0;
    }
    inside += tied;
    i = end;
  }
  return edges;
}

std::vector<Weighted> once_each(Floats values) {
  std::vector<Weighted> all;
  for (const float v : values) all.push_back({v, 1});
  return all;
}

std::size_t bin_of(const std::vector<float>& edges, float value) {
  return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
}

/// A value that all of a bin may be taken for: the mean, or where that is none (infinite scores) an
/// end of the bin.
float middle(const std::vector<float>& edges, std::size_t bin, double sum, double count) {
  const double mean = sum / count;
  if (std::isfinite(mean) || edges.empty()) return static_cast<float>(mean);
  return bin == 0 ? std::nextafter(edges[0], -INFINITY) : edges[bin - 1];
}

/// Bins of either axis for so many of both.
std::pair<std::int64_t, std::int64_t> shape_of(std::int64_t cells, bool labels) {
  constexpr std::int64_t kMostRanks = 256, kMostScores = 8192;
  if (labels) return {std::clamp<std::int64_t>(cells / 2, 8, kMostScores), 2};
  const auto side = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::sqrt(static_cast<double>(cells))), 8, kMostRanks);
  return {side, side};
}

const std::vector<float> kLabelEdges = {1};

}  // namespace

void PairSums::merge(const PairSums& other) {
  pairs += other.pairs;
  positives += other.positives;
  moments.merge(other.moments);
  log_moments.merge(other.log_moments);
  without_log += other.without_log;
  if (means.size() < other.means.size()) means.resize(other.means.size());
  for (std::size_t m = 0; m < other.means.size(); ++m) means[m] += other.means[m];
}

PairSums PairSums::times(double factor) const {
  PairSums scaled = *this;
  scaled.pairs *= factor;
  scaled.positives *= factor;
  scaled.moments = moments.times(factor);
  scaled.log_moments = log_moments.times(factor);
  scaled.without_log *= factor;
  for (double& sum : scaled.means) sum *= factor;
  return scaled;
}

PairBins::PairBins(std::vector<float> prediction_edges, std::vector<float> target_edges)
    : prediction_edges_(std::move(prediction_edges)),
      target_edges_(std::move(target_edges)),
      counts_((prediction_edges_.size() + 1) * (target_edges_.size() + 1)),
      prediction_sums_(prediction_edges_.size() + 1),
      target_sums_(target_edges_.size() + 1) {}

PairBins PairBins::fit(Floats predictions, Floats targets, std::int64_t cells, bool labels) {
  detail::check_no_nan(predictions, "prediction");
  detail::check_no_nan(targets, "target");
  const auto [scores, values] = shape_of(cells, labels);
  return {edges_of(once_each(predictions), scores), labels ? kLabelEdges : edges_of(once_each(targets), values)};
}

PairBins PairBins::join(const std::vector<const PairBins*>& parts, std::int64_t cells, bool labels) {
  std::vector<Weighted> predictions, targets;
  for (const PairBins* part : parts) {
    const auto gather = [](std::vector<Weighted>& to, const std::vector<float>& edges, const std::vector<double>& sums,
                           const std::vector<double>& counts) {
      for (std::size_t b = 0; b < sums.size(); ++b)
        if (counts[b] > 0) to.push_back({middle(edges, b, sums[b], counts[b]), counts[b]});
    };
    gather(predictions, part->prediction_edges_, part->prediction_sums_, part->counts_of(true));
    gather(targets, part->target_edges_, part->target_sums_, part->counts_of(false));
  }
  const auto [scores, values] = shape_of(cells, labels);
  PairBins all(edges_of(std::move(predictions), scores), labels ? kLabelEdges : edges_of(std::move(targets), values));
  for (const PairBins* part : parts) all.merge(*part);
  return all;
}

void PairBins::add(Floats predictions, Floats targets) {
  detail::check_size(predictions.size(), targets.size(), "targets");
  for (std::size_t i = 0; i < predictions.size(); ++i) add(predictions[i], targets[i], 1);
}

void PairBins::add(float prediction, float target, double count) {
  const std::size_t p = bin_of(prediction_edges_, prediction), t = bin_of(target_edges_, target);
  counts_[p * target_sums_.size() + t] += count;
  prediction_sums_[p] += count * prediction;
  target_sums_[t] += count * target;
}

std::vector<double> PairBins::counts_of(bool predictions) const {
  std::vector<double> counts(predictions ? prediction_sums_.size() : target_sums_.size());
  for (std::size_t i = 0; i < counts_.size(); ++i)
    counts[predictions ? i / target_sums_.size() : i % target_sums_.size()] += counts_[i];
  return counts;
}

void PairBins::merge(const PairBins& other) {
  if (other.counts_.empty()) return;
  if (counts_.empty()) {
    *this = other;
  } else if (prediction_edges_ == other.prediction_edges_ && target_edges_ == other.target_edges_) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    for (std::size_t i = 0; i < prediction_sums_.size(); ++i) prediction_sums_[i] += other.prediction_sums_[i];
    for (std::size_t i = 0; i < target_sums_.size(); ++i) target_sums_[i] += other.target_sums_[i];
  } else {
    const Cells cells = other.cells();
    for (std::size_t i = 0; i < cells.counts.size(); ++i) add(cells.predictions[i], cells.targets[i], cells.counts[i]);
  }
}

PairBins::Cells PairBins::cells() const {
  Cells cells;
  const auto of_predictions = counts_of(true), of_targets = counts_of(false);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const std::size_t p = i / target_sums_.size(), t = i % target_sums_.size();
    cells.predictions.push_back(middle(prediction_edges_, p, prediction_sums_[p], of_predictions[p]));
    cells.targets.push_back(middle(target_edges_, t, target_sums_[t], of_targets[t]));
    cells.counts.push_back(static_cast<float>(counts_[i]));
  }
  return cells;
}

std::int64_t PairBins::bytes() const {
  return static_cast<std::int64_t>((counts_.capacity() + prediction_sums_.capacity() + target_sums_.capacity()) * sizeof(double) +
                                   (prediction_edges_.capacity() + target_edges_.capacity()) * sizeof(float));
}

void BlockSums::add(std::int64_t block, const PairSums& sums) {
  blocks_[block >> level_].merge(sums);
  while (blocks_.size() > kMost) coarsen();
}

void BlockSums::merge(const BlockSums& other) {
  while (level_ < other.level_) coarsen();
  for (const auto& [block, sums] : other.blocks_) blocks_[block >> (level_ - other.level_)].merge(sums);
  while (blocks_.size() > kMost) coarsen();
}

void BlockSums::coarsen() {
  ++level_;
  std::map<std::int64_t, PairSums> fewer;
  for (const auto& [block, sums] : blocks_) fewer[block >> 1].merge(sums);
  blocks_ = std::move(fewer);
}

std::int64_t BlockSums::bytes() const {
  constexpr std::size_t kNode = sizeof(std::pair<const std::int64_t, PairSums>) + 4 * sizeof(void*);
  const std::size_t means = blocks_.empty() ? 0 : blocks_.begin()->second.means.size();
  return static_cast<std::int64_t>(blocks_.size() * (kNode + means * sizeof(double)));
}

StreamedMetrics::StreamedMetrics(std::vector<std::string> names, ScoreScale scale) : names_(std::move(names)), scale_(scale) {
  std::size_t means = 0;
  for (const std::string& name : names_) {
    parts_.push_back(parts_of(name));
    mean_.push_back(means);
    means += parts_.back() == MetricParts::mean;
    of_logs_.push_back(detail::find_entry(name).entry->of_logs);
    logs_ = logs_ || of_logs_.back();
    moments_ = moments_ || (parts_.back() == MetricParts::moments && !of_logs_.back());
    labels_ = labels_ || find_metric(name).kind != MetricKind::numeric;
  }
}

bool StreamedMetrics::needs_bins() const { return std::find(parts_.begin(), parts_.end(), MetricParts::cells) != parts_.end(); }

bool StreamedMetrics::labels() const { return labels_; }

PairSums StreamedMetrics::sums(Floats predictions, Floats targets) const {
  PairSums s{.pairs = static_cast<double>(predictions.size())};
  detail::check_no_nan(predictions, "prediction");
  detail::check_no_nan(targets, "target");
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (labels_ && targets[i] != 0 && targets[i] != 1) detail::throw_label(targets[i], static_cast<std::int64_t>(i));
    s.positives += targets[i] > 0.5F;
  }
  if (moments_) s.moments.add(predictions, targets);
  if (logs_) {
    const auto x = detail::logs_of(predictions), y = detail::logs_of(targets);
    if (x && y)
      s.log_moments.add(*x, *y);
    else
      s.without_log = 1;
  }
  for (std::size_t m = 0; m < names_.size(); ++m) {
    if (parts_[m] != MetricParts::mean) continue;
    const MetricInput input{.scores = predictions, .targets = targets, .scale = scale_};
    s.means.push_back(predictions.empty() ? 0 : compute(names_[m], input).value * s.pairs);
  }
  return s;
}

MetricResult StreamedMetrics::from_sums(std::size_t metric, const PairSums& sums) const {
  if (of_logs_[metric]) return sums.without_log > 0 ? detail::no_logs() : compute(names_[metric], sums.log_moments);
  if (parts_[metric] == MetricParts::moments) return compute(names_[metric], sums.moments);
  if (sums.pairs == 0) return MetricResult::undefined("no examples");
  return MetricResult::of(sums.means[mean_[metric]] / sums.pairs);
}

std::vector<StreamedMetrics::Value> StreamedMetrics::values(const PairSums& sums, const PairBins& bins) const {
  const PairBins::Cells cells = needs_bins() ? bins.cells() : PairBins::Cells();
  const MetricInput input{.scores = cells.predictions, .targets = cells.targets, .weights = cells.counts, .scale = scale_};
  std::vector<Value> values;
  for (std::size_t m = 0; m < names_.size(); ++m) {
    if (parts_[m] == MetricParts::cells)
      values.push_back({compute(names_[m], input), bins.prediction_bins()});
    else
      values.push_back({from_sums(m, sums), 0});
  }
  return values;
}

std::vector<BootstrapResult> StreamedMetrics::intervals(const BlockSums& blocks, const BootstrapOptions& options) const {
  std::vector<const PairSums*> parts;
  for (const auto& [block, sums] : blocks.blocks()) parts.push_back(&sums);
  std::vector<BootstrapResult> results(names_.size());
  for (std::size_t m = 0; m < names_.size(); ++m) {
    if (parts_[m] == MetricParts::cells) {
      results[m].reason = "computed from bins, which a bootstrap cannot draw again";
      continue;
    }
    results[m] = bootstrap(
        static_cast<std::int64_t>(parts.size()),
        [&](std::span<const std::uint32_t> counts) {
          PairSums all;
          for (std::size_t b = 0; b < counts.size(); ++b)
            if (counts[b]) all.merge(parts[b]->times(counts[b]));
          return from_sums(m, all);
        },
        options);
  }
  return results;
}

}  // namespace basewise::metrics
