#include "basewise/metrics/probability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

using Labels = std::vector<std::uint8_t>;

TEST(LogLoss, LogitsAndProbabilitiesAgree) {
  std::vector<float> logits, probabilities;
  Labels labels;
  Stream draw(3);
  for (int i = 0; i < 500; ++i) {
    logits.push_back(static_cast<float>(2 * draw.normal()));
    probabilities.push_back(static_cast<float>(sigmoid(logits.back())));
    labels.push_back(draw.bernoulli(0.4));
  }
  EXPECT_NEAR(log_loss(logits, labels, ScoreScale::logit).value, log_loss(probabilities, labels, ScoreScale::probability).value, 1e-6);
  EXPECT_NEAR(brier(logits, labels, ScoreScale::logit).value, brier(probabilities, labels, ScoreScale::probability).value, 1e-7);
}

TEST(LogLoss, TailsOfLogits) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_DOUBLE_EQ(log_loss(std::vector<float>{-800}, Labels{1}, ScoreScale::logit).value, 800);
  EXPECT_EQ(log_loss(std::vector<float>{inf}, Labels{1}, ScoreScale::logit).value, 0);
  EXPECT_EQ(log_loss(std::vector<float>{inf}, Labels{0}, ScoreScale::logit).value, std::numeric_limits<double>::infinity());
  EXPECT_NEAR(log_loss(std::vector<float>{40}, Labels{1}, ScoreScale::logit).value, std::exp(-40.0), 1e-30);
  EXPECT_NEAR(log_loss(std::vector<float>{0}, Labels{1}, ScoreScale::probability).value, -std::log(1e-7), 1e-12);
  EXPECT_EQ(log_loss({}, {}, ScoreScale::logit).reason, "no examples");
}

TEST(Calibration, HandComputedBins) {
  const std::vector<float> p{0.125f, 0.25f, 0.75f, 0.875f, 1.0f};
  const Labels y{0, 1, 1, 0, 1};
  const auto c = calibration(p, y, ScoreScale::probability, 4);
  ASSERT_EQ(c.bins.size(), 3u);  // nothing lies in [0.5, 0.75)
  EXPECT_EQ(c.bins[0].weight, 1);
  EXPECT_EQ(c.bins[1].low, 0.25);
  EXPECT_EQ(c.bins[1].fraction_positive, 1);
  EXPECT_DOUBLE_EQ(c.bins[2].mean_probability, 2.625 / 3);
  EXPECT_DOUBLE_EQ(c.bins[2].fraction_positive, 2.0 / 3);
  EXPECT_DOUBLE_EQ(c.expected.value, (0.125 + 0.75 + 3 * (2.625 / 3 - 2.0 / 3)) / 5);
  EXPECT_DOUBLE_EQ(c.maximum.value, 0.75);
}

TEST(Calibration, EqualMassBinsAreEvenAndKeepTiesTogether) {
  std::vector<float> p;
  Labels y;
  Stream draw(9);
  for (int i = 0; i < 10'000; ++i) {
    p.push_back(static_cast<float>(draw.uniform() * draw.uniform()));
    y.push_back(draw.bernoulli(p.back()));
  }
  const auto c = calibration(p, y, ScoreScale::probability, 10, Binning::equal_mass);
  ASSERT_EQ(c.bins.size(), 10u);
  for (std::size_t b = 0; b < 10; ++b) {
    EXPECT_EQ(c.bins[b].weight, 1000);
    if (b) {
      EXPECT_GT(c.bins[b].low, c.bins[b - 1].high);
    }
  }
  EXPECT_LT(c.expected.value, 0.03);  // labels were drawn from the probabilities

  const std::vector<float> same(40, 0.5f);
  const Labels half = [] {
    Labels l(40, 0);
    std::fill(l.begin(), l.begin() + 20, 1);
    return l;
  }();
  const auto tied = calibration(same, half, ScoreScale::probability, 10, Binning::equal_mass);
  ASSERT_EQ(tied.bins.size(), 1u);
  EXPECT_EQ(tied.expected.value, 0);
  EXPECT_EQ(calibration({}, {}, ScoreScale::logit).expected.reason, "no examples");
}

TEST(Calibration, WholeWeightsAreRepeatedExamples) {
  const std::vector<float> x{-1, 0, 2}, w{2, 0, 3}, xs{-1, -1, 2, 2, 2};
  const Labels y{1, 0, 0}, ys{1, 1, 0, 0, 0};
  for (const auto binning : {Binning::equal_width, Binning::equal_mass})
    EXPECT_NEAR(calibration(x, y, ScoreScale::logit, 5, binning, w).expected.value,
                calibration(xs, ys, ScoreScale::logit, 5, binning).expected.value, 1e-15);
}

TEST(Probability, RefusesBadInput) {
  const std::vector<float> logits{0.5f, 1.5f};
  const Labels y{0, 1}, bad{0, 7};
  EXPECT_EQ(error_text<ArgumentError>([&] { brier(logits, y, ScoreScale::probability); }),
            "probability is 1.5 at index 1: expected 0 to 1 (are these logits?)");
  EXPECT_EQ(error_text<ArgumentError>([&] { log_loss(logits, bad, ScoreScale::logit); }), "label is 7 at index 1: expected 0 or 1");
  EXPECT_EQ(error_text<ArgumentError>([&] { calibration(logits, y, ScoreScale::logit, 0); }),
            "calibration asked for 0 bins: expected at least 1");
}

TEST(Wilson, KnownValuesAndEnds) {
  // statsmodels.stats.proportion.proportion_confint(8, 10, method="wilson") gives these.
  const auto i = wilson_interval(8, 10);
  EXPECT_NEAR(i.low, 0.4901625, 1e-6);
  EXPECT_NEAR(i.high, 0.9433178, 1e-6);
  EXPECT_EQ(wilson_interval(0, 20).low, 0);
  EXPECT_NEAR(wilson_interval(0, 20).high, 1 - wilson_interval(20, 20).low, 1e-12);
  EXPECT_EQ(wilson_interval(0, 0).high, 1);
  EXPECT_THROW(wilson_interval(3, 2), ArgumentError);
}

}  // namespace
}  // namespace basewise::metrics
