#include "basewise/metrics/ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/metrics/curves.h"
#include "basewise/metrics/recall_at_fpr.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

struct Scored {
  std::vector<float> scores;
  std::vector<std::uint8_t> labels;
};

/// Scores on few values, so that ties are common; both classes present.
Scored random_scored(Stream draw, std::size_t n, int values) {
  Scored s;
  for (std::size_t i = 0; i < n; ++i) {
    s.scores.push_back(static_cast<float>(draw.integer(-values, values)) / 4);
    s.labels.push_back(draw.bernoulli(0.3));
  }
  s.labels.front() = 1;
  s.labels.back() = 0;
  return s;
}

double brute_force_auroc(const Scored& s) {
  double won = 0, pairs = 0;
  for (std::size_t i = 0; i < s.scores.size(); ++i)
    for (std::size_t j = 0; j < s.scores.size(); ++j) {
      if (!s.labels[i] || s.labels[j]) continue;
      won += s.scores[i] > s.scores[j] ? 1.0 : s.scores[i] == s.scores[j] ? 0.5 : 0.0;
      ++pairs;
    }
  return won / pairs;
}

double brute_force_average_precision(const Scored& s) {
  double positives = 0, sum = 0;
  for (auto y : s.labels) positives += y;
  for (std::size_t i = 0; i < s.scores.size(); ++i) {
    if (!s.labels[i]) continue;
    double found = 0, called = 0;
    for (std::size_t j = 0; j < s.scores.size(); ++j)
      if (s.scores[j] >= s.scores[i]) ++called, found += s.labels[j];
    sum += found / called;
  }
  return sum / positives;
}

TEST(Ranking, AgreesWithBruteForce) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto s = random_scored(Stream(seed), 2 + seed * 3, seed % 2 ? 3 : 1000);
    EXPECT_NEAR(auroc(s.scores, s.labels).value, brute_force_auroc(s), 1e-12);
    EXPECT_NEAR(average_precision(s.scores, s.labels).value, brute_force_average_precision(s), 1e-12);
  }
}

