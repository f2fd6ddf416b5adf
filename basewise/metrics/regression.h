// Metrics of numbers against numbers: correlation and distance. Predictions and targets are
// float32, sums are float64.
//
// NaN and, but for ranks, infinity are an ArgumentError that names the index. Weights as in
// ranking.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// Running means, variances and covariance of pairs: one pass, mergeable, no cancellation (Welford
/// 1962; Chan, Golub and LeVeque 1979). Merging parts gives what one pass over the whole gives, to
/// rounding.
class PairMoments {
 public:
  void add(double prediction, double target, double weight = 1);
  /// Spans of equal length; weights may be empty. Errors as in the header's note.
  void add(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights = {});
  void merge(const PairMoments& other);

  /// The part as if each of its examples had been given `factor` times.
  PairMoments times(double factor) const;

  double weight() const { return weight_; }

  /// Pearson correlation; undefined for fewer than two examples or constant values.
  MetricResult pearson() const;
  /// Mean squared error.
  MetricResult mse() const;
  /// 1 - sum (target - prediction)^2 / sum (target - mean target)^2; undefined for constant
  /// targets. Negative when worse than the mean.
  MetricResult r2() const;

 private:
  double weight_ = 0;
  double mean_x_ = 0;
  double mean_y_ = 0;
  double sxx_ = 0;
  double syy_ = 0;
  double sxy_ = 0;
  double squared_error_ = 0;
};

MetricResult pearson(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights = {});

/// Pearson correlation of ranks, ties sharing their average rank. Infinities are allowed: they
/// rank. Linear in N (radix sort).
MetricResult spearman(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights = {});

MetricResult mse(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights = {});

/// Mean absolute error.
MetricResult mae(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights = {});

MetricResult r2(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights = {});

/// Average ranks from 1, ascending: equal values share the mean of the ranks that they cover. With
/// weights, a value's rank is the weight below it plus half the weight of its ties plus one half,
/// which for whole numbers is the average rank of repeated examples.
std::vector<double> average_ranks(std::span<const float> values, std::span<const float> weights = {});

}  // namespace basewise::metrics
