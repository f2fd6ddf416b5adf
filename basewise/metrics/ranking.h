// Metrics of a ranking: how well scores put positive examples before negative ones.
//
// Scores are float32 (logits, probabilities, log-odds: only their order counts); infinities are
// allowed, NaN is an ArgumentError that names the index. Labels are 0 or 1. Weights, where given,
// are non-negative and finite; an example of weight 0 does not exist. Equal scores (+0 and -0 are
// equal) form one threshold: no metric depends on the order in which ties were given.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// The part of a ranking at one distinct score of positive examples. Pure runs of negatives move no
/// metric by themselves, so that these steps, from the highest score down, hold all that the
/// metrics need.
struct RankingStep {
  float score = 0;       ///< the score of the positives of this step
  double between = 0;    ///< weight of negatives above this score and below the score of the step before
  double tied = 0;       ///< weight of negatives at this score
  double positives = 0;  ///< weight of positives at this score, > 0
};

/// Scores and labels sorted once; each metric is then one linear pass.
class Ranking {
 public:
  /// No examples.
  Ranking() = default;

  /// scores (N,), labels (N,), weights (N,) or empty. N < 2^32.
  /// Sorted by parallel radix sort: linear in N.
  /// Errors: ArgumentError for sizes that differ, a NaN score, a label that is not 0 or 1, a weight
  /// that is negative or not finite.
  Ranking(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights = {});

  /// Steps from the highest score down, and the weight of the negatives below the last one.
  Ranking(std::vector<RankingStep> steps, double trailing_negatives);

  const std::vector<RankingStep>& steps() const { return steps_; }
  double positives() const { return positives_; }  ///< total weight
  double negatives() const { return negatives_; }

  /// Area under the ROC curve: the probability that a random positive scores above a random
  /// negative, ties counting one half (Hanley and McNeil 1982). Exact.
  /// Undefined when a class is missing.
  MetricResult auroc() const;

  /// Average precision: sum over thresholds of precision times the gain in recall, without
  /// interpolation, as scikit-learn's average_precision_score. Undefined without positives.
  MetricResult average_precision() const;

  /// Area under the precision-recall curve by trapezoids, from recall 0 with precision 1, as
  /// scikit-learn's auc(recall, precision). Linear interpolation is optimistic (Davis and Goadrich
  /// 2006): average precision is the safer number.
  MetricResult auprc_trapezoid() const;

  /// The highest recall of any threshold whose false discovery rate, 1 - precision, is at most
  /// `fdr`; 0 when there is none. Undefined without positives.
  MetricResult recall_at_fdr(double fdr) const;

 private:
  std::vector<RankingStep> steps_;
  double positives_ = 0;
  double negatives_ = 0;
};

/// As the members of Ranking of the same name, for one metric at a time.
MetricResult auroc(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights = {});
MetricResult average_precision(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights = {});
MetricResult auprc_trapezoid(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const float> weights = {});
MetricResult recall_at_fdr(std::span<const float> scores, std::span<const std::uint8_t> labels, double fdr,
                           std::span<const float> weights = {});

/// Counts (or weights) of the four outcomes at a threshold;
/// a score at or above it is called positive.
struct Confusion {
  double true_positives = 0;
  double false_positives = 0;
  double true_negatives = 0;
  double false_negatives = 0;

  double total() const { return true_positives + false_positives + true_negatives + false_negatives; }
  MetricResult accuracy() const;
  MetricResult precision() const;  ///< undefined when nothing is called positive
  MetricResult recall() const;     ///< undefined without positives
  MetricResult f1() const;         ///< 2 TP / (2 TP + FP + FN)
  MetricResult matthews() const;   ///< correlation of call and label; undefined when either is constant
};

/// Errors: as Ranking; a NaN threshold is an ArgumentError.
Confusion confusion(std::span<const float> scores, std::span<const std::uint8_t> labels, float threshold,
                    std::span<const float> weights = {});

/// Fraction of examples on the right side of the threshold.
MetricResult accuracy(std::span<const float> scores, std::span<const std::uint8_t> labels, float threshold,
                      std::span<const float> weights = {});

}  // namespace basewise::metrics
