#include "basewise/metrics/threshold_curves.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/registry.h"

namespace basewise::metrics {
namespace {

using Floats = std::vector<float>;
using Labels = std::vector<std::uint8_t>;

// The example of the documentation of tf.keras.metrics.AUC and of Keras' own tests of it
// (test_weighted_roc_interpolation, test_weighted_pr_interpolation), worked out there by hand.
const Floats kScores{0, 0.5F, 0.3F, 0.9F};
const Labels kLabels{0, 0, 1, 1};

TEST(ThresholdAreas, AreThoseOfKerasExamples) {
  const auto plain = threshold_areas(kScores, kLabels, ScoreScale::probability, 3);
  EXPECT_DOUBLE_EQ(plain.roc.value, 0.75);
  EXPECT_DOUBLE_EQ(threshold_areas(kScores, kLabels, ScoreScale::probability, 3, Floats{1, 0, 0, 1}).roc.value, 1.0);

  const auto weighted = threshold_areas(kScores, kLabels, ScoreScale::probability, 3, Floats{1, 2, 3, 4});
  EXPECT_NEAR(weighted.precision_recall.value, (0.5 * (3 + 2 * std::log(2.5)) + 4) / 7, 1e-12);
  EXPECT_NEAR(weighted.roc.value, (4.0 / 7 + 1) / 2, 1e-12);
}

// Counts at every threshold in plain loops.
TEST(ThresholdAreas, FollowTheDefinition) {
  Stream draw(7, 1);
  constexpr int kThresholds = 23;
  Floats scores, weights;
  Labels labels;
  for (int i = 0; i < 331; ++i) {
    labels.push_back(draw.uniform() < 0.3 ? 1 : 0);
    scores.push_back(static_cast<float>(2 * draw.uniform() - 1 + labels.back()));
    weights.push_back(static_cast<float>(draw.below(4)));
  }
  double tp[kThresholds] = {}, fp[kThresholds] = {}, sum = 0;
  for (int t = 0; t < kThresholds; ++t)
    for (std::size_t i = 0; i < scores.size(); ++i)
      if (t == 0 || (t + 1 < kThresholds && sigmoid(scores[i]) > t / (kThresholds - 1.0))) (labels[i] ? tp : fp)[t] += weights[i];
  for (int t = 0; t + 1 < kThresholds; ++t) sum += (fp[t] - fp[t + 1]) / fp[0] * (tp[t] + tp[t + 1]) / tp[0] / 2;
  EXPECT_NEAR(threshold_areas(scores, labels, ScoreScale::logit, kThresholds, weights).roc.value, sum, 1e-12);

  const auto fine = threshold_areas(scores, labels, ScoreScale::logit, 200'001, weights);
  EXPECT_NEAR(fine.roc.value, auroc(scores, labels, weights).value, 2e-4);
  EXPECT_NEAR(fine.precision_recall.value, auprc_trapezoid(scores, labels, weights).value, 0.01);
}

TEST(ThresholdAreas, HaveNamesAndNeedBothClasses) {
  EXPECT_TRUE(find_metric("keras_auroc").higher_is_better);
  EXPECT_EQ(find_metric("keras_auprc").parameter_value, 200);
  const Floats targets{0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(compute("keras_auroc:3", {.scores = kScores, .targets = targets, .scale = ScoreScale::probability}).value, 0.75);
  EXPECT_EQ(threshold_areas(kScores, Labels{0, 0, 0, 0}, ScoreScale::probability, 3).roc.reason, "no positive examples");
  EXPECT_EQ(threshold_areas(kScores, Labels{1, 1, 1, 1}, ScoreScale::probability, 3).roc.reason, "no negative examples");
  EXPECT_EQ(threshold_areas(kScores, Labels{1, 1, 1, 1}, ScoreScale::probability, 3).precision_recall.value, 1);
  EXPECT_THROW(threshold_areas(kScores, kLabels, ScoreScale::probability, 1), ArgumentError);
  EXPECT_THROW(threshold_areas(Floats{2, 0, 0, 0}, kLabels, ScoreScale::probability, 9), ArgumentError);
}

}  // namespace
}  // namespace basewise::metrics
