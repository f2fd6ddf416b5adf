// Precision-recall and ROC curves as points to draw.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "basewise/metrics/ranking.h"

namespace basewise::metrics {

/// A polyline; threshold[i] is the lowest score called positive at point i (+infinity where nothing
/// is called).
struct Curve {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<float> threshold;

  /// Trapezoids between the points.
  double area() const;
};

/// x: false positive rate, y: true positive rate, from (0, 0) to (1, 1). Runs of negatives without
/// positives are straight lines and have no points inside; the area is exactly `auroc`. Points are
/// left out such that the line drawn differs from the whole one by at most `tolerance` in y at
/// every x, and the area by at most `tolerance`; 0 keeps all.
/// Errors: ArgumentError when a class is missing, or for a tolerance below 0.
Curve roc_curve(const Ranking& ranking, double tolerance = 0);

/// x: recall, y: precision, from (0, 1); the area is exactly `auprc_trapezoid`. `tolerance` as
/// above.
/// Errors: ArgumentError without positives.
Curve precision_recall_curve(const Ranking& ranking, double tolerance = 0);

}  // namespace basewise::metrics
