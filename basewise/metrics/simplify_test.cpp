#include "basewise/metrics/simplify.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

/// Largest coordinate difference between (x, y) and the nearest point of the line drawn, by small
/// steps along it.
double apart(const Curve& line, double x, double y) {
  constexpr int kSteps = 400;
  double nearest = 10;
  for (std::size_t i = 1; i < line.x.size(); ++i) {
    if (x < std::min(line.x[i - 1], line.x[i]) - nearest || x > std::max(line.x[i - 1], line.x[i]) + nearest) continue;
    for (int k = 0; k <= kSteps; ++k) {
      const double t = static_cast<double>(k) / kSteps;
      const double px = line.x[i - 1] + t * (line.x[i] - line.x[i - 1]), py = line.y[i - 1] + t * (line.y[i] - line.y[i - 1]);
      nearest = std::min(nearest, std::max(std::abs(px - x), std::abs(py - y)));
    }
  }
  return nearest;
}

double largest_gap(const Curve& from, const Curve& to) {
  double gap = 0;
  for (std::size_t i = 0; i < from.x.size(); ++i) gap = std::max(gap, apart(to, from.x[i], from.y[i]));
  return gap;
}

double climbs(const Curve& c) {
  double sum = 0;
  for (std::size_t i = 1; i < c.y.size(); ++i) sum += std::abs(c.y[i] - c.y[i - 1]);
  return sum;
}

Ranking random_ranking(std::uint64_t seed, std::size_t n, double positive) {
  std::vector<float> scores;
  std::vector<std::uint8_t> labels;
  Stream draw(seed);
  for (std::size_t i = 0; i < n; ++i) {
    labels.push_back(i == 0 || (i > 1 && draw.bernoulli(positive)));
    scores.push_back(static_cast<float>(draw.normal() + 1.5 * labels.back()));
  }
  return {scores, labels};
}

TEST(Simplify, TheLineDrawnIsNowhereFurtherThanTheBound) {
  for (const double positive : {0.3, 0.02}) {
    const Ranking ranking = random_ranking(5, 3'001, positive);
    for (const Curve& whole : {roc_curve(ranking), precision_recall_curve(ranking)}) {
      for (const double bound : {0.004, 0.03}) {
        const Curve drawn = simplify(whole, bound);
        // The steps of `apart` are shorter than 1/400 of a segment of length 1 at most.
        EXPECT_LE(largest_gap(whole, drawn), bound + 1.0 / 800);
        EXPECT_LE(largest_gap(drawn, whole), bound + 1.0 / 800);
        EXPECT_LE(std::abs(drawn.area() - whole.area()), bound * (1 + climbs(drawn)));
        EXPECT_LT(drawn.x.size(), whole.x.size());
        EXPECT_EQ(drawn.x.front(), whole.x.front());
        EXPECT_EQ(drawn.y.back(), whole.y.back());
      }
    }
  }
}

TEST(Simplify, FiguresOfALargeSetAreShort) {
  const Ranking ranking = random_ranking(9, 400'003, 0.05);
  const Curve roc = roc_curve(ranking), drawn = simplify(roc, 5e-4);
  EXPECT_GT(roc.x.size(), 20'000U);
  EXPECT_LT(drawn.x.size(), 400U);
  EXPECT_NEAR(drawn.area(), ranking.auroc().value, 1e-3);
  const Curve pr = precision_recall_curve(ranking), short_pr = simplify(pr, 5e-4);
  EXPECT_LT(short_pr.x.size(), 4'000U);
  EXPECT_NEAR(short_pr.area(), ranking.auprc_trapezoid().value, 5e-4 * (1 + climbs(short_pr)));
}

TEST(Simplify, PointsThatAreAskedForStay) {
  const Curve roc = roc_curve(random_ranking(2, 997, 0.2));
  const std::vector<std::size_t> keep{youden_point(roc), 17, 101};
  const Curve drawn = simplify(roc, 0.2, keep);
  for (const std::size_t i : keep) EXPECT_THAT(drawn.threshold, ::testing::Contains(roc.threshold[i]));
  EXPECT_LT(drawn.x.size(), 20U);
  EXPECT_EQ(simplify(roc, 0).x, roc.x);
}

TEST(Simplify, StraightLinesBecomeTheirEnds) {
  const Curve line{.x = {0, 0, 0, 0.25, 0.5, 1}, .y = {0, 0.3, 0.5, 0.5, 0.5, 0.5}, .threshold = {6, 5, 4, 3, 2, 1}};
  const Curve drawn = simplify(line, 1e-9);
  EXPECT_THAT(drawn.threshold, ::testing::ElementsAre(6, 4, 1));
}

TEST(Simplify, CornersAreTheBestOperatingPoints) {
  const Curve roc{.x = {0, 0.1, 0.2, 1}, .y = {0, 0.5, 0.7, 1}, .threshold = {3, 2, 1, 0}};
  EXPECT_EQ(youden_point(roc), 2U);
  const Curve pr{.x = {0, 0.4, 0.8, 1}, .y = {1, 0.9, 0.7, 0.2}, .threshold = {3, 2, 1, 0}};
  EXPECT_EQ(best_f1_point(pr), 2U);
}

TEST(Simplify, RefusesABoundBelowZero) {
  EXPECT_EQ(error_text<ArgumentError>([&] { simplify({}, -2); }), "bound of a curve is -2: expected a number that is not negative");
}

}  // namespace
}  // namespace basewise::metrics
