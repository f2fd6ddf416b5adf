#include "basewise/learn/bins.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<int> codes_of(const BinnedColumns& binned, std::int64_t column) {
  return {binned.codes(column), binned.codes(column) + binned.rows()};
}

std::vector<double> lows(const BinnedColumns& binned, std::int64_t column) {
  std::vector<double> values;
  for (const Bin& bin : binned.bins(column)) values.push_back(bin.low);
  return values;
}

TEST(Bins, FewValuesHaveOneEach) {
  const BinnedColumns binned(Columns{5, {"a", "b"}, {{3, -1, 3, NAN, 0}, {7, 7, 7, 7, 7}}});
  EXPECT_THAT(codes_of(binned, 0), ElementsAre(2, 0, 2, 255, 1));
  EXPECT_THAT(codes_of(binned, 1), ElementsAre(0, 0, 0, 0, 0));
  EXPECT_THAT(lows(binned, 0), ElementsAre(-1, 0, 3));
  EXPECT_DOUBLE_EQ(binned.threshold(0, 0, 1), -0.5);
  EXPECT_DOUBLE_EQ(binned.threshold(0, 0, 2), 1);  // over a bin that a node lacks
  EXPECT_EQ(binned.value(2, 0), 3);
  EXPECT_TRUE(std::isnan(binned.value(3, 0)));
}

TEST(Bins, ManyValuesShareThemByRows) {
  const BinnedColumns binned(Columns{9, {"a"}, {{1, 2, 3, 4, 5, 6, 7, 8, 9}}}, 3);
  EXPECT_THAT(codes_of(binned, 0), ElementsAre(0, 0, 0, 1, 1, 1, 2, 2, 2));
  EXPECT_THAT(lows(binned, 0), ElementsAre(1, 4, 7));
  EXPECT_EQ(binned.bins(0)[1].high, 6);
  EXPECT_DOUBLE_EQ(binned.threshold(0, 0, 1), 3.5);
  // Halfway would lie within bin 1: the end of that bin instead.
  EXPECT_DOUBLE_EQ(binned.threshold(0, 0, 2), 6);
  // Equal values stay together, whatever the bins hold then.
  const BinnedColumns ties(Columns{8, {"a"}, {{0, 0, 0, 0, 0, 0, 1, 2}}}, 2);
  EXPECT_THAT(codes_of(ties, 0), ElementsAre(0, 0, 0, 0, 0, 0, 1, 1));
}

TEST(Bins, ManyRowsFollowTheOrderOfValuesAlone) {
  Stream random(5);
  Columns columns = {20'000, {"a", "b"}, {{}, {}}};
  for (std::int64_t i = 0; i < columns.rows; ++i) {
    columns.values[0].push_back(random.normal());
    columns.values[1].push_back(std::exp(3 * columns.values[0].back()));
  }
  const BinnedColumns binned(columns);
  ASSERT_EQ(binned.bins(0).size(), 255u);
  std::vector<std::int64_t> sizes(255, 0);
  for (std::int64_t row = 0; row < binned.rows(); ++row) {
    EXPECT_EQ(binned.codes(0)[row], binned.codes(1)[row]);
    const double x = columns.values[0][static_cast<std::size_t>(row)];
    const std::uint8_t code = binned.codes(0)[row];
    EXPECT_TRUE(binned.bins(0)[code].low <= x && x <= binned.bins(0)[code].high);
    ++sizes[code];
  }
  for (const std::int64_t size : sizes) EXPECT_NEAR(static_cast<double>(size), 20'000 / 255.0, 2);
}

TEST(Bins, NeighboursWithoutANumberBetween) {
  const double one = 1, next = std::nextafter(1.0, 2.0);
  const BinnedColumns binned(Columns{2, {"a"}, {{one, next}}});
  EXPECT_EQ(binned.threshold(0, 0, 1), one);
  const BinnedColumns large(Columns{2, {"a"}, {{-1.7e308, 1.7e308}}});
  EXPECT_EQ(large.threshold(0, 0, 1), 0);
}

TEST(Bins, MadeElsewhere) {
  const BinnedColumns binned(3, {0, 1, 1, 255, 0, 0}, {{{0, 0}, {5, 6}}, {{2, 2}}});
  EXPECT_EQ(binned.columns(), 2);
  EXPECT_EQ(binned.value(1, 0), 5);
  EXPECT_TRUE(std::isnan(binned.value(0, 1)));
  const std::vector<std::vector<Bin>> two = {{{0, 0}, {5, 5}}}, same = {{{5, 5}, {5, 6}}};
  EXPECT_THAT(error_text<ArgumentError>([&] { BinnedColumns(3, {0, 1}, two); }), HasSubstr("2 codes do not fill 3 rows of 1 columns"));
  EXPECT_THAT(error_text<ArgumentError>([&] { BinnedColumns(2, {0, 2}, two); }), HasSubstr("has code 2, and there are 2 bins"));
  EXPECT_THAT(error_text<ArgumentError>([&] { BinnedColumns(1, {0}, same); }), HasSubstr("bins that do not rise"));
}

TEST(Bins, Errors) {
  EXPECT_THAT(error_text<ArgumentError>([] { BinnedColumns(Columns{1, {"a"}, {{INFINITY}}}); }), HasSubstr("a of row 0 is infinite"));
  EXPECT_THAT(error_text<ArgumentError>([] { BinnedColumns(Columns{1, {"a"}, {{1}}}, 256); }), HasSubstr("256 bins were asked for"));
}

}  // namespace
}  // namespace basewise::learn
