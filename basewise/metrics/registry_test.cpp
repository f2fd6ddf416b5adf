#include "basewise/metrics/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "basewise/metrics/ranking.h"
#include "basewise/metrics/regression.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

constexpr std::int64_t kRows = 61;
constexpr std::int64_t kTasks = 5;

struct Table {
  std::vector<float> scores, targets, weights;
  std::vector<std::uint8_t> mask;
  std::vector<std::int64_t> blocks;
  MetricInput input() const { return {.scores = scores, .targets = targets, .mask = mask}; }
};

/// (rows, tasks), row-major; some values missing, with NaN where they are.
Table random_table() {
  Table t;
  Stream draw(17);
  for (std::int64_t i = 0; i < kRows * kTasks; ++i) {
    t.mask.push_back(draw.bernoulli(0.8));
    t.targets.push_back(t.mask.back() ? static_cast<float>(draw.bernoulli(0.4)) : std::nanf(""));
    t.scores.push_back(t.mask.back() ? static_cast<float>(draw.normal() + t.targets.back()) : std::nanf(""));
  }
  for (std::int64_t i = 0; i < kRows; ++i) t.blocks.push_back(i / 4), t.weights.push_back(static_cast<float>(draw.integer(0, 2)));
  return t;
}

TEST(Registry, EveryMetricComputesAndHasAnInterval) {
  const auto t = random_table();
  std::set<std::string> names;
  for (const auto& info : all_metrics()) {
    names.insert(info.name);
    if (info.kind == MetricKind::profile) continue;  // profile_test.cpp
    auto c = column(t.input(), kTasks, 2);
    if (info.name.ends_with("_log"))  // of numbers above -1
      for (float& score : c.scores) score = std::exp(score);
    EXPECT_TRUE(compute(info.name, c.input()).defined()) << info.name;
    const auto interval = bootstrap({info.name}, c.input(), {.replicates = 40})[0];
    EXPECT_LT(interval.low, interval.high) << info.name;
    EXPECT_FALSE(info.help.empty());
  }
  EXPECT_EQ(names.size(), all_metrics().size());
  EXPECT_FALSE(compute("r2_log", column(t.input(), kTasks, 2).input()).defined()) << "a score is below -1";
  EXPECT_TRUE(find_metric("auroc").higher_is_better);
  EXPECT_FALSE(find_metric("log_loss").higher_is_better);
  EXPECT_EQ(find_metric("mse").kind, MetricKind::numeric);
}

TEST(Registry, HigherIsBetterTellsTheTruth) {
  std::vector<float> good, bad, targets;
  Stream draw(1);
  for (int i = 0; i < 200; ++i) {
    targets.push_back(static_cast<float>(draw.bernoulli(0.5)));
    const double signal = 4 * targets.back() - 2, noise = draw.normal();
    good.push_back(static_cast<float>(0.5 / (1 + std::exp(-signal)) + 0.5 * targets.back()));
    bad.push_back(static_cast<float>(1 / (1 + std::exp(-3 * noise))));
  }
  for (const auto& info : all_metrics()) {
    if (info.kind == MetricKind::profile) continue;
    const double g = compute(info.name, {.scores = good, .targets = targets, .scale = ScoreScale::probability}).value;
    const double b = compute(info.name, {.scores = bad, .targets = targets, .scale = ScoreScale::probability}).value;
    EXPECT_TRUE(info.higher_is_better ? g > b : g < b) << info.name << " " << g << " " << b;
  }
}

TEST(Registry, MaskEqualsLeavingOut) {
  const auto t = random_table();
  const auto c = column(t.input(), kTasks, 3);
  std::vector<float> scores, targets;
  for (std::int64_t row = 0; row < kRows; ++row)
    if (t.mask[row * kTasks + 3]) scores.push_back(t.scores[row * kTasks + 3]), targets.push_back(t.targets[row * kTasks + 3]);
  EXPECT_EQ(c.scores, scores);
  EXPECT_EQ(c.targets, targets);
  EXPECT_EQ(c.missing, kRows - static_cast<std::int64_t>(scores.size()));
  const auto counts = count(t.input());
  EXPECT_EQ(counts.examples + counts.missing, kRows * kTasks);
  EXPECT_NEAR(counts.prevalence(), 0.4, 0.1);
}

TEST(Registry, OutputsAreColumnsNotRows) {
  auto t = random_table();
  for (std::int64_t row = 0; row < kRows; ++row) t.targets[row * kTasks + 4] = 0;
  const auto result = compute_outputs("auroc", t.input(), kTasks);
  ASSERT_EQ(result.per_output.size(), static_cast<std::size_t>(kTasks));
  EXPECT_EQ(result.defined, 4);
  EXPECT_EQ(result.per_output[4].reason, "no positive examples");
  double sum = 0;
  for (int k = 0; k < 4; ++k) {
    const auto c = column(t.input(), kTasks, k);
    const std::vector<std::uint8_t> labels(c.targets.begin(), c.targets.end());
    EXPECT_EQ(result.per_output[k].value, auroc(c.scores, labels).value);
    sum += result.per_output[k].value;
  }
  EXPECT_DOUBLE_EQ(result.mean.value, sum / 4);
  EXPECT_EQ(result.pooled.value, compute("auroc", t.input()).value);
  EXPECT_THAT(mean_defined({MetricResult::undefined("no examples")}).reason, testing::HasSubstr("every output: no examples"));
}

