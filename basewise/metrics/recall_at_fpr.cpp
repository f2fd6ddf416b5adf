#include "basewise/metrics/recall_at_fpr.h"

#include "basewise/core/error.h"

namespace basewise::metrics {

MetricResult recall_at_fpr(const Ranking& ranking, double fpr) {
  if (!(fpr >= 0 && fpr <= 1)) throw ArgumentError(format("false positive rate is {}: expected a number from 0 to 1", fpr));
  if (ranking.positives() == 0)
    return MetricResult::undefined(ranking.negatives() == 0 ? "no examples" : "no positive examples");
  if (ranking.negatives() == 0) return MetricResult::undefined("no negative examples");
  double found = 0;
  double wrong = 0;
  double best = 0;
  for (const RankingStep& step : ranking.steps()) {
    found += step.positives;
    wrong += step.between + step.tied;
    if (wrong <= fpr * ranking.negatives()) best = found;
  }
  return MetricResult::of(best / ranking.positives());
}

}  // namespace basewise::metrics
