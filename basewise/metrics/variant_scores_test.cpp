#include "basewise/metrics/variant_scores.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

using enum VariantScore;

// Three bins whose logarithms of x + 1 are whole numbers: 1, 3, 7 and 3, 0, 15.
const std::vector<double> kRef = {1, 3, 7}, kAlt = {3, 0, 15};

double of(VariantScore score, double pseudocount = 1) { return variant_score(score, kRef, kAlt, pseudocount); }

TEST(VariantScores, AreThoseOfTheirDefinitions) {
  EXPECT_DOUBLE_EQ(of(sad), 18 - 11);
  EXPECT_DOUBLE_EQ(of(log_sad), (2 + 0 + 4) - (1 + 2 + 3));
  EXPECT_NEAR(of(sqrt_sum), std::sqrt(3) + std::sqrt(15) - 1 - std::sqrt(3) - std::sqrt(7), 1e-14);
  EXPECT_DOUBLE_EQ(of(log_sed), std::log2(19) - std::log2(12));
  EXPECT_DOUBLE_EQ(of(logfc), of(log_sed));
  EXPECT_DOUBLE_EQ(of(sax), 8);
  EXPECT_DOUBLE_EQ(of(d1), 2 + 3 + 8);
  EXPECT_DOUBLE_EQ(of(log_d1), 1 + 2 + 1);
  EXPECT_DOUBLE_EQ(of(d2), std::sqrt(4 + 9 + 64));
  EXPECT_DOUBLE_EQ(of(log_d2), std::sqrt(1 + 4 + 1));
  EXPECT_DOUBLE_EQ(of(sqrt_d2), std::sqrt(std::pow(std::sqrt(3) - 1, 2) + 3 + std::pow(std::sqrt(15) - std::sqrt(7), 2)));
  EXPECT_DOUBLE_EQ(of(ref), 11);
  EXPECT_DOUBLE_EQ(of(alt), 18);
  EXPECT_DOUBLE_EQ(of(usad), 7.0 / 3);
  EXPECT_DOUBLE_EQ(of(usar, 0.5), std::log2(6.5) - std::log2(11.0 / 3 + 0.5));
  // The largest ratio is that of the second bin, 4 to 1; the largest difference another.
  EXPECT_DOUBLE_EQ(of(xsad), -3);
  EXPECT_DOUBLE_EQ(of(xsar), -2);
}

// The quartile of 1, 3, 7 lies in the middle of the two smallest: 2.
TEST(VariantScores, DivergencesAreOfShares) {
  const std::vector<double> p = {3. / 17, 5. / 17, 9. / 17}, q = {5. / 24, 2. / 24, 17. / 24};
  double expected = 0;
  for (int i = 0; i < 3; ++i) expected += (p[i] - q[i]) * std::log(p[i] / q[i]) / 2;
  EXPECT_NEAR(of(js), expected, 1e-15);
  const std::vector<double> a = {0.5, 0.5, 0}, b = {0, 3, 3};
  EXPECT_NEAR(variant_score(jsd, a, b), std::sqrt(0.5), 1e-15);  // half of both in common
  EXPECT_DOUBLE_EQ(variant_score(jsd, a, std::vector<double>{0, 0, 2}), 1);
  EXPECT_EQ(variant_score(jsd, a, a), 0);
}

TEST(VariantScores, StrandsAreAdded) {
  EXPECT_DOUBLE_EQ(both_strands(sad, 3, -5), -2);
  EXPECT_DOUBLE_EQ(both_strands(d1, 3, 4), 7);
  for (const VariantScore score : {d2, log_d2, sqrt_d2}) EXPECT_DOUBLE_EQ(both_strands(score, 3, 4), 5);
}

TEST(VariantScores, HaveNoValueWhereALogarithmHasNone) {
  const std::vector<double> r = {-2, 1}, a = {1, 1};
  EXPECT_TRUE(std::isnan(variant_score(log_sad, r, a)));
  EXPECT_TRUE(std::isnan(variant_score(log_js, r, a)));
  EXPECT_TRUE(std::isnan(variant_score(sqrt_d1, r, a)));
  EXPECT_EQ(variant_score(sad, r, a), 3);
  // Not the difference of whichever bin has a ratio.
  const std::vector<double> mixed = {4, -2};
  for (const VariantScore score : {xsad, xsar}) EXPECT_TRUE(std::isnan(variant_score(score, mixed, a))) << to_word(score);
  const std::vector<double> unknown = {1, std::nan("")};
  EXPECT_TRUE(std::isnan(variant_score(sax, a, unknown)));
  // Shares of which some are below 0 are none, though their logarithms exist where both are.
  const std::vector<std::vector<double>> below = {{-9, 3, 14}, {-5, -3, -4}, {0, 0, 0}};
  for (const std::vector<double>& x : below)
    for (const VariantScore score : {js, jsd}) EXPECT_TRUE(std::isnan(variant_score(score, x, x))) << x[0] << to_word(score);
  EXPECT_THAT(error_text([&] { variant_score(sad, r, kAlt); }),
              testing::HasSubstr("as many bins of both alleles, at least 1; there are 2 and 3"));
  EXPECT_THAT(error_text([&] { variant_score(sad, {}, {}); }), testing::HasSubstr("there are 0 and 0"));
}

RC_GTEST_PROP(VariantScores, SwappedAllelesGiveTheNegative, ()) {
  const auto bins = *rc::gen::inRange<std::size_t>(1, 9);
  const auto values = rc::gen::container<std::vector<double>>(bins, rc::gen::map(rc::gen::inRange(1, 1000), [](int x) { return x / 7.0; }));
  const std::vector<double> r = *values, a = *values;
  for (const VariantScore score : {sad, log_sad, sqrt_sum, log_sed, sax, usad, usar, xsad, xsar, logfc})
    RC_ASSERT(std::abs(variant_score(score, r, a) + variant_score(score, a, r)) < 1e-9);
  for (const VariantScore score : {d1, log_d1, sqrt_d1, d2, log_d2, sqrt_d2, jsd})
    RC_ASSERT(std::abs(variant_score(score, r, a) - variant_score(score, a, r)) < 1e-9);
  RC_ASSERT(variant_score(ref, r, a) == variant_score(alt, a, r));
  for (const auto& known : words_of(VariantScore{}))
    if (known.value != ref && known.value != alt) RC_ASSERT(std::abs(variant_score(known.value, r, r)) < 1e-12);
}

}  // namespace
}  // namespace basewise::metrics