TEST(Ranking, LargeInputTakesTheParallelPathToTheSameNumbers) {
  const auto s = random_scored(Stream(5), 300'007, 1 << 20);
  const Ranking several(s.scores, s.labels);
  set_threads(1);
  const Ranking one(s.scores, s.labels);
  set_threads(0);
  EXPECT_EQ(one.auroc().value, several.auroc().value);
  EXPECT_EQ(one.average_precision().value, several.average_precision().value);
  const std::vector<float> ones(s.scores.size(), 1.0f);
  EXPECT_EQ(auroc(s.scores, s.labels, ones).value, several.auroc().value);
}

TEST(Ranking, HandComputedExample) {
  const std::vector<float> scores{0.9f, 0.8f, 0.8f, 0.4f, 0.1f};
  const std::vector<std::uint8_t> labels{1, 0, 1, 0, 1};
  const Ranking r(scores, labels);
  EXPECT_NEAR(r.auroc().value, (2 + 1.5 + 0) / 6, 1e-15);
  EXPECT_NEAR(r.average_precision().value, (1 + 2.0 / 3 + 3.0 / 5) / 3, 1e-15);
  EXPECT_NEAR(r.auprc_trapezoid().value, ((1 + 1) / 2.0 + (1 + 2.0 / 3) / 2 + (0.5 + 3.0 / 5) / 2) / 3, 1e-15);
  EXPECT_DOUBLE_EQ(r.recall_at_fdr(0).value, 1.0 / 3);
  EXPECT_DOUBLE_EQ(r.recall_at_fdr(0.35).value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(r.recall_at_fdr(0.4).value, 1);
  EXPECT_DOUBLE_EQ(recall_at_fpr(r, 0).value, 1.0 / 3);
  EXPECT_DOUBLE_EQ(recall_at_fpr(r, 0.49).value, 1.0 / 3) << "the tie lets one of two negatives in";
  EXPECT_DOUBLE_EQ(recall_at_fpr(r, 0.5).value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(recall_at_fpr(r, 1).value, 1);
  ASSERT_EQ(r.steps().size(), 3u);
  EXPECT_EQ(r.steps()[1].score, 0.8f);
  EXPECT_EQ(r.steps()[1].tied, 1);
}

TEST(Ranking, InvariantUnderMonotoneMaps) {
  EXPECT_TRUE(rc::check("order is all that counts", [] {
    const auto s = random_scored(Stream(*rc::gen::inRange(0, 1 << 30)), *rc::gen::inRange<std::size_t>(2, 80), 12);
    auto mapped = s.scores;
    for (float& x : mapped) x = std::exp(x) * 3 - 7;
    RC_ASSERT(auroc(s.scores, s.labels).value == auroc(mapped, s.labels).value);
    RC_ASSERT(average_precision(s.scores, s.labels).value == average_precision(mapped, s.labels).value);
    RC_ASSERT(auprc_trapezoid(s.scores, s.labels).value == auprc_trapezoid(mapped, s.labels).value);
  }));
}

TEST(Ranking, NegatedScoresMirrorAuroc) {
  EXPECT_TRUE(rc::check("auroc(-s) = 1 - auroc(s); swapping the classes too", [] {
    const auto s = random_scored(Stream(*rc::gen::inRange(0, 1 << 30)), *rc::gen::inRange<std::size_t>(2, 80), 6);
    auto negated = s.scores;
    for (float& x : negated) x = -x;
    auto swapped = s.labels;
    for (auto& y : swapped) y = !y;
    RC_ASSERT(std::abs(auroc(negated, s.labels).value + auroc(s.scores, s.labels).value - 1) < 1e-12);
    RC_ASSERT(std::abs(auroc(s.scores, swapped).value + auroc(s.scores, s.labels).value - 1) < 1e-12);
  }));
}

TEST(Ranking, WholeWeightsAreRepeatedExamples) {
  EXPECT_TRUE(rc::check("weight k is k copies", [] {
    Stream draw(*rc::gen::inRange(0, 1 << 30));
    const auto s = random_scored(draw.fork(1), *rc::gen::inRange<std::size_t>(2, 60), 6);
    std::vector<float> weights;
    Scored repeated;
    for (std::size_t i = 0; i < s.scores.size(); ++i) {
      const bool end = i == 0 || i + 1 == s.scores.size();
      weights.push_back(static_cast<float>(draw.integer(end ? 1 : 0, 3)));
      for (float k = 0; k < weights.back(); ++k) repeated.scores.push_back(s.scores[i]), repeated.labels.push_back(s.labels[i]);
    }
    const Ranking a(s.scores, s.labels, weights), b(repeated.scores, repeated.labels);
    RC_ASSERT(std::abs(a.auroc().value - b.auroc().value) < 1e-12);
    RC_ASSERT(std::abs(a.average_precision().value - b.average_precision().value) < 1e-12);
    RC_ASSERT(std::abs(a.auprc_trapezoid().value - b.auprc_trapezoid().value) < 1e-12);
    RC_ASSERT(std::abs(a.recall_at_fdr(0.4).value - b.recall_at_fdr(0.4).value) < 1e-12);
  }));
}

TEST(Ranking, InfinitiesRankAndZerosOfBothSignsTie) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> scores{inf, 1e30f, 0.0f, -0.0f, -1e-40f, -inf};
  const std::vector<std::uint8_t> labels{1, 0, 1, 0, 1, 0};
  EXPECT_NEAR(auroc(scores, labels).value, (3 + 1.5 + 1) / 9, 1e-15);
}

TEST(Ranking, OneClassHasNoValueButAReason) {
  const std::vector<float> scores{1, 2, 3};
  const std::vector<std::uint8_t> none{0, 0, 0}, all{1, 1, 1};
  EXPECT_FALSE(auroc(scores, none).defined());
  EXPECT_EQ(auroc(scores, none).reason, "no positive examples");
  EXPECT_EQ(auroc(scores, all).reason, "no negative examples");
  EXPECT_EQ(average_precision(scores, none).reason, "no positive examples");
  EXPECT_EQ(average_precision(scores, all).value, 1);
  EXPECT_EQ(auroc({}, {}).reason, "no examples");
  EXPECT_EQ(recall_at_fdr({}, {}, 0.1).reason, "no examples");
  EXPECT_EQ(recall_at_fpr(Ranking(), 0.1).reason, "no examples");
  EXPECT_EQ(recall_at_fpr(Ranking(std::vector<float>{1, 2}, std::vector<std::uint8_t>{1, 1}), 0.1).reason, "no negative examples");
}

TEST(Ranking, RefusesBadInput) {
  std::vector<float> scores(100'000, 0.5f);
  std::vector<std::uint8_t> labels(100'000, 1);
  scores[70'001] = scores[90'000] = std::nanf("");
  EXPECT_EQ(error_text<ArgumentError>([&] { auroc(scores, labels); }),
            "score is NaN at index 70001: mask missing values before computing a metric");
  labels[12] = 2;
  EXPECT_EQ(error_text<ArgumentError>([&] { auroc(scores, labels); }), "label is 2 at index 12: expected 0 or 1");
  labels.pop_back();
  EXPECT_EQ(error_text<ArgumentError>([&] { auroc(scores, labels); }), "labels has 99999 values for 100000 scores: give one per score");
  const std::vector<float> two{1, 2}, bad{1, -3};
  const std::vector<std::uint8_t> both{0, 1};
  EXPECT_EQ(error_text<ArgumentError>([&] { auroc(two, both, bad); }),
            "weight is -3 at index 1: expected a finite number that is not negative");
  EXPECT_THAT(error_text<ArgumentError>([&] { recall_at_fdr(two, both, 1.5); }), testing::HasSubstr("1.5: expected a number from 0 to 1"));
  EXPECT_THAT(error_text<ArgumentError>([&] { confusion(two, both, std::nanf("")); }), testing::HasSubstr("threshold is NaN"));
}

TEST(Confusion, CountsAndUndefinedRatios) {
  const std::vector<float> scores{3, 2, 2, 1, 0};
  const std::vector<std::uint8_t> labels{1, 1, 0, 0, 1};
  const auto c = confusion(scores, labels, 2);
  EXPECT_EQ(c.true_positives, 2);
  EXPECT_EQ(c.false_positives, 1);
  EXPECT_EQ(c.true_negatives, 1);
  EXPECT_EQ(c.false_negatives, 1);
  EXPECT_DOUBLE_EQ(c.accuracy().value, 3.0 / 5);
  EXPECT_DOUBLE_EQ(c.precision().value, 2.0 / 3);
  EXPECT_DOUBLE_EQ(c.f1().value, 2.0 / 3);
  EXPECT_NEAR(c.matthews().value, (2 * 1 - 1 * 1) / std::sqrt(3.0 * 3 * 2 * 2), 1e-15);
  EXPECT_EQ(confusion(scores, labels, 9).precision().reason, "no example is called positive at this threshold");
  EXPECT_EQ(confusion(scores, labels, 9).matthews().reason, "labels or calls are all of one class");
  EXPECT_DOUBLE_EQ(accuracy(scores, labels, 2).value, 0.6);
}

TEST(Curves, AreasEqualTheMetrics) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto s = random_scored(Stream(seed), 97, 10);
    const Ranking r(s.scores, s.labels);
    const auto roc = roc_curve(r);
    const auto pr = precision_recall_curve(r);
    EXPECT_NEAR(roc.area(), r.auroc().value, 1e-12);
    EXPECT_NEAR(pr.area(), r.auprc_trapezoid().value, 1e-12);
    EXPECT_EQ(roc.x.back(), 1);
    EXPECT_EQ(roc.y.back(), 1);
    EXPECT_EQ(pr.x.back(), 1);
  }
}

TEST(Curves, ThresholdsGiveTheirPoints) {
  const auto s = random_scored(Stream(3), 97, 10);
  const auto curve = roc_curve(Ranking(s.scores, s.labels));
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const auto c = confusion(s.scores, s.labels, curve.threshold[i]);
    EXPECT_DOUBLE_EQ(curve.y[i], c.recall().value);
    EXPECT_DOUBLE_EQ(curve.x[i], c.false_positives / (c.false_positives + c.true_negatives));
  }
}

TEST(Curves, ThinningStaysWithinItsBound) {
  const auto s = random_scored(Stream(11), 20'011, 1 << 16);
  const Ranking r(s.scores, s.labels);
  for (const double tolerance : {0.001, 0.02}) {
    const auto roc = roc_curve(r, tolerance);
    const auto pr = precision_recall_curve(r, tolerance);
    EXPECT_LE(std::abs(roc.area() - r.auroc().value), tolerance);
    EXPECT_LE(std::abs(pr.area() - r.auprc_trapezoid().value), tolerance);
    EXPECT_LT(roc.x.size(), 4 / tolerance);
    EXPECT_LT(pr.x.size() * 4, precision_recall_curve(r).x.size());
    EXPECT_EQ(roc.x.front(), 0);
    EXPECT_EQ(roc.x.back(), 1);
  }
  EXPECT_EQ(error_text<ArgumentError>([&] { roc_curve(r, -1); }), "tolerance of a curve is -1: expected a number that is not negative");
  const std::vector<float> one{1};
  const std::vector<std::uint8_t> zero{0};
  EXPECT_EQ(error_text<ArgumentError>([&] { roc_curve(Ranking(one, zero)); }), "no ROC curve: no positive examples");
}

}  // namespace
}  // namespace basewise::metrics
