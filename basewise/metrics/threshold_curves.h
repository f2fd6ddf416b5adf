// Areas under curves at evenly spaced thresholds, as Keras' metric AUC computes them: for training
// that follows a published one, where such a number decided on learning rate and end. To compare
// models take those of ranking.h, which are exact.
#pragma once

#include <cstdint>
#include <span>

#include "basewise/metrics/probability.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// Both areas from n thresholds t_0 < 0, t_i = i / (n - 1) for 0 < i < n - 1, t_(n-1) > 1. An
/// example counts as called at t_i if its probability is larger than t_i; TP_i, FP_i are the
/// weights called among positives P and negatives N.
struct ThresholdAreas {
  /// sum over i of (F_i - F_(i+1)) (R_i + R_(i+1)) / 2 with F = FP / N, R = TP / P.
  /// Undefined when a class is missing.
  MetricResult roc;

  /// Davis and Goadrich 2006: with C = TP + FP, slope s = (TP_i - TP_(i+1)) / (C_i - C_(i+1)) (0
  /// where C does not change) and intercept b = TP_(i+1) - s C_(i+1), the sum over i of s
  /// (TP_i - TP_(i+1) + b ln(C_i / C_(i+1))) / P; the logarithm is 0 where a C is 0.
  /// Undefined without positives.
  MetricResult precision_recall;
};

/// `thresholds` >= 2. Errors: ArgumentError as for `log_loss`.
ThresholdAreas threshold_areas(std::span<const float> scores, std::span<const std::uint8_t> labels, ScoreScale scale,
                               std::int64_t thresholds, std::span<const float> weights = {});

}  // namespace basewise::metrics
