// Curves with fewer points, for figures, and the points that figures mark.
#pragma once

#include <cstddef>
#include <span>

#include "basewise/metrics/curves.h"

namespace basewise::metrics {

/// Leaves out points such that the line drawn and the whole one are nowhere further apart than
/// `bound`, in x and y alike (largest of both differences; Douglas and Peucker 1973 with that
/// distance). The first and the last point and those of `keep` (indices) stay. The areas differ by
/// at most bound * (range of x + sum of |steps of y|) of what is kept. Steep parts cost little,
/// other than with the tolerance of `roc_curve`; for figures. 0 keeps everything.
Curve simplify(const Curve& curve, double bound, std::span<const std::size_t> keep = {});

/// Index of the point with the largest y - x (Youden 1950), and of the one with the largest F1 = 2
/// x y / (x + y) where x is recall and y precision. The first one among equals.
/// The curve must have a point.
std::size_t youden_point(const Curve& roc);
std::size_t best_f1_point(const Curve& precision_recall);

}  // namespace basewise::metrics
