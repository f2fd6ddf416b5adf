#include "basewise/metrics/density.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

TEST(Density, EveryPairIsInItsBinOrCounted) {
  std::vector<float> predictions, targets;
  Stream draw(4);
  for (int i = 0; i < 5'003; ++i) {
    targets.push_back(static_cast<float>(draw.normal()));
    predictions.push_back(static_cast<float>(0.5 * targets.back() + draw.normal()));
  }
  predictions[7] = 1e6F;
  const Density d = density(predictions, targets, 23, 0.001);
  EXPECT_EQ(d.counts.size(), 23U * 23U);
  EXPECT_EQ(std::accumulate(d.counts.begin(), d.counts.end(), d.outside), 5'003);
  EXPECT_GE(d.outside, 1);
  EXPECT_LE(d.outside, 4 * 6);
  EXPECT_LT(d.high, 10);
  // By the definition, one cell at a time.
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto in = [&](float v, int k) { return v >= d.low + k * d.width() && v < d.low + (k + 1) * d.width(); };
    expected += in(targets[i], 12) && in(predictions[i], 10);
  }
  EXPECT_EQ(d.count(12, 10), expected);
  EXPECT_GT(expected, 0);
}

TEST(Density, EndsBelongToTheirBinsAndConstantsGetARange) {
  const Density d = density(std::vector<float>{0, 4, 2}, std::vector<float>{4, 0, 2}, 4, 0);
  EXPECT_EQ(d.count(3, 0), 1);
  EXPECT_EQ(d.count(0, 3), 1);
  EXPECT_EQ(d.count(2, 2), 1);
  const Density constant = density(std::vector<float>{2, 2}, std::vector<float>{2, 2}, 5);
  EXPECT_EQ(constant.low, 1.5);
  EXPECT_EQ(constant.high, 2.5);
  EXPECT_EQ(constant.count(2, 2), 2);
}

TEST(Density, RefusesWhatItCannotCount) {
  const std::vector<float> two{1, 2}, three{1, 2, 3}, none;
  EXPECT_EQ(error_text<ArgumentError>([&] { density(two, three); }), "targets has 3 values for 2 scores: give one per score");
  EXPECT_EQ(error_text<ArgumentError>([&] { density(none, none); }), "no density: there are no pairs");
  EXPECT_EQ(error_text<ArgumentError>([&] { density(two, two, 0); }), "density asked for 0 bins: expected at least 1");
  EXPECT_EQ(error_text<ArgumentError>([&] { density(two, two, 5, 0.5); }), "density may leave out the share 0.5: expected 0 to below 0.5");
  EXPECT_EQ(error_text<ArgumentError>([&] { density(std::vector<float>{1, NAN}, two); }),
            "prediction is NaN at index 1: mask missing values before computing a metric");
}

}  // namespace
}  // namespace basewise::metrics
