#include "basewise/metrics/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/metrics/detail/cells.h"
#include "basewise/metrics/detail/percentile.h"
#include "basewise/metrics/registry.h"
#include "basewise/metrics/regression.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

const std::vector<RankingMetric> kBoth{[](const Ranking& r) { return r.auroc(); }, [](const Ranking& r) { return r.average_precision(); }};

struct Data {
  std::vector<float> scores;
  std::vector<std::uint8_t> labels;
  std::vector<std::int64_t> blocks;
};

Data random_data(std::uint64_t seed, int n, double prevalence, int levels) {
  Data d;
  Stream draw(seed);
  for (int i = 0; i < n; ++i) {
    d.labels.push_back(draw.bernoulli(prevalence));
    d.scores.push_back(static_cast<float>(std::round((draw.normal() + d.labels.back()) * levels) / levels));
    d.blocks.push_back(1000 - 7 * (i / 10));
  }
  return d;
}

TEST(RankingCells, UnitCountsGiveTheRankingBack) {
  const auto d = random_data(1, 500, 0.2, 4);
  const auto cells = detail::ranking_cells(d.scores, d.labels);
  std::vector<double> size(cells.count());
  for (const auto c : cells.cells) ++size[c];
  const auto again = detail::ranking_of_cells(cells, size);
  const Ranking whole(d.scores, d.labels);
  EXPECT_EQ(again.auroc().value, whole.auroc().value);
  EXPECT_EQ(again.average_precision().value, whole.average_precision().value);
  EXPECT_EQ(again.auprc_trapezoid().value, whole.auprc_trapezoid().value);
}

TEST(RankingCells, RecountedIsTheResampledRanking) {
  const auto d = random_data(2, 300, 0.1, 3);
  const auto cells = detail::ranking_cells(d.scores, d.labels);
  Stream draw(8);
  std::vector<float> weights(d.scores.size());
  std::vector<double> size(cells.count());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(draw.poisson(1));
    size[cells.cells[i]] += weights[i];
  }
  const auto recounted = detail::ranking_of_cells(cells, size);
  const Ranking weighted(d.scores, d.labels, weights);
  EXPECT_NEAR(recounted.auroc().value, weighted.auroc().value, 1e-13);
  EXPECT_NEAR(recounted.average_precision().value, weighted.average_precision().value, 1e-13);
  EXPECT_NEAR(recounted.auprc_trapezoid().value, weighted.auprc_trapezoid().value, 1e-13);
}

TEST(RankingCells, BothWaysOfDrawingHaveTheMomentsOfAMultinomial) {
  const std::vector<std::int64_t> size{700, 0, 100, 190, 10};
  std::vector<std::uint32_t> cells;
  for (std::uint32_t c = 0; c < 5; ++c) cells.insert(cells.end(), static_cast<std::size_t>(size[c]), c);
  for (int way = 0; way < 2; ++way) {
    constexpr int kDraws = 4000;
    std::vector<double> mean(5), square(5), drawn(5);
    for (int r = 0; r < kDraws; ++r) {
      Stream draw(4, static_cast<std::uint64_t>(r), static_cast<std::uint64_t>(way));
      // 64 empty cells more make single draws the faster way.
      auto sizes = size;
      if (way) sizes.resize(69), drawn.resize(69), drawn.assign(69, 0);
      detail::draw_cells(draw, sizes, way ? std::span<const std::uint32_t>(cells) : std::span<const std::uint32_t>(), drawn);
      double sum = 0;
      for (std::size_t c = 0; c < 5; ++c) sum += drawn[c], mean[c] += drawn[c] / kDraws, square[c] += drawn[c] * drawn[c] / kDraws;
      ASSERT_EQ(sum, 1000);
    }
    for (std::size_t c = 0; c < 5; ++c) {
      const double p = static_cast<double>(size[c]) / 1000, variance = 1000 * p * (1 - p);
      EXPECT_NEAR(mean[c], 1000 * p, 5 * std::sqrt(variance / kDraws) + 1e-9);
      EXPECT_NEAR(square[c] - mean[c] * mean[c], variance, 0.15 * variance + 1e-6);
    }
  }
}

TEST(RankingCells, ManyDrawsAreThoseOfOneAfterTheOther) {
  for (const std::size_t n : {1u, 3u, 200u, 4097u}) {
    Stream one(5, 7), many(5, 7);
    std::vector<std::uint32_t> expected(n), counts(n);
    for (std::size_t i = 0; i < n; ++i) ++expected[one.below(n)];
    detail::count_draws(many, counts);
    EXPECT_EQ(counts, expected) << n;
  }
}