TEST(Registry, WeightsCountForARow) {
  auto t = random_table();
  auto input = t.input();
  input.weights = t.weights;
  const auto result = compute_outputs("average_precision", input, kTasks);
  const auto c = column(input, kTasks, 1);
  const std::vector<std::uint8_t> labels(c.targets.begin(), c.targets.end());
  EXPECT_EQ(result.per_output[1].value, average_precision(c.scores, labels, c.weights).value);
  EXPECT_TRUE(result.pooled.defined());
}

TEST(Registry, ParametersFollowAColon) {
  const auto t = random_table();
  const auto c = column(t.input(), kTasks, 0);
  const std::vector<std::uint8_t> labels(c.targets.begin(), c.targets.end());
  EXPECT_EQ(compute("recall_at_fdr:0.4", c.input()).value, recall_at_fdr(c.scores, labels, 0.4).value);
  EXPECT_EQ(compute("accuracy", c.input()).value, accuracy(c.scores, labels, 0).value);
  EXPECT_EQ(compute("accuracy:0.3", c.input()).value, accuracy(c.scores, labels, std::log(0.3f / 0.7f)).value);
}

TEST(Registry, MomentsAndWeightsGiveTheSameIntervals) {
  // mse is resampled by merging blocks, mae by sums, matthews by weights: for targets and scores of
  // 0 and 1 mse and mae are the same number, and matthews is the Pearson correlation.
  std::vector<float> scores, targets;
  std::vector<std::int64_t> blocks;
  Stream draw(6);
  for (int i = 0; i < 300; ++i) {
    scores.push_back(static_cast<float>(draw.bernoulli(0.5)));
    targets.push_back(static_cast<float>(draw.bernoulli(0.5)));
    blocks.push_back(i / 7);
  }
  const auto r = bootstrap({"mse", "mae", "pearson", "matthews"},
                           {.scores = scores, .targets = targets, .blocks = blocks, .scale = ScoreScale::probability}, {.replicates = 60});
  EXPECT_NEAR(r[0].low, r[1].low, 1e-12);
  EXPECT_NEAR(r[0].high, r[1].high, 1e-12);
  EXPECT_NEAR(r[2].low, r[3].low, 1e-12);
  EXPECT_NEAR(r[2].high, r[3].high, 1e-12);
}

TEST(Registry, RanksAreDrawnAsIfSortedEachTime) {
  std::vector<float> x, y;
  std::vector<std::int64_t> blocks;
  Stream draw(8);
  for (int i = 0; i < 230; ++i) {
    x.push_back(static_cast<float>(draw.integer(0, 30)));
    y.push_back(x.back() + static_cast<float>(draw.integer(-9, 9)));
    blocks.push_back(i / 6);
  }
  const BootstrapOptions options{.replicates = 50, .seed = 3};
  const auto found = bootstrap({"spearman"}, {.scores = x, .targets = y, .blocks = blocks}, options)[0];
  const auto wanted = bootstrap(
      blocks.back() + 1,
      [&](std::span<const std::uint32_t> counts) {
        std::vector<float> repeated_x, repeated_y;
        for (std::size_t i = 0; i < x.size(); ++i)
          for (std::uint32_t n = 0; n < counts[static_cast<std::size_t>(blocks[i])]; ++n) {
            repeated_x.push_back(x[i]);
            repeated_y.push_back(y[i]);
          }
        return compute("spearman", {.scores = repeated_x, .targets = repeated_y});
      },
      options);
  EXPECT_LT(found.low, found.high);
  EXPECT_NEAR(found.low, wanted.low, 1e-12);
  EXPECT_NEAR(found.high, wanted.high, 1e-12);
  EXPECT_NEAR(found.standard_error, wanted.standard_error, 1e-12);
}

TEST(Registry, RefusesWhatItDoesNotKnow) {
  const std::vector<float> x{0, 1}, w{1, 1}, half{0.5f, 1};
  const MetricInput input{.scores = x, .targets = x};
  EXPECT_THAT(error_text<ArgumentError>([&] { compute("auroc2", input); }),
              testing::HasSubstr("unknown metric 'auroc2', did you mean 'auroc'?"));
  EXPECT_EQ(error_text<ArgumentError>([&] { compute("pooled.keras_auroc", input); }),
            "unknown metric 'pooled.keras_auroc': write 'keras_auroc', which gives values of each output, their mean and pooled; "
            "prefixes such as 'pooled.' go into train.select.metric");
  EXPECT_THAT(error_text<ArgumentError>([&] { compute("auroc:3", input); }), testing::HasSubstr("'auroc' takes no parameter"));
  EXPECT_THAT(error_text<ArgumentError>([&] { compute("recall_at_fdr:1.5", input); }),
              testing::HasSubstr("'1.5' is no false discovery rate: expected a number from 0 to 1"));
  EXPECT_EQ(error_text<ArgumentError>([&] { compute("auroc", {.scores = x, .targets = half}); }),
            "label is 0.5 at index 0: expected 0 or 1");
  EXPECT_THAT(error_text<ArgumentError>([&] { bootstrap({"auroc"}, {.scores = x, .targets = x, .weights = w}, {}); }),
              testing::HasSubstr("weights"));
  EXPECT_THAT(error_text<ArgumentError>([&] { compute_outputs("auroc", input, 3); }),
              testing::HasSubstr("2 scores are no whole number of rows of 3 outputs"));
}

}  // namespace
}  // namespace basewise::metrics
