// Peaks: tails and q-values by hand and against scipy and statsmodels, the published rule, bounds.
#include "basewise/metrics/peaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/recall_at_fpr.h"
#include "basewise/metrics/registry.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Made by tests/golden/coverage_golden.py (versions and seed inside).
nlohmann::json golden() {
  std::ifstream file("tests/golden/coverage.json");
  if (!file) throw std::runtime_error("tests/golden/coverage.json is missing: run the tests from the root of the sources");
  return nlohmann::json::parse(file);
}

TEST(PoissonTail, ByHand) {
  EXPECT_NEAR(poisson_upper_tail(1, 2), 1 - std::exp(-2.0), 1e-15);
  EXPECT_NEAR(poisson_upper_tail(3, 2), 1 - std::exp(-2.0) * (1 + 2 + 2), 1e-15);
  EXPECT_EQ(poisson_upper_tail(0, 2), 1);
  EXPECT_EQ(poisson_upper_tail(-4, 2), 1);
  EXPECT_EQ(poisson_upper_tail(0.5, 2), 1) << "halves are rounded to even";
  EXPECT_EQ(poisson_upper_tail(1.5, 2), poisson_upper_tail(2, 2));
  EXPECT_EQ(poisson_upper_tail(1, 0), 0) << "nothing is there where the mean is 0";
  EXPECT_GT(poisson_upper_tail(150, 3), 0) << "small tails do not vanish before doubles do";
  EXPECT_THAT(error_text<ArgumentError>([] { return poisson_upper_tail(1, -1); }), HasSubstr("the mean of a Poisson distribution is -1"));
  EXPECT_THAT(error_text<ArgumentError>([] { return poisson_upper_tail(NAN, 1); }), HasSubstr("a count is NaN"));
}

TEST(PoissonTail, EqualsScipy) {
  for (const auto& g : golden()["tails"]) {
    const double tail = g["tail"], found = poisson_upper_tail(g["count"], g["mean"]);
    if (tail > 1e-290) {
      EXPECT_NEAR(found / tail, 1, 1e-9) << g;
    }
  }
}

TEST(BenjaminiHochberg, ByHand) {
  // 4 * 0.01 / 1, 4 * 0.02 / 2, 4 * 0.03 / 3 and 4 * 0.5 / 4; the largest ranks first.
  EXPECT_THAT(benjamini_hochberg(std::vector<double>{0.5, 0.01, 0.03, 0.02}),
              ElementsAre(0.5, testing::DoubleEq(0.04), testing::DoubleEq(0.04), testing::DoubleEq(0.04)));
  EXPECT_THAT(benjamini_hochberg(std::vector<double>{1, 0.9}), ElementsAre(1, 1));
  EXPECT_TRUE(benjamini_hochberg({}).empty());
  EXPECT_THAT(error_text<ArgumentError>([] { return benjamini_hochberg(std::vector<double>{0.1, 1.5}); }),
              HasSubstr("p-value is 1.5 at index 1"));
  EXPECT_THAT(error_text<ArgumentError>([] { return floor_division_q(std::vector<double>{NAN}); }), HasSubstr("p-value is nan"));
}

TEST(BenjaminiHochberg, BruteForce) {
  Stream draw(5);
  std::vector<double> p;
  for (int i = 0; i < 83; ++i) p.push_back(std::round(draw.uniform() * 20) / 20);
  const std::vector<double> q = benjamini_hochberg(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    // The least m p' / (number of values at or below p') of all p' that are not below p.
    double least = 1;
    for (const double other : p) {
      if (other < p[i]) continue;
      const auto rank = static_cast<double>(std::count_if(p.begin(), p.end(), [&](double x) { return x <= other; }));
      least = std::min(least, other * 83 / rank);
    }
    EXPECT_DOUBLE_EQ(q[i], least);
  }
}

TEST(FloorDivision, MakesEverythingBelowOneZero) {
  EXPECT_THAT(floor_division_q(std::vector<double>{0.9, 0.2, 0.5}), ElementsAre(0, 0, 0)) << "0.9 * 3 / 3 = 0.9 is rounded down";
  // Equal values are ranked as they come: 1 * 2 / 1, 1 * 2 / 2.
  EXPECT_THAT(floor_division_q(std::vector<double>{1, 1}), ElementsAre(2, 1));
}

TEST(Peaks, EqualStatsmodelsAndScikitLearn) {
  for (const auto& g : golden()["peaks"]) {
    const auto measured = g["measured"].get<std::vector<float>>(), predicted = g["predicted"].get<std::vector<float>>();
    const Peaks peaks = call_peaks(measured), floored = call_peaks(measured, {.rule = PeakRule::floor_division});
    EXPECT_EQ(peaks.count, g["peaks"].get<std::int64_t>());
    EXPECT_EQ(floored.count, g["peaks_floored"].get<std::int64_t>());
    EXPECT_GT(floored.count, peaks.count);
    const auto q = g["q"].get<std::vector<double>>();
    for (std::size_t i = 0; i < q.size(); ++i) EXPECT_EQ(peaks.labels[i] == 1, q[i] < 0.01) << i;
    const Ranking ranking(predicted, peaks.labels);
    EXPECT_NEAR(ranking.auroc().value, g["auroc"].get<double>(), 1e-12);
    EXPECT_NEAR(ranking.average_precision().value, g["average_precision"].get<double>(), 1e-12);
    EXPECT_NEAR(recall_at_fpr(ranking, 0.1).value, g["recall_at_fpr_0.1"].get<double>(), 1e-12);
    std::vector<float> sizes;
    for (const float x : predicted) sizes.push_back(std::abs(x));
    EXPECT_NEAR(compute("pearson_log", {.scores = sizes, .targets = measured}).value, g["pearson_log"].get<double>(), 1e-6);
    EXPECT_NEAR(compute("r2_log", {.scores = sizes, .targets = measured}).value, g["r2_log"].get<double>(), 1e-5);
  }
}

TEST(Peaks, NoneAndAll) {
  EXPECT_EQ(call_peaks({}).count, 0);
  const Peaks flat = call_peaks(std::vector<float>(50, 3.0F));
  EXPECT_EQ(flat.count, 0);
  EXPECT_EQ(flat.mean, 3);
  EXPECT_EQ(call_peaks(std::vector<float>(7, 0.0F)).count, 0) << "nothing was counted anywhere";
  EXPECT_THAT(error_text<ArgumentError>([] { return call_peaks(std::vector<float>{1, NAN}); }),
              HasSubstr("observed value is NaN at index 1"));
  EXPECT_THAT(error_text<ArgumentError>([] { return call_peaks(std::vector<float>{1, -3}); }), HasSubstr("peaks are of counts"));
}

}  // namespace
}  // namespace basewise::metrics