TEST(Bootstrap, ReplicatesOfARankingAreThoseOfItsExamplesDrawnOneByOne) {
  const auto d = random_data(6, 150, 0.4, 40);
  const BootstrapOptions options{.replicates = 30, .seed = 9};
  const auto intervals = bootstrap_ranking(d.scores, d.labels, kBoth, options);
  // Replicate r by hand: the examples that Stream(seed, r) draws, as a data set of their own.
  for (std::size_t m = 0; m < 2; ++m) {
    std::vector<double> values;
    for (std::uint64_t r = 0; r < 30; ++r) {
      Stream draw(9, r);
      std::vector<float> scores;
      std::vector<std::uint8_t> labels;
      for (std::size_t i = 0; i < d.scores.size(); ++i) {
        const auto k = draw.below(d.scores.size());
        scores.push_back(d.scores[k]);
        labels.push_back(d.labels[k]);
      }
      values.push_back(kBoth[m](Ranking(scores, labels)).value);
    }
    const BootstrapResult expected = detail::percentile_interval(values, options.confidence);
    EXPECT_NEAR(intervals[m].low, expected.low, 1e-12);
    EXPECT_NEAR(intervals[m].high, expected.high, 1e-12);
  }
}

TEST(Bootstrap, StatisticsTogetherAreWhatEachIsAlone) {
  const auto d = random_data(8, 300, 0.3, 60);
  const BootstrapOptions options{.replicates = 40, .seed = 2};
  for (const bool blocks : {false, true}) {
    const std::vector<std::string> names{"accuracy", "auroc", "log_loss", "average_precision", "pearson"};
    const std::vector<float> targets(d.labels.begin(), d.labels.end());
    const MetricInput input{.scores = d.scores,
                            .targets = targets,
                            .blocks = blocks ? std::span<const std::int64_t>(d.blocks) : std::span<const std::int64_t>()};
    const auto together = bootstrap(names, input, options);
    for (std::size_t m = 0; m < names.size(); ++m) {
      const auto alone = bootstrap(std::vector<std::string>{names[m]}, input, options)[0];
      EXPECT_EQ(together[m].low, alone.low) << names[m];
      EXPECT_EQ(together[m].high, alone.high) << names[m];
      EXPECT_EQ(together[m].replicates, alone.replicates) << names[m];
    }
  }
}

TEST(Bootstrap, SameForAnyNumberOfThreads) {
  const auto d = random_data(3, 3000, 0.05, 1000);
  const BootstrapOptions options{.replicates = 50, .seed = 4};
  for (const bool blocks : {false, true}) {
    const auto run = [&] { return bootstrap_ranking(d.scores, d.labels, kBoth, options, blocks ? d.blocks : std::vector<std::int64_t>()); };
    set_threads(1);
    const auto one = run();
    set_threads(3);
    const auto three = run();
    set_threads(0);
    ASSERT_EQ(one.size(), 2u);
    for (std::size_t m = 0; m < 2; ++m) {
      EXPECT_EQ(one[m].low, three[m].low);
      EXPECT_EQ(one[m].high, three[m].high);
      EXPECT_EQ(one[m].replicates, 50);
      EXPECT_LT(one[m].low, one[m].high);
    }
  }
}

