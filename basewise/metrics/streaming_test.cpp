// Streams of pairs give what the pairs give, in memory that stays.
#include "basewise/metrics/streaming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

using ::testing::HasSubstr;

struct Pairs {
  std::vector<float> predictions, targets;
  std::vector<std::int64_t> blocks;
  MetricInput input() const { return {.scores = predictions, .targets = targets, .blocks = blocks}; }
};

/// Reads that follow a prediction: many zeros, a long tail. Or labels.
Pairs pairs(std::size_t n, bool labels, std::uint64_t seed = 3) {
  Pairs p;
  Stream draw(seed);
  for (std::size_t i = 0; i < n; ++i) {
    const double x = draw.normal();
    const double y = labels ? draw.bernoulli(1 / (1 + std::exp(1 - x))) : std::floor(std::exp(x + draw.normal()));
    p.predictions.push_back(static_cast<float>(x));
    p.targets.push_back(static_cast<float>(y));
    p.blocks.push_back(static_cast<std::int64_t>(i / 100));
  }
  return p;
}

const std::vector<std::string> kNumbers = {"pearson", "spearman", "r2", "mse", "mae"};
const std::vector<std::string> kLabels = {"auroc", "average_precision", "recall_at_fdr:0.4", "accuracy", "log_loss", "calibration_error"};

struct Streamed {
  PairSums sums = {};
  PairBins bins = {};
  BlockSums blocks = {};
};

Streamed stream(const StreamedMetrics& metrics, const Pairs& p, std::size_t from, std::size_t to, const PairBins& bins) {
  Streamed s{.bins = bins};
  for (std::size_t i = from; i < to; i += 100) {
    const auto x = std::span(p.predictions).subspan(i, 100), y = std::span(p.targets).subspan(i, 100);
    const PairSums part = metrics.sums(x, y);
    s.sums.merge(part);
    if (metrics.needs_bins()) s.bins.add(x, y);
    s.blocks.add(p.blocks[i], part);
  }
  return s;
}

