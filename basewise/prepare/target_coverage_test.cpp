#include "basewise/prepare/target_coverage.h"

#include <cmath>
#include <limits>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/io/half.h"
#include "tests/support/error_text.h"

namespace basewise::prepare {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
const seq::ChromSizes kSizes({{"chr1", 4000}, {"chr2", 310}});

/// Values in memory; chr2 may lack.
class Values final : public CoverageSource {
 public:
  explicit Values(std::vector<float> first, bool has_second = true) : first_(std::move(first)), has_second_(has_second) {}
  bool has(std::size_t chrom) const override { return chrom == 0 || has_second_; }
  void read(std::span<const CoverageWindow> windows, std::int64_t length, std::span<float> out) const override {
    for (std::size_t i = 0; i < windows.size(); ++i)
      for (std::int64_t k = 0; k < length; ++k)
        out[i * static_cast<std::size_t>(length) + static_cast<std::size_t>(k)] =
            windows[i].chrom == 0 ? first_[static_cast<std::size_t>(windows[i].start + k)] : 3;
  }

 private:
  std::vector<float> first_;
  bool has_second_;
};

std::vector<float> singles(const TargetCoverage& coverage) {
  std::vector<float> values(coverage.bins.size());
  io::half_to_float(coverage.bins, values);
  return values;
}

TEST(MendBases, AreThoseOfTheGolden) {
  for (const auto& one : read_json("tests/golden/bins.json")["mending"]) {  // by tests/golden/bins_golden.py
    std::vector<float> bases;
    for (const auto& value : one["bases"]) bases.push_back(value.is_null() ? kNaN : value.get<float>());
    std::vector<seq::Interval> black;
    for (const auto& b : one["black"]) black.push_back({"chr1", b[0], b[1]});
    const auto missing = std::count_if(bases.begin(), bases.end(), [](float x) { return std::isnan(x); });
    const CoverageRules rules{.width = one["width"], .interpolate = one["interpolate"], .black_percentile = one["percentile"]};
    EXPECT_EQ(mend_bases(bases, one["start"], widened_blacklist(black, kSizes)[0], rules), missing);
    EXPECT_THAT(bases, Pointwise(FloatNear(1e-5f), one["mended"].get<std::vector<float>>()));
  }
}

TEST(MendBases, ByHand) {
  std::vector<float> line = {kNaN, 2, kNaN, kNaN, kNaN, 6, kNaN};
  mend_bases(line, 0, {}, {.width = 1, .interpolate = true});
  EXPECT_THAT(line, ElementsAre(1, 2, 3, 4, 5, 6, 3));
  std::vector<float> none(3, kNaN);
  mend_bases(none, 0, {}, {.width = 1, .interpolate = true});
  EXPECT_THAT(none, ElementsAre(0, 0, 0));
  // Blacklisted bases are kept within the baseline, from both sides; it is 2.5 here.
  std::vector<float> bases = {1, 2, 3, 4, 9, -9, 2, 3};
  const std::vector<std::pair<std::int64_t, std::int64_t>> black = {{90, 95}, {102, 106}};
  mend_bases(bases, 100, black, {.width = 1});
  EXPECT_THAT(bases, ElementsAre(1, 2, 2.5f, 2.5f, 2.5f, -2.5f, 2, 3));
  // Seven bins are too few for a baseline, and one missing base takes it away.
  std::vector<float> few = {1, 2, 3, 4, 9, -9, 2}, gap = {1, 2, 3, 4, 9, -9, kNaN, 3};
  mend_bases(few, 100, black, {.width = 1});
  EXPECT_THAT(few, ElementsAre(1, 2, 0, 0, 0, 0, 2));
  mend_bases(gap, 100, black, {.width = 1});
  EXPECT_THAT(gap, ElementsAre(1, 2, 0, 0, 0, 0, 0, 3));
}

TEST(Quantile, LiesBetweenNeighbours) {
  const std::vector<float> values = {4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0.4), 2.2);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 4);
  EXPECT_THAT(error_text<ArgumentError>([] { return quantile({}, 0.5); }), HasSubstr("no quantile of no values"));
}

TEST(WidenedBlacklist, StaysInside) {
  const Blacklist black = widened_blacklist({{"chr2", 300, 310}, {"chr1", 5, 9}, {"chr1", 40, 50}, {"chr1", 500, 501}}, kSizes);
  EXPECT_THAT(black[0], ElementsAre(std::pair<std::int64_t, std::int64_t>(0, 70), std::pair<std::int64_t, std::int64_t>(480, 521)));
  EXPECT_THAT(black[1], ElementsAre(std::pair<std::int64_t, std::int64_t>(280, 310)));
}

