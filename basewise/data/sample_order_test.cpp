#include "basewise/data/detail/sample_order.h"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/loader.h"
#include "basewise/data/views.h"
#include "tests/support/error_text.h"

namespace basewise::data::detail {
namespace {

using testing::HasSubstr;
using testing_support::equal;
using testing_support::Numbers;

std::vector<std::int64_t> numbers(std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(first + i);
  return all;
}

TEST(SampleOrder, TheThinningOfThePublishedSets) {
  // CTCF and SPI1 of Zhou et al. 2022: both are thinned by two, 27 to 28 % of a round are positive.
  EXPECT_EQ(SampleOrder(numbers(0, 37'196), numbers(37'196, 200'742), 0.2, true, 1).thinning(), 2);
  EXPECT_EQ(SampleOrder(numbers(0, 35'276), numbers(35'276, 182'577), 0.2, true, 1).thinning(), 2);
  EXPECT_EQ(SampleOrder(numbers(0, 10), numbers(10, 40), 0.2, true, 1).thinning(), 1) << "the share is there already";
  EXPECT_EQ(SampleOrder(numbers(0, 10), numbers(10, 80), 0.2, true, 1).thinning(), 2);
  EXPECT_EQ(SampleOrder(numbers(0, 10), numbers(10, 81), 0.2, true, 1).thinning(), 3);
}

RC_GTEST_PROP(SampleOrder, RoundsTakeEveryNegativeOnceInTurn, ()) {
  const auto p = *rc::gen::inRange<std::int64_t>(1, 30);
  const auto q = *rc::gen::inRange<std::int64_t>(1, 120);
  const double share = *rc::gen::elementOf(std::vector<double>{0.1, 0.2, 0.5, 0.9});
  const bool shuffle = *rc::gen::arbitrary<bool>();
  const SampleOrder order(numbers(0, p), numbers(p, q), share, shuffle, 7);
  const std::int64_t s = order.thinning();
  std::map<std::int64_t, int> seen;
  std::vector<std::int64_t> row;
  for (std::int64_t k = 0; k < 2 * s; ++k) {
    const auto round = order.round(k);
    std::int64_t positives = 0;
    for (std::size_t at = 0; at < round.size(); ++at) {
      positives += round[at] < p;
      ++seen[round[at]];
      // Evenly interleaved: never a whole example away from the share of the round.
      const double expected = static_cast<double>(p) * static_cast<double>(at + 1) / static_cast<double>(round.size());
      RC_ASSERT(std::abs(static_cast<double>(positives) - expected) < 1);
    }
    RC_ASSERT(positives == p);
    RC_ASSERT(static_cast<double>(p) >= share * static_cast<double>(round.size()) - 1 || s == q);
    row.insert(row.end(), round.begin(), round.end());
  }
  for (std::int64_t i = 0; i < p + q; ++i) RC_ASSERT(seen[i] == (i < p ? 2 * s : 2));
  // Any stretch of the endless row is the same, wherever one begins.
  const auto first = *rc::gen::inRange<std::size_t>(0, row.size());
  const auto draws = order.draws(static_cast<std::int64_t>(first), static_cast<std::int64_t>(row.size() - first));
  RC_ASSERT(draws.size() == row.size() - first);
  for (std::size_t k = 0; k < draws.size(); ++k) RC_ASSERT(draws[k].example == row[first + k]);
}

TEST(SampleOrder, EvenlyEveryExampleOncePerRound) {
  const SampleOrder order(7, true, 3);
  EXPECT_NE(order.round(0), order.round(1));
  EXPECT_THAT(order.round(4), testing::UnorderedElementsAreArray(numbers(0, 7)));
  EXPECT_EQ(SampleOrder(7, false, 3).round(4), numbers(0, 7));
  EXPECT_EQ(order.draws(15, 1)[0].round, 2);
}

TEST(SampleOrder, ErrorsSayWhatIsMissing) {
  EXPECT_THAT(error_text([] { SampleOrder({}, numbers(0, 9), 0.2, true, 1); }),
              HasSubstr("needs positives and negatives; the set has 0 and 9"));
  EXPECT_THAT(error_text([] { SampleOrder(0, true, 1); }), HasSubstr("no example to draw batches from"));
}

// Examples of which every fifth is positive; label and draw are told.
class FifthPositive : public Dataset {
 public:
  std::int64_t size() const override { return 60; }
  Bundle get(std::int64_t i, Stream draw) const override {
    return {{"labels", at::tensor({i % 5 == 0 ? 1.0F : 0.0F, 0.0F})},
            {"position", at::scalar_tensor(i, at::kLong)},
            {"draw", at::scalar_tensor(static_cast<std::int64_t>(draw.bits64() >> 1), at::kLong)}};
  }
  std::string summary() const override { return "every fifth is positive"; }
};

TEST(BalancedLoader, EpochsOfAFixedNumberOfBatches) {
  const auto set = std::make_shared<FifthPositive>();
  const LoaderOptions options{
      .batch_size = 9, .batches_per_epoch = 4, .sampling = Sampling::balanced, .positive_fraction = 0.5, .workers = 0, .seed = 3};
  Loader loader(set, options);
  ASSERT_EQ(loader.batches(), 4);
  // Twelve positives and a fourth of 48 negatives in a pass of 24:
  // 36 examples of an epoch are one and a half.
  std::map<std::int64_t, int> seen;
  std::set<std::int64_t> draws;
  for (std::int64_t epoch = 0; epoch < 8; ++epoch) {
    loader.start(epoch);
    while (auto batch = loader.next()) {
      ASSERT_EQ(batch->at("position").size(0), 9);
      const auto positives = batch->at("labels").sum().item<float>();
      EXPECT_TRUE(positives == 4 || positives == 5) << positives;
      for (std::int64_t i = 0; i < 9; ++i) {
        ++seen[batch->at("position")[i].item<std::int64_t>()];
        draws.insert(batch->at("draw")[i].item<std::int64_t>());
      }
    }
  }
  for (std::int64_t i = 0; i < 60; ++i) EXPECT_EQ(seen[i], i % 5 == 0 ? 12 : 3) << i;
  EXPECT_EQ(draws.size(), 288U) << "every example of every pass has a draw of its own";
  for (const std::int64_t workers : {1, 8}) {
    LoaderOptions many = options;
    many.workers = workers;
    Loader other(set, many);
    other.start(5, 1);
    for (std::int64_t k = 1; k < 4; ++k) EXPECT_TRUE(equal(*other.next(), loader.batch(5, k)));
    EXPECT_FALSE(other.next());
  }
}

TEST(BalancedLoader, EpochsOfOnePassAndSetsWithoutLabels) {
  const LoaderOptions half{.batch_size = 8, .sampling = Sampling::balanced, .positive_fraction = 0.5};
  EXPECT_EQ(Loader(std::make_shared<FifthPositive>(), half).batches(), 3);
  Loader all(std::make_shared<Numbers>(5), {.batch_size = 4, .batches_per_epoch = 3, .workers = 0});
  std::vector<std::int64_t> row = all.examples(0, 0);
  for (std::int64_t k = 1; k < 3; ++k) {
    const auto more = all.examples(0, k);
    row.insert(row.end(), more.begin(), more.end());
  }
  ASSERT_EQ(row.size(), 12U);
  EXPECT_THAT(std::vector<std::int64_t>(row.begin() + 5, row.begin() + 10), testing::UnorderedElementsAre(0, 1, 2, 3, 4));
  class Unlabelled : public FifthPositive {
    Bundle get(std::int64_t, Stream) const override { return {{"sequence", at::zeros({4, 3})}}; }
  };
  EXPECT_THAT(error_text([] { Loader(std::make_shared<Unlabelled>(), {.sampling = Sampling::balanced}); }),
              HasSubstr("loader: the examples hold sequence (4, 3) Float, no \"labels\" that say which are positive"));
}

}  // namespace
}  // namespace basewise::data::detail
