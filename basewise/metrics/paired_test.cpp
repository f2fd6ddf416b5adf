#include "basewise/metrics/paired.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

// tests/golden/paired.json is made by tests/golden/paired_golden.py (versions and seed inside).
nlohmann::json golden() {
  std::ifstream file("tests/golden/paired.json");
  if (!file) throw std::runtime_error("tests/golden/paired.json is missing: run the tests from the root of the sources");
  return nlohmann::json::parse(file);
}

TEST(Paired, WilcoxonEqualsScipy) {
  const auto cases = golden()["wilcoxon"];
  ASSERT_EQ(cases.size(), 11u);
  for (const auto& g : cases) {
    const auto x = g["differences"].get<std::vector<double>>();
    const SignedRankResult r = wilcoxon_signed_rank(x);
    EXPECT_EQ(r.pairs, static_cast<std::int64_t>(x.size()));
    EXPECT_EQ(r.zeros, g["zeros"].get<std::int64_t>());
    EXPECT_EQ(r.exact, g["exact"].get<bool>());
    EXPECT_DOUBLE_EQ(r.rank_sum, g["rank_sum"].get<double>());
    EXPECT_NEAR(r.p_two_sided, g["p_two_sided"].get<double>(), 1e-12) << x.size();
    EXPECT_NEAR(r.p_greater, g["p_greater"].get<double>(), 1e-12) << x.size();
  }
}

TEST(Paired, SummaryEqualsScipy) {
  const auto g = golden()["summary"];
  const auto x = g["values"].get<std::vector<double>>();
  const SampleSummary s = summarise(x);
  EXPECT_NEAR(s.mean, g["mean"].get<double>(), 1e-14);
  EXPECT_NEAR(s.sd, g["sd"].get<double>(), 1e-14);
  EXPECT_NEAR(s.median, g["median"].get<double>(), 1e-14);
  // Quantiles of 10,000 draws scatter by about sqrt(0.025 * 0.975 / 10000) / density = 0.027
  // standard errors; five times that.
  const double tolerance = 5 * 0.027 * g["standard_error"].get<double>();
  EXPECT_NEAR(s.interval.low, g["interval"][0].get<double>(), tolerance);
  EXPECT_NEAR(s.interval.high, g["interval"][1].get<double>(), tolerance);
}

// All signs, one by one.
double brute_force_two_sided(const std::vector<double>& x) {
  const double observed = wilcoxon_signed_rank(x).rank_sum;
  std::vector<double> flipped = x;
  std::int64_t below = 0, above = 0;
  for (unsigned signs = 0; signs < (1u << x.size()); ++signs) {
    for (std::size_t i = 0; i < x.size(); ++i) flipped[i] = std::abs(x[i]) * ((signs >> i) & 1 ? 1 : -1);
    const double w = wilcoxon_signed_rank(flipped).rank_sum;
    below += w <= observed;
    above += w >= observed;
  }
  return std::min(1.0, 2 * static_cast<double>(std::min(below, above)) / static_cast<double>(1u << x.size()));
}

TEST(Paired, ExactIsACountOverAllSignsWithTies) {
  for (const std::vector<double>& x : {std::vector<double>{1, 1, 1, -1, 2, 2, -3}, {0.5, -0.5, 0.25, 4, 4, 4, 4, -1}, {3, 2, 1}})
    EXPECT_NEAR(wilcoxon_signed_rank(x).p_two_sided, brute_force_two_sided(x), 1e-15);
}

TEST(Paired, TenOfTenAboveIsTwoIn1024) {
  std::vector<double> x;
  for (int i = 1; i <= 10; ++i) x.push_back(i);
  const SignedRankResult r = wilcoxon_signed_rank(x);
  EXPECT_DOUBLE_EQ(r.rank_sum, 55);
  EXPECT_DOUBLE_EQ(r.p_two_sided, 2.0 / 1024);
  EXPECT_DOUBLE_EQ(r.p_greater, 1.0 / 1024);
  for (double& d : x) d = -d;
  EXPECT_DOUBLE_EQ(wilcoxon_signed_rank(x).p_two_sided, 2.0 / 1024);
  EXPECT_DOUBLE_EQ(wilcoxon_signed_rank(x).p_greater, 1);
}

TEST(Paired, ZerosAreDroppedAndNothingIsSaidWithoutDifferences) {
  EXPECT_EQ(wilcoxon_signed_rank(std::vector<double>{0, 3, 0, -1, 2}).p_two_sided,
            wilcoxon_signed_rank(std::vector<double>{3, -1, 2}).p_two_sided);
  const SignedRankResult equal = wilcoxon_signed_rank(std::vector<double>{0, 0});
  EXPECT_TRUE(std::isnan(equal.p_two_sided));
  EXPECT_EQ(equal.reason, "all differences are zero");
  EXPECT_EQ(wilcoxon_signed_rank({}).reason, "no pairs");
}

TEST(Paired, ExactAndNormalMeetAtTheBorder) {
  std::vector<double> x;
  for (int i = 1; i <= 50; ++i) x.push_back(i % 3 == 0 ? -i : i);
  const double exact = wilcoxon_signed_rank(x).p_two_sided;
  x.push_back(51 % 3 == 0 ? -51 : 51);
  const SignedRankResult next = wilcoxon_signed_rank(x);
  EXPECT_FALSE(next.exact);
  EXPECT_LT(exact, 0.05);
  EXPECT_LT(next.p_two_sided / exact, 3);
  EXPECT_GT(next.p_two_sided / exact, 1);  // one more pair against the trend
}

TEST(Paired, FewValues) {
  const SampleSummary one = summarise(std::vector<double>{0.5});
  EXPECT_EQ(one.mean, 0.5);
  EXPECT_TRUE(std::isnan(one.sd));
  EXPECT_EQ(one.interval.reason, "one value has no spread");
  EXPECT_EQ(summarise({}).interval.reason, "no values");
  const SampleSummary equal = summarise(std::vector<double>{2, 2, 2});
  EXPECT_EQ(equal.sd, 0);
  EXPECT_EQ(equal.interval.low, 2);
  EXPECT_EQ(equal.interval.high, 2);
}

TEST(Paired, NumbersThatAreNoneAreRefused) {
  EXPECT_EQ(error_text<ArgumentError>([&] { wilcoxon_signed_rank(std::vector<double>{1, std::nan("")}); }),
            "wilcoxon_signed_rank: value 1 is nan; expected finite numbers");
}

}  // namespace
}  // namespace basewise::metrics