std::vector<ModelWindow> windows_at(std::initializer_list<std::int64_t> starts, std::int64_t length) {
  std::vector<ModelWindow> windows;
  for (const std::int64_t start : starts) windows.push_back({{0, 0, start, start + length}, 0});
  return windows;
}

TEST(Cover, SumsBinsInTheOrderOfTheWindows) {
  std::vector<float> values(4000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7);
  values[2001] = kNaN;
  std::vector<ModelWindow> windows = windows_at({3000, 0, 2000}, 12);
  windows.push_back({{0, 1, 6, 18}, 1});
  const TargetCoverage coverage = cover(Values(values), windows, kSizes, Blacklist(2), {}, {.width = 4, .clip_percentile = 1});
  std::vector<float> expected;
  for (const std::int64_t start : {3000, 3004, 3008, 0, 4, 8, 2000, 2004, 2008}) {
    float sum = 0;
    for (std::int64_t i = start; i < start + 4; ++i) sum += i == 2001 ? 0 : static_cast<float>(i % 7);
    expected.push_back(sum);
  }
  expected.insert(expected.end(), 3, 12);
  EXPECT_EQ(singles(coverage), expected);
  EXPECT_EQ(coverage.missing, 1);
  EXPECT_EQ(coverage.lacking, 0);
  EXPECT_DOUBLE_EQ(coverage.sum, std::accumulate(expected.begin(), expected.end(), 0.0));
  const TargetCoverage lacks = cover(Values(values, false), windows, kSizes, Blacklist(2), {}, {.width = 4, .clip_percentile = 1});
  EXPECT_EQ(lacks.lacking, 1);
  EXPECT_EQ(singles(lacks).back(), 0);
}

TEST(Cover, RoundsAfterTheSumAndBeforeOnlyIfFaultsAreRepeated) {
  std::vector<float> values(4000, 1);
  for (std::size_t i = 0; i < values.size(); i += 2) values[i] = 2049;  // half precision has 2048 and 2050
  const auto windows = windows_at({0}, 4);
  const auto bins = [&](Faults faults) {
    return singles(cover(Values(values), windows, kSizes, Blacklist(2), {}, {.width = 2, .clip_percentile = 1, .faults = faults}));
  };
  EXPECT_THAT(bins(Faults::mended), ElementsAre(2050, 2050));
  EXPECT_THAT(bins(Faults::repeated), ElementsAre(2048, 2048));
}

TEST(Cover, ClipsToHalfPrecisionAndToAQuantile) {
  std::vector<float> values(4000, 1);
  values[0] = 1e6f;
  values[20] = -1e6f;
  const auto windows = windows_at({0, 16}, 16);
  const auto whole = cover(Values(values), windows, kSizes, Blacklist(2), {}, {.width = 8, .clip_percentile = 1});
  EXPECT_THAT(singles(whole), ElementsAre(65504, 8, -65504, 8));
  EXPECT_EQ(whole.clipped, 2);
  // Absolute values 8 8 65504 65504: the quantile 1/3 of the way is the second 8.
  const auto clipped = cover(Values(values), windows, kSizes, Blacklist(2), {}, {.width = 8, .clip_percentile = 1.0 / 3});
  EXPECT_THAT(singles(clipped), ElementsAre(8, 8, -8, 8));
  EXPECT_EQ(clipped.clipped, 4);
}

TEST(Cover, DoesNotDependOnTheThreads) {
  Stream stream(3);
  std::vector<float> values(4000);
  for (float& value : values) value = static_cast<float>(stream.uniform(0, 9));
  std::vector<ModelWindow> windows;
  for (int i = 0; i < 700; ++i) {
    const auto start = static_cast<std::int64_t>(stream.below(2000));
    windows.push_back({{0, 0, start, start + 2000}, 0});
  }
  std::vector<std::uint16_t> first;
  std::mutex mutex;
  for (const int n : {1, 4}) {
    set_threads(n);
    std::int64_t done = 0;
    const auto coverage = cover(Values(values), windows, kSizes, widened_blacklist({{"chr1", 1000, 1100}}, kSizes),
                                {.statistic = BinStatistic::sum_sqrt}, {.width = 50}, [&](std::int64_t more) {
                                  const std::lock_guard lock(mutex);
                                  done += more;
                                });
    EXPECT_EQ(done, 700);
    if (first.empty()) first = coverage.bins;
    EXPECT_EQ(coverage.bins, first);
  }
  set_threads(0);
}

TEST(Cover, NamesThePlaceOfAnError) {
  std::vector<float> values(4000, -1);
  EXPECT_THAT(error_text<DataError>([&] {
                return cover(Values(values), windows_at({32}, 16), kSizes, Blacklist(2), {.statistic = BinStatistic::sum_sqrt},
                             {.width = 8});
              }),
              HasSubstr("chr1:32-48: the sum of bin 0 is -8"));
}

}  // namespace
}  // namespace basewise::prepare
