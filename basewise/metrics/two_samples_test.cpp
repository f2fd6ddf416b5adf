#include "basewise/metrics/two_samples.h"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/metrics/detail/t_distribution.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

using detail::t_two_sided;
using ::testing::HasSubstr;

TEST(TTest, ProbabilitiesAreThoseOfClosedForms) {
  for (const double t : {1e-3, 0.1, 0.7, 1.0, 2.5, 17.0, 1e3}) {
    EXPECT_NEAR(t_two_sided(t, 1), 2 / std::numbers::pi * std::atan(1 / t), 1e-13) << t;
    const double two = 2 / (2 + t * t + t * std::sqrt(2 + t * t));  // 1 - t / sqrt(2 + t^2) without cancellation
    EXPECT_NEAR(t_two_sided(t, 2) / two, 1, 1e-12) << t;
    const double u = t / std::sqrt(4 + t * t);  // four degrees: 1 - 3/2 u + 1/2 u^3
    EXPECT_NEAR(t_two_sided(t, 4), 1 - 1.5 * u + 0.5 * u * u * u, 1e-13) << t;
    EXPECT_EQ(t_two_sided(-t, 3), t_two_sided(t, 3));
  }
  EXPECT_EQ(t_two_sided(0, 5), 1);
  EXPECT_NEAR(t_two_sided(1.959964, 1e7), 0.05, 1e-6) << "nearly normal";
  // 2 of 4 degrees: 1 - 3/2 u + 1/2 u^3 = 3/2 (1-u)^2 - 1/2 (1-u)^3.
  const double rest = 4 / (4 + 1e16 + 1e8 * std::sqrt(4 + 1e16));
  EXPECT_NEAR(t_two_sided(1e8, 4) / (1.5 * rest * rest), 1, 1e-9) << "tiny ones keep their digits";
}

TEST(TTest, SamplesOfEqualSizeAndVarianceAgree) {
  const std::vector<double> a = {1, 2, 3}, b = {3, 4, 5};
  const TTestResult student = student_t_test(a, b), welch = welch_t_test(a, b);
  EXPECT_NEAR(student.difference, -2, 1e-14);
  EXPECT_NEAR(student.t, -2 / std::sqrt(2.0 / 3), 1e-12);
  EXPECT_NEAR(student.degrees, 4, 1e-12);
  EXPECT_NEAR(welch.t, student.t, 1e-12);
  EXPECT_NEAR(welch.degrees, 4, 1e-12);
  EXPECT_NEAR(welch.p_two_sided, student.p_two_sided, 1e-12);
  EXPECT_EQ(student_t_test(b, a).p_two_sided, student.p_two_sided);
}

TEST(TTest, WelchTakesVariancesApart) {
  const std::vector<double> a = {0, 10, 20, 30, 40}, b = {21, 22};
  // Variances 250 and 1/2, over their sizes 50 and 1/4.
  const TTestResult welch = welch_t_test(a, b);
  EXPECT_NEAR(welch.t, -1.5 / std::sqrt(50.25), 1e-12);
  EXPECT_NEAR(welch.degrees, 50.25 * 50.25 / (50.0 * 50 / 4 + 0.0625), 1e-9);
  const TTestResult student = student_t_test(a, b);
  EXPECT_EQ(student.n_a, 5);
  EXPECT_EQ(student.n_b, 2);
  EXPECT_NEAR(student.t, -1.5 / std::sqrt(1000.5 / 5 * (1.0 / 5 + 1.0 / 2)), 1e-12);
}

TEST(TTest, WithoutSpreadThereIsNoProbability) {
  const std::vector<double> one = {1}, same = {2, 2}, two = {1, 2};
  for (const auto test : {student_t_test, welch_t_test}) {
    EXPECT_TRUE(std::isnan(test(one, two).p_two_sided));
    EXPECT_EQ(test(one, two).reason, "each sample needs two values");
    EXPECT_EQ(test(same, same).reason, "no value differs from the others of its sample");
    EXPECT_TRUE(std::isfinite(test(same, two).p_two_sided));
    // The mean of three times 0.1 is not 0.1: rounding is no spread.
    const std::vector<double> tenths(3, 0.1), others(3, 0.7);
    EXPECT_TRUE(std::isnan(test(tenths, others).p_two_sided));
    EXPECT_EQ(test(tenths, others).reason, "no value differs from the others of its sample");
    EXPECT_EQ(test(tenths, others).difference, 0.1 - 0.7);
    EXPECT_TRUE(std::isnan(test({}, two).difference));
    const std::vector<double> bad = {1, std::nan("")};
    EXPECT_THAT(error_text<ArgumentError>([&] { return test(two, bad); }), HasSubstr("value 1 of sample b is nan"));
  }
}

}  // namespace
}  // namespace basewise::metrics
