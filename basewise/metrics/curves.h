// Precision-recall and ROC curves as points to draw.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "basewise/metrics/ranking.h"

namespace basewise::metrics {

/// A polyline; threshold[i] is the lowest score called positive at point i (+infinity where nothing is called).
struct Curve {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<float> threshold;

  /// Trapezoids between the points.
  double area() const;
};

/// x: false positive rate, y: true positive rate, from (0, 0) to (1, 1). Runs of negatives without positives are straight lines and
/// have no points inside; the area is exactly `auroc`. `tolerance` as in `thin`. Errors: ArgumentError when a class is missing.
Curve roc_curve(const Ranking& ranking, double tolerance = 0);

/// x: recall, y: precision, from (0, 1); the area is exactly `auprc_trapezoid`. Errors: ArgumentError without positives.
Curve precision_recall_curve(const Ranking& ranking, double tolerance = 0);

/// Leaves out points such that the line drawn differs from the whole one by at most `tolerance` in y at every x, and the area by
/// at most `tolerance` times the range of x. The first and the last point stay. 0 keeps everything. x must not fall.
Curve thin(const Curve& curve, double tolerance);

/// Leaves out points such that the line drawn and the whole one are nowhere further apart than `bound`, in x and y alike (largest of both
/// differences; Douglas and Peucker 1973 with that distance). The first and the last point and those of `keep` (indices) stay. The areas
/// differ by at most bound * (range of x + sum of |steps of y|) of what is kept. Steep parts cost little, other than in `thin`; for
/// figures. 0 keeps everything.
Curve simplify(const Curve& curve, double bound, std::span<const std::size_t> keep = {});

/// Index of the point with the largest y - x (Youden 1950), and of the one with the largest F1 = 2 x y / (x + y) where x is recall and y
/// precision. The first one among equals. The curve must have a point.
std::size_t youden_point(const Curve& roc);
std::size_t best_f1_point(const Curve& precision_recall);

}  // namespace basewise::metrics
