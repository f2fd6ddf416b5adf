#include "basewise/data/order.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/examples.h"
#include "basewise/data/loader.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::toy_genome;

std::vector<std::int64_t> examples_of(const EpochOrder& order, std::size_t batch) {
  std::vector<std::int64_t> examples;
  for (std::int64_t i = order.batches[batch].first; i < order.batches[batch].last; ++i)
    examples.push_back(order.draws[static_cast<std::size_t>(i)].example);
  return examples;
}

TEST(Passes, AsStoredWithoutShuffling) {
  const auto order = passes(11, {.batch_size = 3, .shuffle = false});
  ASSERT_EQ(order->batches(), 4);
  const EpochOrder second = order->epoch(1);
  EXPECT_THAT(examples_of(second, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(examples_of(second, 3), ElementsAre(9, 10));
  EXPECT_EQ(second.draws[7].pass, 1);
  EXPECT_TRUE(second.restarts.empty());
  EXPECT_EQ(passes(11, {.batch_size = 3, .drop_last = true})->batches(), 3);
  EXPECT_EQ(passes(0, {.batch_size = 3})->batches(), 0);
}

// What a pass is, and what a part of it may be, whatever the sizes.
TEST(SetsInTurn, EveryBatchIsOfOneSetAndEveryExampleComesOncePerPass) {
  EXPECT_TRUE(rc::check([] {
    const auto sizes = *rc::gen::container<std::vector<std::int64_t>>(3, rc::gen::inRange<std::int64_t>(1, 40));
    const auto turns = *rc::gen::element(Turns::by_size, Turns::equally);
    const OrderOptions options{.batch_size = *rc::gen::inRange<std::int64_t>(1, 7), .seed = 5};
    const auto order = sets_in_turn(sizes, turns, options);
    std::map<std::int64_t, std::set<std::pair<std::int64_t, std::int64_t>>> seen;  // (pass, example) of each set
    std::vector<std::int64_t> turns_of(3);
    for (std::int64_t e = 0; e < 5; ++e) {
      const EpochOrder epoch = order->epoch(e);
      RC_ASSERT(std::ssize(epoch.batches) == order->batches());
      for (const auto& batch : epoch.batches) {
        RC_ASSERT(batch.last - batch.first == options.batch_size);
        ++turns_of[static_cast<std::size_t>(batch.set)];
        const std::int64_t before = std::accumulate(sizes.begin(), sizes.begin() + batch.set, std::int64_t{0});
        for (std::int64_t i = batch.first; i < batch.last; ++i) {
          const Draw& draw = epoch.draws[static_cast<std::size_t>(i)];
          RC_ASSERT(draw.example >= before && draw.example < before + sizes[static_cast<std::size_t>(batch.set)]);
          RC_ASSERT(seen[batch.set].emplace(draw.pass, draw.example).second);
        }
        const auto [least, most] = std::minmax_element(turns_of.begin(), turns_of.end());
        const bool even = *most - *least <= 1;
        RC_ASSERT(turns == Turns::by_size || even);
      }
    }
    // No pass begins before the one before it has ended.
    for (const auto& [set, draws] : seen)
      RC_ASSERT(draws.rbegin()->first == (std::ssize(draws) - 1) / sizes[static_cast<std::size_t>(set)]);
  }));
}

TEST(SetsInTurn, TurnsAreSpreadEvenly) {
  const auto turns_of = [](Turns turns, std::int64_t batches) {
    std::string text;
    const auto order = sets_in_turn({80, 20}, turns, {.batch_size = 10, .batches_per_epoch = batches});
    for (const auto& batch : order->epoch(0).batches) text += batch.set == 0 ? 'h' : 'm';
    return text;
  };
  EXPECT_EQ(turns_of(Turns::by_size, 0), "hhmhhhhmhh");
  EXPECT_EQ(turns_of(Turns::equally, 0), "hmhmhmhmhmhmhmhm");
  EXPECT_EQ(turns_of(Turns::by_size, 3), "hhm");
  EXPECT_THAT(error_text([] { sets_in_turn({3, 0}, Turns::by_size, {}); }), HasSubstr("data set 2 of 2 is empty"));
}

// Set, draws and restarts of a batch.
std::vector<std::int64_t> batch_of(const EpochOrder& order, std::size_t batch) {
  const auto& where = order.batches[batch];
  std::vector<std::int64_t> all{where.set};
  for (auto i = static_cast<std::size_t>(where.first); i < static_cast<std::size_t>(where.last); ++i) {
    all.push_back(order.draws[i].example);
    all.push_back(order.draws[i].pass);
    if (!order.restarts.empty()) all.push_back(order.restarts[i]);
  }
  return all;
}

// Memory of a loader must not grow with its epochs: it asks for parts.
TEST(Orders, PartsOfAnEpochAreItsBatches) {
  const OrderOptions by_set{.batch_size = 3, .seed = 7}, fixed{.batch_size = 3, .batches_per_epoch = 23, .seed = 7};
  const std::vector<std::int64_t> positives{1, 5, 9}, negatives{0, 2, 3, 4, 6, 7, 8};
  for (const OrderPtr& order : {passes(10, by_set), passes(10, fixed), balanced(positives, negatives, 0.5, fixed),
                                sets_in_turn({8, 3, 5}, Turns::by_size, fixed), parallel_streams({7, 4}, by_set),
                                parallel_streams({7, 4}, fixed)}) {
    const EpochOrder whole = order->epoch(2);
    EXPECT_GE(order->part_batches(), 1);
    for (const std::int64_t size : {1, 2, 5})
      for (std::int64_t first = 0; first < order->batches(); first += size) {
        const std::int64_t last = std::min(first + size, order->batches());
        const EpochOrder part = order->part(2, first, last);
        ASSERT_EQ(std::ssize(part.batches), last - first);
        for (std::int64_t k = first; k < last; ++k)
          ASSERT_EQ(batch_of(part, static_cast<std::size_t>(k - first)), batch_of(whole, static_cast<std::size_t>(k))) << k;
      }
  }
}

TEST(Orders, AnEpochOfBillionsOfBatchesBeginsAtOnce) {
  const auto set = std::make_shared<testing_support::Numbers>(11);
  Loader loader(set, {.batch_size = 4, .batches_per_epoch = 4000000000, .workers = 2, .seed = 1});
  ASSERT_EQ(loader.batches(), 4000000000);
  loader.start(3, 3999999990);
  std::int64_t batches = 0;
  while (loader.next()) ++batches;
  EXPECT_EQ(batches, 10);
  EXPECT_THAT(error_text([&] { Loader(set, {.batch_size = 1 << 30, .batches_per_epoch = 1 << 30}); }),
              HasSubstr("batches_per_epoch = 1073741824 of batch_size = 1073741824 are more than"));
  EXPECT_THAT(error_text([&] { Loader(set, {.batch_size = std::int64_t{1} << 62}); }), HasSubstr("batch_size"));
}

// Follows each row through all batches of an epoch.
TEST(ParallelStreams, RowsGoOnWhereTheyEnded) {
  EXPECT_TRUE(rc::check([] {
    const auto stretches = *rc::gen::container<std::vector<std::int64_t>>(4, rc::gen::inRange<std::int64_t>(0, 23));
    const std::int64_t all = std::accumulate(stretches.begin(), stretches.end(), std::int64_t{0});
    RC_PRE(all > 0);
    const OrderOptions options{.batch_size = *rc::gen::inRange<std::int64_t>(1, 9), .shuffle = *rc::gen::arbitrary<bool>(), .seed = 3};
    std::set<std::int64_t> begins;
    std::int64_t begin = 0;
    for (const std::int64_t length : stretches) begins.insert(begin), begin += length;
    const EpochOrder epoch = parallel_streams(stretches, options)->epoch(2);
    RC_ASSERT(epoch.draws.size() == epoch.restarts.size());
    std::map<std::int64_t, std::int64_t> at;  // the example of each row in the batch before
    std::set<std::int64_t> seen;
    for (const auto& batch : epoch.batches) {
      for (std::int64_t i = batch.first; i < batch.last; ++i) {
        const std::int64_t row = i - batch.first, example = epoch.draws[static_cast<std::size_t>(i)].example;
        RC_ASSERT(seen.insert(example).second);
        const bool restarts = epoch.restarts[static_cast<std::size_t>(i)];
        RC_ASSERT(restarts == (!at.contains(row) || begins.contains(example)));
        const bool goes_on = !restarts && at.at(row) + 1 == example;
        RC_ASSERT(restarts != goes_on);
        at[row] = example;
      }
    }
    RC_ASSERT(std::ssize(seen) == all);
  }));
}

TEST(ParallelStreams, WithABatchNumberTheyGoOnFromEpochToEpoch) {
  const auto order = parallel_streams({7, 4}, {.batch_size = 2, .shuffle = false, .batches_per_epoch = 3});
  ASSERT_EQ(order->batches(), 3);
  // Streams of 6 and 5: five whole batches in a pass.
  std::vector<std::vector<std::int64_t>> batches;
  std::vector<bool> restarts;
  for (std::int64_t e = 0; e < 2; ++e) {
    const EpochOrder epoch = order->epoch(e);
    for (std::size_t k = 0; k < 3; ++k) batches.push_back(examples_of(epoch, k));
    restarts.insert(restarts.end(), epoch.restarts.begin(), epoch.restarts.end());
  }
  EXPECT_THAT(batches, ElementsAre(ElementsAre(0, 6), ElementsAre(1, 7), ElementsAre(2, 8), ElementsAre(3, 9), ElementsAre(4, 10),
                                   ElementsAre(0, 6)));
  EXPECT_THAT(restarts, ElementsAre(true, true, false, true, false, false, false, false, false, false, true, true));
  EXPECT_THAT(error_text([] { parallel_streams({}, {}); }), HasSubstr("the examples do not follow each other"));
}

TEST(ParallelStreams, TilesOfAGenomeAreStreamsForAnyNumberOfWorkers) {
  const auto genome = toy_genome();
  const auto tiles = examples(corpus::tiles_of({{"chr1", 0, 1000}, {"ring", 0, 301}}, genome->sizes(), {.length = 50}), {});
  EXPECT_THAT(tiles->stretches(), ElementsAre(20, 7));
  const LoaderOptions options{.batch_size = 4, .sampling = Sampling::streams, .workers = 0, .seed = 8};
  Loader loader(tiles, options);
  ASSERT_EQ(loader.batches(), 7);
  const Bundle first = loader.batch(3, 0), second = loader.batch(3, 1);
  EXPECT_TRUE(first.at("restart").all().item<bool>());
  for (std::int64_t row = 0; row < 4; ++row) {
    if (second.at("restart")[row].item<bool>()) continue;
    EXPECT_EQ(second.at("position")[row].item<std::int64_t>(), first.at("position")[row].item<std::int64_t>() + 50);
    EXPECT_EQ(second.at("chromosome")[row].item<std::int64_t>(), first.at("chromosome")[row].item<std::int64_t>());
  }
  for (const std::int64_t workers : {1, 3}) {
    LoaderOptions many = options;
    many.workers = workers;
    Loader other(tiles, many);
    other.start(3, 2);
    for (std::int64_t k = 2; k < 7; ++k) EXPECT_TRUE(equal(*other.next(), loader.batch(3, k))) << k;
  }
  EXPECT_THAT(error_text([] { Loader(std::make_shared<testing_support::Numbers>(5), {.sampling = Sampling::streams}); }),
              HasSubstr("loader: the examples do not follow each other, so that there are no streams"));
}

}  // namespace
}  // namespace basewise::data
