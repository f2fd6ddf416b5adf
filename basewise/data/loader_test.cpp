#include "basewise/data/loader.h"

#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "basewise/data/views.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::HasSubstr;
using testing_support::equal;
using testing_support::Numbers;

std::vector<Bundle> epoch_of(Loader& loader, std::int64_t epoch, std::int64_t first = 0) {
  std::vector<Bundle> batches;
  loader.start(epoch, first);
  while (auto batch = loader.next()) batches.push_back(*batch);
  return batches;
}

TEST(Loader, BatchesDoNotDependOnWorkers) {
  const auto set = reverse_complement(std::make_shared<Numbers>(41), 0.5);
  Loader reference(set, {.batch_size = 3, .workers = 0, .seed = 9});
  ASSERT_EQ(reference.batches(), 14);
  for (const std::int64_t workers : {0, 1, 2, 8}) {
    Loader loader(set, {.batch_size = 3, .workers = workers, .prefetch = 3, .seed = 9});
    for (const std::int64_t epoch : {0, 1, 5}) {
      const auto batches = epoch_of(loader, epoch);
      ASSERT_EQ(batches.size(), 14U);
      for (std::int64_t k = 0; k < 14; ++k)
        EXPECT_TRUE(equal(batches[static_cast<std::size_t>(k)], reference.batch(epoch, k))) << workers << " workers, batch " << k;
    }
  }
}

TEST(Loader, AnEpochHoldsEveryExampleOnceInANewOrder) {
  Loader loader(std::make_shared<Numbers>(41), {.batch_size = 3, .workers = 2, .seed = 1});
  std::vector<std::vector<std::int64_t>> orders;
  for (const std::int64_t epoch : {0, 1}) {
    orders.emplace_back();
    for (const Bundle& batch : epoch_of(loader, epoch)) {
      const at::Tensor position = batch.at("position");
      for (std::int64_t i = 0; i < position.size(0); ++i) orders.back().push_back(position[i].item<std::int64_t>());
    }
    EXPECT_EQ(std::set<std::int64_t>(orders.back().begin(), orders.back().end()).size(), 41U);
  }
  EXPECT_NE(orders[0], orders[1]);
}

TEST(Loader, ShapesAndLastBatch) {
  const auto set = std::make_shared<Numbers>(11);
  Loader all(set, {.batch_size = 3, .shuffle = false, .workers = 1});
  const auto batches = epoch_of(all, 0);
  EXPECT_EQ(to_string(batches[0]), "sequence (3, 4, 7) Float, labels (3, 5) Float, position (3) Long");
  EXPECT_EQ(batch_size(batches.back()), 2);
  EXPECT_EQ(batches[1].at("position")[0].item<std::int64_t>(), 3) << "unshuffled sets come as stored";
  Loader full(set, {.batch_size = 3, .drop_last = true});
  EXPECT_EQ(full.batches(), 3);
  EXPECT_EQ(epoch_of(full, 0).size(), 3U);
  Loader none(std::make_shared<Numbers>(0), {.batch_size = 3});
  EXPECT_FALSE(none.next().has_value());
}

TEST(Loader, RestartsInTheMiddle) {
  Loader loader(std::make_shared<Numbers>(41), {.batch_size = 3, .workers = 2, .seed = 4});
  const auto whole = epoch_of(loader, 2);
  loader.start(0);
  loader.next();
  const auto rest = epoch_of(loader, 2, 9);
  ASSERT_EQ(rest.size(), 5U);
  for (std::size_t k = 0; k < 5; ++k) EXPECT_TRUE(equal(rest[k], whole[9 + k]));
  EXPECT_TRUE(epoch_of(loader, 2, 14).empty());
  EXPECT_THAT(error_text([&] { loader.start(0, 15); }), HasSubstr("cannot start at batch 15: an epoch has batches 0 to 13"));
}

TEST(Loader, ResumingPreparesNothingBefore) {
  const auto set = std::make_shared<Numbers>(30);
  Loader loader(set, {.batch_size = 3, .workers = 2});
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(set->calls, 0) << "nothing is prepared before a start";
  EXPECT_EQ(epoch_of(loader, 7, 8).size(), 2U);
  EXPECT_EQ(set->calls, 6);
}

TEST(Loader, ErrorsNameEpochBatchAndExampleAndComeInOrder) {
  for (const std::int64_t workers : {0, 3}) {
    Loader loader(std::make_shared<Numbers>(20, 8), {.batch_size = 3, .shuffle = false, .workers = workers});
    loader.start(6);
    EXPECT_TRUE(loader.next().has_value());
    EXPECT_TRUE(loader.next().has_value());
    EXPECT_EQ(error_text([&] { loader.next(); }), "epoch 6, batch 2, example 8: the track ends here");
    EXPECT_EQ(loader.next()->at("position")[0].item<std::int64_t>(), 9) << "the batch after a bad one";
  }
}

class Ragged : public Numbers {
 public:
  using Numbers::Numbers;
  Bundle get(std::int64_t i, Stream) const override {
    if (i == 7) at::zeros({2}).view({3});
    return {{"sequence", at::zeros({4, i == 4 ? 9 : 7})}};
  }
};

TEST(Loader, ForeignErrorsAndRaggedExamplesAreNamed) {
  Loader loader(std::make_shared<Ragged>(9), {.batch_size = 3, .shuffle = false, .workers = 2});
  loader.next();
  EXPECT_THAT(error_text([&] { loader.next(); }),
              HasSubstr("epoch 0, batch 1: tensor 'sequence': example 1 has shape (4, 9), example 0 has (4, 7)"));
  const std::string foreign = error_text([&] { loader.next(); });
  EXPECT_THAT(foreign, testing::StartsWith("epoch 0, batch 2, example 7: "));
  EXPECT_THAT(foreign, testing::Not(HasSubstr("\n"))) << "no stack trace";
}

TEST(Loader, MemoryIsBounded) {
  const auto set = std::make_shared<Numbers>(3000);
  Loader loader(set, {.batch_size = 3, .workers = 2, .prefetch = 5});
  loader.start(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(set->calls, 5 * 3);
  loader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(set->calls, 6 * 3);
}

TEST(Loader, ClosesEarlyAndCountsWaiting) {
  for (int k = 0; k < 20; ++k) {
    Loader loader(std::make_shared<Numbers>(500), {.batch_size = 3, .workers = 4});
    loader.start(k);
    if (k % 2 == 0) loader.next();
    EXPECT_GE(loader.seconds_waited(), 0);
  }
  EXPECT_THAT(error_text([] { Loader(nullptr, {}); }), HasSubstr("needs a data set"));
  EXPECT_THAT(error_text([] { Loader(std::make_shared<Numbers>(3), {.batch_size = 0}); }), HasSubstr("batch_size"));
}

}  // namespace
}  // namespace basewise::data
