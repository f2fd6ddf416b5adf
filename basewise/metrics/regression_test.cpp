#include "basewise/metrics/regression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

std::pair<std::vector<float>, std::vector<float>> random_pairs(Stream draw, std::size_t n, double offset = 0) {
  std::pair<std::vector<float>, std::vector<float>> p;
  for (std::size_t i = 0; i < n; ++i) {
    p.first.push_back(static_cast<float>(draw.normal() + offset));
    p.second.push_back(static_cast<float>(0.4 * p.first.back() + draw.normal()));
  }
  return p;
}

TEST(PairMoments, MergeOfPartsIsTheWhole) {
  EXPECT_TRUE(rc::check("any split gives the same", [] {
    const auto [x, y] = random_pairs(Stream(*rc::gen::inRange(0, 1 << 30)), *rc::gen::inRange<std::size_t>(3, 200), 1e4);
    const std::span<const float> xs(x), ys(y);
    const std::size_t a = *rc::gen::inRange<std::size_t>(0, x.size()), b = *rc::gen::inRange<std::size_t>(a, x.size());
    PairMoments whole, parts, middle, end;
    whole.add(xs, ys);
    parts.add(xs.first(a), ys.first(a));
    middle.add(xs.subspan(a, b - a), ys.subspan(a, b - a));
    end.add(xs.subspan(b), ys.subspan(b));
    parts.merge(middle);
    parts.merge(end);
    RC_ASSERT(std::abs(whole.pearson().value - parts.pearson().value) < 1e-10);
    RC_ASSERT(std::abs(whole.mse().value - parts.mse().value) < 1e-9 * whole.mse().value);
    RC_ASSERT(std::abs(whole.r2().value - parts.r2().value) < 1e-9 * std::abs(whole.r2().value));
    RC_ASSERT(parts.weight() == static_cast<double>(x.size()));
  }));
}

TEST(PairMoments, TimesIsRepetition) {
  const auto [x, y] = random_pairs(Stream(7), 37);
  PairMoments once, thrice;
  once.add(x, y);
  for (int k = 0; k < 3; ++k) thrice.add(x, y);
  EXPECT_NEAR(once.times(3).mse().value, thrice.mse().value, 1e-12);
  EXPECT_NEAR(once.times(3).pearson().value, thrice.pearson().value, 1e-12);
  EXPECT_EQ(once.times(3).weight(), 111);
  EXPECT_EQ(once.times(0).pearson().reason, "no examples");
}

TEST(Regression, LargeOffsetsDoNotCancel) {
  const std::vector<float> x{1e7f, 1e7f + 1, 1e7f + 2}, y{1, 2, 4};
  EXPECT_NEAR(pearson(x, y).value, 0.98198050606196574, 1e-12);
}

TEST(Regression, CorrelationLaws) {
  EXPECT_TRUE(rc::check("symmetric; affine maps keep Pearson, monotone maps keep Spearman", [] {
    const auto [x, y] = random_pairs(Stream(*rc::gen::inRange(0, 1 << 30)), *rc::gen::inRange<std::size_t>(3, 80));
    auto affine = x, negated = x, curved = x;
    for (std::size_t i = 0; i < x.size(); ++i) affine[i] = 4 * x[i], negated[i] = -x[i], curved[i] = std::exp(x[i]);
    const double r = pearson(x, y).value, rho = spearman(x, y).value;
    RC_ASSERT(std::abs(r - pearson(y, x).value) < 1e-12);
    RC_ASSERT(std::abs(r - pearson(affine, y).value) < 1e-12);
    RC_ASSERT(std::abs(r + pearson(negated, y).value) < 1e-12);
    RC_ASSERT(std::abs(rho - spearman(curved, y).value) < 1e-12);
    RC_ASSERT(std::abs(rho + spearman(negated, y).value) < 1e-12);
  }));
}

TEST(Regression, WholeWeightsAreRepeatedExamples) {
  EXPECT_TRUE(rc::check("weight k is k copies", [] {
    Stream draw(*rc::gen::inRange(0, 1 << 30));
    std::vector<float> x, y, w, xs, ys;
    for (int i = 0; i < 40; ++i) {
      x.push_back(static_cast<float>(draw.integer(0, 9)));
      y.push_back(static_cast<float>(draw.integer(0, 9)));
      w.push_back(static_cast<float>(draw.integer(0, 3)));
      for (float k = 0; k < w.back(); ++k) xs.push_back(x.back()), ys.push_back(y.back());
    }
    for (const auto metric : {pearson, spearman, mse, mae, r2})
      RC_ASSERT(std::abs(metric(x, y, w).value - metric(xs, ys, {}).value) < 1e-10);
  }));
}

TEST(Regression, AverageRanksShareTies) {
  const std::vector<float> v{10, -5, 10, 3, 10, 3};
  EXPECT_THAT(average_ranks(v), testing::ElementsAre(5, 1, 5, 2.5, 5, 2.5));
}

TEST(Regression, UndefinedHasAReason) {
  const std::vector<float> constant{2, 2, 2}, rising{1, 2, 3};
  EXPECT_EQ(pearson(constant, rising).reason, "predictions are constant");
  EXPECT_EQ(pearson(rising, constant).reason, "targets are constant");
  EXPECT_EQ(spearman(rising, constant).reason, "targets are constant");
  EXPECT_EQ(r2(rising, constant).reason, "targets are constant");
  EXPECT_EQ(r2(rising, rising).value, 1);
  EXPECT_EQ(mae({}, {}).reason, "no examples");
}

TEST(Regression, RefusesBadInput) {
  const std::vector<float> good{1, 2, 3}, nan{1, 2, std::nanf("")}, inf{1, std::numeric_limits<float>::infinity(), 2}, two{1, 2};
  EXPECT_EQ(error_text<ArgumentError>([&] { mse(nan, good); }),
            "prediction is NaN at index 2: mask missing values before computing a metric");
  EXPECT_EQ(error_text<ArgumentError>([&] { spearman(good, nan); }),
            "target is NaN at index 2: mask missing values before computing a metric");
  EXPECT_EQ(error_text<ArgumentError>([&] { pearson(good, inf); }), "target is inf at index 1: expected a finite number");
  EXPECT_EQ(error_text<ArgumentError>([&] { mae(good, two); }), "targets has 2 values for 3 scores: give one per score");
  EXPECT_NEAR(spearman(inf, good).value, 0.5, 1e-12);
}

}  // namespace
}  // namespace basewise::metrics
