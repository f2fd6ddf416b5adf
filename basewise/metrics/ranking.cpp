#include "basewise/metrics/ranking.h"

#include <algorithm>
#include <utility>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/radix_sort.h"
#include "basewise/metrics/detail/ranked.h"

namespace basewise::metrics {
namespace {

/// Merges both sorted classes into steps; `weight(record)` is what one example counts.
template <class Record, class Weight>
std::pair<std::vector<RankingStep>, double> merge(const std::vector<Record>& positives, const std::vector<Record>& negatives,
                                                  Weight weight) {
  std::vector<RankingStep> steps;
  std::size_t n = 0;
  double between = 0;
  for (std::size_t p = 0; p < positives.size();) {
    const std::uint32_t key = detail::key_of(positives[p]);
    RankingStep step{.score = detail::score_of_key(key)};
    for (; n < negatives.size() && detail::key_of(negatives[n]) < key; ++n) between += weight(negatives[n]);
    for (; n < negatives.size() && detail::key_of(negatives[n]) == key; ++n) step.tied += weight(negatives[n]);
    for (; p < positives.size() && detail::key_of(positives[p]) == key; ++p) step.positives += weight(positives[p]);
    if (step.positives > 0) {
      step.between = std::exchange(between, 0.0);
      steps.push_back(step);
    } else {
      between += step.tied;
    }
  }
  for (; n < negatives.size(); ++n) between += weight(negatives[n]);
  return {std::move(steps), between};
}

MetricResult no_examples() { return MetricResult::undefined("no examples"); }
MetricResult no_positives() { return MetricResult::undefined("no positive examples"); }

MetricResult ratio(double part, double whole, const char* reason) {
  return whole > 0 ? MetricResult::of(part / whole) : MetricResult::undefined(reason);
}

}  // namespace

Ranking::Ranking(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights) {
  detail::check_size(scores.size(), weights.size(), "weights", true);
  std::pair<std::vector<RankingStep>, double> merged;
  if (weights.empty()) {
    const auto sorted = detail::sort_keys(scores, labels);
    merged = merge(sorted.positives, sorted.negatives, [](std::uint32_t) { return 1.0; });
  } else {
    for (std::size_t i = 0; i < weights.size(); ++i) detail::check_weight(weights[i], static_cast<std::int64_t>(i));
    const auto sorted = detail::sort_pairs(scores, labels);
    merged = merge(sorted.positives, sorted.negatives, [&](std::uint64_t r) { return static_cast<double>(weights[detail::index_of(r)]); });
  }
  *this = Ranking(std::move(merged.first), merged.second);
}

Ranking::Ranking(std::vector<RankingStep> steps, double trailing_negatives) : steps_(std::move(steps)), negatives_(trailing_negatives) {
  for (const auto& step : steps_) {
    positives_ += step.positives;
    negatives_ += step.between + step.tied;
  }
}

MetricResult Ranking::auroc() const {
  if (positives_ + negatives_ == 0) return no_examples();
  if (positives_ == 0) return no_positives();
  if (negatives_ == 0) return MetricResult::undefined("no negative examples");
  double above = 0;
  double beaten = 0;
  for (const auto& step : steps_) {
    above += step.between;
    beaten += step.positives * (negatives_ - above - 0.5 * step.tied);
    above += step.tied;
  }
  return MetricResult::of(beaten / positives_ / negatives_);
}

MetricResult Ranking::average_precision() const {
  if (positives_ == 0) return positives_ + negatives_ == 0 ? no_examples() : no_positives();
  double found = 0;
  double called = 0;
  double sum = 0;
  for (const auto& step : steps_) {
    found += step.positives;
    called += step.between + step.tied + step.positives;
    sum += step.positives * (found / called);
  }
  return MetricResult::of(sum / positives_);
}

MetricResult Ranking::auprc_trapezoid() const {
  if (positives_ == 0) return positives_ + negatives_ == 0 ? no_examples() : no_positives();
  double found = 0;
  double called = 0;
  double sum = 0;
  for (const auto& step : steps_) {
    called += step.between;
    const double before = called > 0 ? found / called : 1.0;
    found += step.positives;
    called += step.tied + step.positives;
    sum += step.positives * 0.5 * (before + found / called);
  }
  return MetricResult::of(sum / positives_);
}

MetricResult Ranking::recall_at_fdr(double fdr) const {
  if (!(fdr >= 0 && fdr <= 1)) throw ArgumentError(format("false discovery rate is {}: expected a number from 0 to 1", fdr));
  if (positives_ == 0) return positives_ + negatives_ == 0 ? no_examples() : no_positives();
  double found = 0;
  double called = 0;
  double best = 0;
  for (const auto& step : steps_) {
    found += step.positives;
    called += step.between + step.tied + step.positives;
    if (called - found <= fdr * called) best = found;
  }
  return MetricResult::of(best / positives_);
}

MetricResult auroc(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights) {
  return Ranking(scores, labels, weights).auroc();
}

MetricResult average_precision(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights) {
  return Ranking(scores, labels, weights).average_precision();
}

MetricResult auprc_trapezoid(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights) {
  return Ranking(scores, labels, weights).auprc_trapezoid();
}

MetricResult recall_at_fdr(std::span<const float> scores, std::span<const std::uint8_t> labels, double fdr,
                           std::span<const float> weights) {
  return Ranking(scores, labels, weights).recall_at_fdr(fdr);
}

MetricResult Confusion::accuracy() const { return ratio(true_positives + true_negatives, total(), "no examples"); }
MetricResult Confusion::precision() const {
  return ratio(true_positives, true_positives + false_positives, "no example is called positive at this threshold");
}
MetricResult Confusion::recall() const { return ratio(true_positives, true_positives + false_negatives, "no positive examples"); }
MetricResult Confusion::f1() const {
  return ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives, "no positive examples and no positive calls");
}
MetricResult Confusion::matthews() const {
  const double product = (true_positives + false_positives) * (true_positives + false_negatives) * (true_negatives + false_positives) *
                         (true_negatives + false_negatives);
  if (!(product > 0)) return MetricResult::undefined("labels or calls are all of one class");
  return MetricResult::of((true_positives * true_negatives - false_positives * false_negatives) / std::sqrt(product));
}

Confusion confusion(std::span<const float> scores, std::span<const std::uint8_t> labels, float threshold, std::span<const float> weights) {
  if (std::isnan(threshold)) throw ArgumentError("threshold is NaN: expected a number");
  detail::check_size(scores.size(), labels.size(), "labels");
  detail::check_size(scores.size(), weights.size(), "weights", true);
  Confusion c;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) detail::throw_nan("score", static_cast<std::int64_t>(i));
    if (labels[i] > 1) detail::throw_label(labels[i], static_cast<std::int64_t>(i));
    const bool called = scores[i] >= threshold;
    double& cell = labels[i] ? (called ? c.true_positives : c.false_negatives) : (called ? c.false_positives : c.true_negatives);
    cell += detail::weight_at(weights, i);
  }
  return c;
}

MetricResult accuracy(std::span<const float> scores, std::span<const std::uint8_t> labels, float threshold,
                      std::span<const float> weights) {
  return confusion(scores, labels, threshold, weights).accuracy();
}

}  // namespace basewise::metrics