TEST(Streaming, SumsAreExactAndBinsFine) {
  for (const bool labels : {false, true}) {
    const auto& names = labels ? kLabels : kNumbers;
    const StreamedMetrics metrics(names, ScoreScale::logit);
    EXPECT_EQ(metrics.labels(), labels);
    const Pairs p = pairs(20'000, labels);
    // Bins are fitted to the first twentieth.
    const PairBins bins =
        PairBins::fit(std::span(p.predictions).first(1000), std::span(p.targets).first(1000), labels ? 1024 : 64 * 64, labels);
    const Streamed s = stream(metrics, p, 0, p.targets.size(), bins);
    const auto values = metrics.values(s.sums, s.bins);
    const auto expected = compute(names, p.input());
    for (std::size_t m = 0; m < names.size(); ++m) {
      const bool exact = parts_of(names[m]) != MetricParts::cells;
      EXPECT_EQ(values[m].bins == 0, exact) << names[m];
      EXPECT_NEAR(values[m].value.value, expected[m].value, exact ? 1e-9 : 2e-3) << names[m];
    }
  }
}

TEST(Streaming, PartsMergeToTheWhole) {
  const StreamedMetrics metrics(kNumbers, ScoreScale::logit);
  const Pairs p = pairs(9000, false);
  const PairBins bins = PairBins::fit(p.predictions, p.targets, 50 * 50, false);
  const Streamed whole = stream(metrics, p, 0, 9000, bins);
  Streamed part = stream(metrics, p, 0, 2500, bins);
  const Streamed rest = stream(metrics, p, 2500, 9000, bins);
  part.sums.merge(rest.sums);
  part.bins.merge(rest.bins);
  part.blocks.merge(rest.blocks);
  const auto a = metrics.values(whole.sums, whole.bins), b = metrics.values(part.sums, part.bins);
  for (std::size_t m = 0; m < kNumbers.size(); ++m) EXPECT_NEAR(a[m].value.value, b[m].value.value, 1e-12) << kNumbers[m];
  // Bins of another kind: to the width of a bin.
  PairBins other = PairBins::fit(std::span(p.predictions).first(500), std::span(p.targets).first(500), 60 * 60, false);
  other.merge(whole.bins);
  EXPECT_NEAR(metrics.values(whole.sums, other)[1].value.value, a[1].value.value, 5e-3);
  EXPECT_NEAR(metrics.values(whole.sums, PairBins::join({&part.bins}, 80 * 80, false))[1].value.value, a[1].value.value, 1e-9);
}

TEST(Streaming, IntervalsAreThoseOfTheBlocks) {
  const StreamedMetrics metrics(kNumbers, ScoreScale::logit);
  const Pairs p = pairs(5000, false);
  const Streamed s = stream(metrics, p, 0, 5000, PairBins::fit(p.predictions, p.targets, 4096, false));
  const BootstrapOptions options{.replicates = 50, .seed = 7};
  const auto intervals = metrics.intervals(s.blocks, options), expected = bootstrap(kNumbers, p.input(), options);
  for (std::size_t m = 0; m < kNumbers.size(); ++m) {
    if (kNumbers[m] == "spearman") {
      EXPECT_EQ(intervals[m].replicates, 0);
      EXPECT_EQ(intervals[m].reason, "computed from bins, which a bootstrap cannot draw again");
      continue;
    }
    EXPECT_NEAR(intervals[m].low, expected[m].low, 1e-9) << kNumbers[m];
    EXPECT_NEAR(intervals[m].high, expected[m].high, 1e-9) << kNumbers[m];
  }
}

TEST(Streaming, BlocksStayFewAndTheirOrderDoesNotMatter) {
  const StreamedMetrics metrics({"mse"}, ScoreScale::logit);
  BlockSums up, down, parts, rest;
  const std::int64_t n = 3 * static_cast<std::int64_t>(BlockSums::kMost);
  const auto one = [&](std::int64_t b) {
    const float x = static_cast<float>(b % 17);
    return metrics.sums(std::span(&x, 1), std::vector<float>{1});
  };
  for (std::int64_t b = 0; b < n; ++b) up.add(b, one(b)), (b % 5 ? parts : rest).add(b, one(b));
  for (std::int64_t b = n; b-- > 0;) down.add(b, one(b));
  parts.merge(rest);
  EXPECT_EQ(up.joined(), 4);
  EXPECT_EQ(up.blocks().size(), static_cast<std::size_t>(n / 4));
  for (const BlockSums* other : {&down, &parts}) {
    ASSERT_EQ(other->blocks().size(), up.blocks().size());
    for (const auto& [block, sums] : up.blocks()) EXPECT_EQ(other->blocks().at(block).pairs, sums.pairs);
  }
  EXPECT_LT(up.bytes(), 1'000'000);
}

TEST(Streaming, MemoryDoesNotGrow) {
  const Pairs p = pairs(50'000, false);
  PairBins bins = PairBins::fit(std::span(p.predictions).first(500), std::span(p.targets).first(500), 400, false);
  const std::int64_t before = bins.bytes();
  bins.add(p.predictions, p.targets);
  EXPECT_EQ(bins.bytes(), before);
  EXPECT_LE(bins.prediction_bins() * bins.target_bins(), 400);
}

TEST(Streaming, RefusesWhatAMetricRefuses) {
  const StreamedMetrics labels({"auroc"}, ScoreScale::logit);
  const std::vector<float> x = {1, 2}, y = {0, 0.5F}, nan = {0, NAN};
  EXPECT_EQ(error_text([&] { labels.sums(x, y); }), "label is 0.5 at index 1: expected 0 or 1");
  EXPECT_THAT(error_text([&] { labels.sums(nan, x); }), HasSubstr("prediction is NaN at index 1"));
  EXPECT_THAT(error_text([&] { StreamedMetrics({"jsd"}, ScoreScale::logit); }), HasSubstr("'jsd' compares profiles"));
  EXPECT_THAT(error_text([&] { (void)compute("auroc", PairMoments()); }), HasSubstr("'auroc' does not follow from moments"));
}

TEST(Streaming, LogsAreExactToo) {
  Pairs p = pairs(900, false);
  for (float& x : p.predictions) x = std::exp(x);
  const std::vector<std::string> names = {"pearson_log", "r2_log"};
  const StreamedMetrics metrics(names, ScoreScale::logit);
  EXPECT_FALSE(metrics.needs_bins());
  Streamed first = stream(metrics, p, 0, 300, {});
  const Streamed second = stream(metrics, p, 300, 900, {});
  first.sums.merge(second.sums);
  first.blocks.merge(second.blocks);
  const auto values = metrics.values(first.sums, {});
  const BootstrapOptions options{.replicates = 30};
  const auto intervals = metrics.intervals(first.blocks, options), expected = bootstrap(names, p.input(), options);
  for (std::size_t m = 0; m < names.size(); ++m) {
    EXPECT_NEAR(values[m].value.value, compute(names[m], p.input()).value, 1e-12) << names[m];
    EXPECT_EQ(values[m].bins, 0);
    EXPECT_NEAR(intervals[m].low, expected[m].low, 1e-9) << names[m];
  }
  p.predictions[777] = -1;
  for (const std::string& name : names)
    EXPECT_EQ(compute(name, p.input()).reason, "a value is -1 or less and has no log2(x + 1)");
  first.sums.merge(metrics.sums(std::span(p.predictions).subspan(700, 100), std::span(p.targets).subspan(700, 100)));
  EXPECT_FALSE(metrics.values(first.sums, {})[0].value.defined()) << "one part without logarithms is enough";
}

}  // namespace
}  // namespace basewise::metrics
