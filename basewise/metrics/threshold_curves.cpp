#include "basewise/metrics/threshold_curves.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "basewise/metrics/detail/checks.h"

namespace basewise::metrics {
namespace {

/// Weights called at each threshold.
struct Called {
  std::vector<double> positives;
  std::vector<double> negatives;
};

/// The last threshold below a probability: as Keras, by rounding up, so that one that is a
/// threshold is not called at it.
std::size_t last_below(double probability, std::int64_t thresholds) {
  const double place = std::ceil(probability * static_cast<double>(thresholds - 1)) - 1;
  return static_cast<std::size_t>(std::max(place, 0.0));
}

Called called(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale, std::int64_t thresholds,
              std::span<const float> weights) {
  const auto n = static_cast<std::size_t>(thresholds);
  Called c{std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double p = scale == ScoreScale::logit ? sigmoid(scores[i]) : static_cast<double>(scores[i]);
    (labels[i] != 0 ? c.positives : c.negatives)[last_below(p, thresholds)] += detail::weight_at(weights, i);
  }
  for (std::size_t t = n - 1; t-- > 0;) {
    c.positives[t] += c.positives[t + 1];
    c.negatives[t] += c.negatives[t + 1];
  }
  return c;
}

double roc(const Called& c) {
  double sum = 0;
  for (std::size_t t = 0; t + 1 < c.positives.size(); ++t)
    sum += (c.negatives[t] - c.negatives[t + 1]) * (c.positives[t] + c.positives[t + 1]) / 2;
  return sum / c.negatives[0] / c.positives[0];
}

double precision_recall(const Called& c) {
  double sum = 0;
  for (std::size_t t = 0; t + 1 < c.positives.size(); ++t) {
    const double all = c.positives[t] + c.negatives[t], next = c.positives[t + 1] + c.negatives[t + 1];
    const double gain = c.positives[t] - c.positives[t + 1];
    const double slope = all > next ? gain / (all - next) : 0;
    const double intercept = c.positives[t + 1] - slope * next;
    sum += slope * (gain + (next > 0 ? intercept * std::log(all / next) : 0));
  }
  return sum / c.positives[0];
}

}  // namespace

ThresholdAreas threshold_areas(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                               std::int64_t thresholds, std::span<const float> weights) {
  detail::check_binary(scores, labels, scale, weights);
  if (thresholds < 2) throw ArgumentError(format("{} thresholds: an sum needs at least 2", thresholds));
  const Called c = called(scores, labels, scale, thresholds, weights);
  const MetricResult none = MetricResult::undefined(c.negatives[0] > 0 ? "no positive examples" : "no examples");
  if (c.positives[0] == 0) return {none, none};
  return {c.negatives[0] > 0 ? MetricResult::of(roc(c)) : MetricResult::undefined("no negative examples"),
          MetricResult::of(precision_recall(c))};
}

}  // namespace basewise::metrics
