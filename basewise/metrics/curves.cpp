#include "basewise/metrics/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/error.h"

namespace basewise::metrics {
namespace {

void add(Curve& curve, double x, double y, float threshold) {
  curve.x.push_back(x);
  curve.y.push_back(y);
  curve.threshold.push_back(threshold);
}

/// Calls every negative above the step and not the step itself.
float just_above(float score) { return std::nextafter(score, std::numeric_limits<float>::infinity()); }

constexpr float kNothingCalled = std::numeric_limits<float>::infinity();

// x must not fall. The first and the last point stay.
Curve thin(const Curve& curve, double tolerance) {
  if (!(tolerance >= 0)) throw ArgumentError(format("tolerance of a curve is {}: expected a number that is not negative", tolerance));
  if (tolerance == 0 || curve.x.size() < 3) return curve;
  Curve kept;
  const auto keep = [&](std::size_t i) { add(kept, curve.x[i], curve.y[i], curve.threshold[i]); };
  keep(0);
  // A stretch whose values span at most `tolerance` lies, with its chord, in a band of that height.
  double low = curve.y[0];
  double high = curve.y[0];
  for (std::size_t i = 1; i + 1 < curve.x.size(); ++i) {
    low = std::min({low, curve.y[i], curve.y[i + 1]});
    high = std::max({high, curve.y[i], curve.y[i + 1]});
    if (high - low <= tolerance) continue;
    keep(i);
    low = high = curve.y[i];
  }
  keep(curve.x.size() - 1);
  return kept;
}

}  // namespace

double Curve::area() const {
  double sum = 0;
  for (std::size_t i = 1; i < x.size(); ++i) sum += (x[i] - x[i - 1]) * 0.5 * (y[i] + y[i - 1]);
  return sum;
}

Curve roc_curve(const Ranking& ranking, double tolerance) {
  if (const auto area = ranking.auroc(); !area.defined()) throw ArgumentError("no ROC curve: " + area.reason);
  Curve curve;
  double found = 0;
  double wrong = 0;
  add(curve, 0, 0, kNothingCalled);
  for (const auto& step : ranking.steps()) {
    if (step.between > 0) add(curve, (wrong += step.between) / ranking.negatives(), found / ranking.positives(), just_above(step.score));
    wrong += step.tied;
    found += step.positives;
    add(curve, wrong / ranking.negatives(), found / ranking.positives(), step.score);
  }
  if (wrong < ranking.negatives()) add(curve, 1, 1, -std::numeric_limits<float>::infinity());
  return thin(curve, tolerance);
}

Curve precision_recall_curve(const Ranking& ranking, double tolerance) {
  if (ranking.positives() == 0) throw ArgumentError("no precision-recall curve: no positive examples");
  Curve curve;
  double found = 0;
  double called = 0;
  add(curve, 0, 1, kNothingCalled);
  for (const auto& step : ranking.steps()) {
    if (step.between > 0) {
      called += step.between;
      add(curve, found / ranking.positives(), found / called, just_above(step.score));
    }
    found += step.positives;
    called += step.tied + step.positives;
    add(curve, found / ranking.positives(), found / called, step.score);
  }
  return thin(curve, tolerance);
}

}  // namespace basewise::metrics
