#include "basewise/io/binned_store.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/io/half.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;

constexpr BinnedShape kShape{7, 6, 3};  // bases, bins, targets

// Records whose numbers say where they stand.
class Numbered : public BinnedReader {
 public:
  explicit Numbered(std::int64_t records, bool half = true, bool masks = true) : records_(records), half_(half), masks_(masks) {}
  const BinnedShape& shape() const override { return kShape; }
  bool next(BinnedRecord& record) override {
    if (n_ == records_) return false;
    record.tokens.assign(7, 0);
    for (std::size_t i = 0; i < 7; ++i) record.tokens[i] = static_cast<std::uint8_t>((static_cast<std::size_t>(n_) + i) % 5);
    record.values.clear();
    for (int b = 0; b < 6; ++b)
      for (int t = 0; t < 3; ++t) record.values.push_back(static_cast<float>(100 * n_ + 10 * b + t));
    record.half = half_;
    record.unmappable.assign(masks_ ? 6 : 0, 0);
    if (masks_) record.unmappable[static_cast<std::size_t>(n_ % 6)] = 1;
    record.name = "n" + std::to_string(n_);
    if (change) change(n_, record);
    ++n_;
    return true;
  }
  std::function<void(std::int64_t, BinnedRecord&)> change;

 private:
  std::int64_t records_;
  bool half_, masks_;
  std::int64_t n_ = 0;
};

BinnedStore store_of(std::int64_t records, const BinnedChoice& choice = {}, const BinnedKeeping& keeping = {}) {
  return BinnedStore([&] { return std::make_unique<Numbered>(records); }, choice, keeping);
}

std::vector<float> values_of(const BinnedStore& store, std::int64_t i) {
  std::vector<float> values(static_cast<std::size_t>(store.shape().bins * store.shape().targets));
  store.values(i, values);
  return values;
}

void expect_all(const BinnedStore& store) {
  ASSERT_EQ(store.size(), 4);
  EXPECT_EQ(store.shape().bins, 4);
  EXPECT_EQ(store.shape().targets, 2);
  EXPECT_TRUE(store.has_masks());
  EXPECT_EQ(store.unmappable(), 3);  // of the bins that are left
  EXPECT_THAT(store.names(), ElementsAre("n0", "n1", "n2", "n3"));
  EXPECT_THAT(values_of(store, 2), ElementsAre(212, 222, 232, 242, 210, 220, 230, 240));
  std::vector<std::uint8_t> tokens(7), mask(4);
  store.tokens(3, tokens);
  EXPECT_THAT(tokens, ElementsAre(3, 4, 0, 1, 2, 3, 4));
  store.unmappable(2, mask);
  EXPECT_THAT(mask, ElementsAre(0, 1, 0, 0));
}

TEST(BinnedStore, ChoosesTargetsAndBins) { expect_all(store_of(9, {.targets = {2, 0}, .crop = 1, .most = 4})); }

TEST(BinnedStore, InAFileTheSame) {
  const Folder folder;
  const BinnedChoice choice{.targets = {2, 0}, .crop = 1, .most = 4};
  const BinnedKeeping keeping{.memory = 60, .folder = folder.path() / "cache", .name = "x"};
  const BinnedStore made = store_of(9, choice, keeping);
  EXPECT_TRUE(made.in_file());
  expect_all(made);
  EXPECT_TRUE(fs::exists(folder.path() / "cache" / "x.rows"));
  const auto never = []() -> BinnedReaderPtr { throw InternalError("read again"); };
  const BinnedStore again(never, choice, keeping);
  EXPECT_TRUE(again.in_file());
  expect_all(again);
}