TEST(Bootstrap, WidthOfAurocIsHanleyAndMcNeils) {
  const auto d = random_data(5, 4000, 0.1, 100'000);
  const Ranking r(d.scores, d.labels);
  const double a = r.auroc().value, p = r.positives(), n = r.negatives();
  const double q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
  const double se = std::sqrt((a * (1 - a) + (p - 1) * (q1 - a * a) + (n - 1) * (q2 - a * a)) / (p * n));
  const auto result = bootstrap_ranking(d.scores, d.labels, kBoth, {.replicates = 600, .seed = 1});
  EXPECT_NEAR(result[0].standard_error / se, 1, 0.15);
  EXPECT_NEAR((result[0].high - result[0].low) / (2 * 1.96 * se), 1, 0.2);
  EXPECT_LT(result[0].low, a);
  EXPECT_GT(result[0].high, a);
}

TEST(Bootstrap, BlocksOfCopiesWidenTheInterval) {
  auto d = random_data(6, 600, 0.3, 100'000);
  Data copies;
  for (std::size_t i = 0; i < d.scores.size(); ++i)
    for (int k = 0; k < 10; ++k) {
      copies.scores.push_back(d.scores[i]);
      copies.labels.push_back(d.labels[i]);
      copies.blocks.push_back(static_cast<std::int64_t>(i));
    }
  const BootstrapOptions options{.replicates = 400};
  const auto single = bootstrap_ranking(d.scores, d.labels, kBoth, options);
  const auto blocked = bootstrap_ranking(copies.scores, copies.labels, kBoth, options, copies.blocks);
  const auto naive = bootstrap_ranking(copies.scores, copies.labels, kBoth, options);
  EXPECT_NEAR(blocked[0].standard_error / single[0].standard_error, 1, 0.2);
  EXPECT_NEAR(naive[0].standard_error / single[0].standard_error, std::sqrt(0.1), 0.08);
}

TEST(Bootstrap, GenericMeanHasTheErrorOfTheMean) {
  std::vector<double> values;
  Stream draw(2);
  for (int i = 0; i < 400; ++i) values.push_back(draw.normal());
  const auto result = bootstrap(400, [&](std::span<const std::uint32_t> counts) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += counts[i] * values[i];
    return MetricResult::of(sum / 400);
  }, {.replicates = 800});
  EXPECT_NEAR(result.standard_error, 1 / std::sqrt(400), 0.006);
}

TEST(Bootstrap, CountsReplicatesWithoutValue) {
  const std::vector<float> scores{3, 2, 1};
  const std::vector<std::uint8_t> labels{1, 0, 0}, none{0, 0, 0};
  const auto result = bootstrap_ranking(scores, labels, kBoth, {.replicates = 300})[0];
  EXPECT_EQ(result.replicates + result.undefined, 300);
  EXPECT_NEAR(static_cast<double>(result.undefined), 300.0 * (8 + 1) / 27, 45);  // no positive drawn, or nothing else
  const auto empty = bootstrap_ranking(scores, none, kBoth, {.replicates = 20})[0];
  EXPECT_EQ(empty.reason, "the metric is undefined in every replicate");
  EXPECT_TRUE(std::isnan(empty.low));
  EXPECT_EQ(bootstrap(0, {}, {}).reason, "no examples");
}

TEST(Bootstrap, ASingleBlockOrExampleGivesNoInterval) {
  const auto d = random_data(8, 50, 0.4, 1000);
  const std::vector<std::int64_t> one(d.scores.size(), 12), two = [&] {
    auto blocks = one;
    for (std::size_t i = 0; i < blocks.size(); i += 2) blocks[i] = 13;
    return blocks;
  }();
  for (const auto& none : bootstrap_ranking(d.scores, d.labels, kBoth, {.replicates = 20}, one)) {
    EXPECT_EQ(none.replicates, 0);
    EXPECT_TRUE(std::isnan(none.low) && std::isnan(none.high) && std::isnan(none.standard_error));
    EXPECT_EQ(none.reason, "a single block or example cannot be drawn again");
  }
  EXPECT_LT(bootstrap_ranking(d.scores, d.labels, kBoth, {.replicates = 20}, two)[0].low, 1);
  const auto constant = [](std::span<const std::uint32_t>) { return MetricResult::of(3); };
  EXPECT_EQ(bootstrap(1, constant, {.replicates = 20}).replicates, 0);
  EXPECT_EQ(bootstrap(2, constant, {.replicates = 20}).replicates, 20);
}

TEST(Bootstrap, QuantilesInterpolate) {
  const auto r = detail::percentile_interval({4, 0, 3, std::nan(""), 1, 2}, 0.5);
  EXPECT_EQ(r.low, 1);
  EXPECT_EQ(r.high, 3);
  EXPECT_EQ(r.undefined, 1);
  const auto wide = detail::percentile_interval({0, 1}, 0.9);
  EXPECT_NEAR(wide.low, 0.05, 1e-12);
  EXPECT_NEAR(wide.high, 0.95, 1e-12);
}

TEST(Bootstrap, RefusesBadOptions) {
  const auto message = [](BootstrapOptions options) -> std::string {
    return error_text<ArgumentError>([&] { bootstrap(3, {}, options); });
  };
  EXPECT_EQ(message({.replicates = 0}), "bootstrap.replicates is 0: expected at least 1");
  EXPECT_EQ(message({.confidence = 1}), "bootstrap.confidence is 1: expected a number between 0 and 1");
}

}  // namespace
}  // namespace basewise::metrics