TEST(BinnedStore, ADamagedFileIsWrittenAnew) {
  const Folder folder;
  const BinnedChoice choice{.targets = {2, 0}, .crop = 1, .most = 4};
  const BinnedKeeping keeping{.memory = 0, .folder = folder.path(), .name = "x"};
  store_of(9, choice, keeping);
  const std::string good = read_file(folder.path() / "x.rows");
  for (const std::string& bytes : {std::string(), good.substr(0, 100), good + "x", "y" + good.substr(1)}) {
    folder.file("x.rows", bytes);
    expect_all(store_of(9, choice, keeping));
    EXPECT_EQ(read_file(folder.path() / "x.rows"), good);
  }
  std::string other = good;
  other.replace(other.find("\"rows\":4"), 8, "\"rows\":5");
  folder.file("x.rows", other);
  expect_all(store_of(9, choice, keeping));
}

TEST(BinnedStore, FloatsStayAsTheyAre) {
  const BinnedStore store(
      [] {
        auto reader = std::make_unique<Numbered>(2, false, false);
        reader->change = [](std::int64_t n, BinnedRecord& record) {
          record.values[4] = 0.1F + static_cast<float>(n);
          record.name.clear();
        };
        return reader;
      },
      {}, {});
  EXPECT_EQ(values_of(store, 1)[7], 1.1F);  // bin 1 of target 1
  EXPECT_FALSE(store.has_masks());
  EXPECT_TRUE(store.names().empty());
}

TEST(BinnedStore, WhatIsNoNumberIsCounted) {
  const BinnedStore store(
      [] {
        auto reader = std::make_unique<Numbered>(3);
        reader->change = [](std::int64_t n, BinnedRecord& record) {
          if (n == 1) record.values[0] = std::numeric_limits<float>::infinity();
          if (n == 2) record.values[5] = std::numeric_limits<float>::quiet_NaN();
        };
        return reader;
      },
      {}, {});
  EXPECT_EQ(store.missing(), 2);
  EXPECT_TRUE(std::isnan(values_of(store, 1)[0]));
  EXPECT_TRUE(std::isnan(values_of(store, 2)[13]));
}

TEST(BinnedStore, AnEmptySet) {
  const BinnedStore store = store_of(0);
  EXPECT_EQ(store.size(), 0);
  EXPECT_FALSE(store.in_file());
}

std::string error_of(const std::function<void(std::int64_t, BinnedRecord&)>& change) {
  return error_text<DataError>([&] {
    return BinnedStore(
               [&] {
                 auto reader = std::make_unique<Numbered>(3);
                 reader->change = change;
                 return reader;
               },
               {}, {})
        .size();
  });
}

TEST(BinnedStore, Errors) {
  EXPECT_THAT(error_text<DataError>([] { return store_of(2, {.targets = {0, 3}}).size(); }),
              HasSubstr("target 3 is asked for, but records have 3 targets"));
  EXPECT_THAT(error_text<DataError>([] { return store_of(2, {.crop = 3}).size(); }),
              HasSubstr("3 bins cut from both ends leave none of 6"));
  EXPECT_THAT(error_of([](std::int64_t n, BinnedRecord& record) { record.half = n == 0; }),
              HasSubstr("record 1 of the set: values are not float16"));
  EXPECT_THAT(error_of([](std::int64_t n, BinnedRecord& record) {
                if (n == 2) record.unmappable.clear();
              }),
              HasSubstr("record 2 of the set: there is no mask"));
  EXPECT_THAT(error_of([](std::int64_t n, BinnedRecord& record) {
                if (n == 2) record.name.clear();
              }),
              HasSubstr("some records have names"));
  std::vector<float> few(5);
  EXPECT_THAT(error_text<ArgumentError>([&] {
                store_of(1).values(0, few);
                return 0;
              }),
              HasSubstr("5 values are no record of 18"));
  EXPECT_THAT(error_text<DataError>([] { return fingerprint({"nowhere/x"}).size(); }), HasSubstr("nowhere/x: No such file"));
}

TEST(Fingerprint, ChangesWithTheFile) {
  const Folder folder;
  const fs::path file = folder.file("x", "abc");
  const std::string before = fingerprint({file});
  EXPECT_EQ(fingerprint({file}), before);
  folder.file("x", "abcd");
  EXPECT_NE(fingerprint({file}), before);
}

}  // namespace
}  // namespace basewise::io
