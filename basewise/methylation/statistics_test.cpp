#include "basewise/methylation/statistics.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/methylation_tables.h"

namespace basewise::methylation {
namespace {

using namespace test_tables;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;

constexpr std::array kAll = {Statistic::mean,     Statistic::mode,    Statistic::var,  Statistic::cat_var,
                             Statistic::cat2_var, Statistic::entropy, Statistic::diff, Statistic::cov};

std::vector<double> all_of(const std::vector<float>& shares) {
  std::vector<double> values;
  for (const Statistic statistic : kAll) values.push_back(statistic_of(statistic, shares));
  return values;
}

TEST(Statistics, OfSharesAcrossCells) {
  using testing::DoubleNear;
  const double e = 1e-6;
  EXPECT_THAT(all_of({0, 1, 1, 1}), ElementsAre(0.75, 1, 0.1875, 2, 1, DoubleNear(0.5623351446, e), 1, 4));
  EXPECT_THAT(all_of({1, 0}), ElementsAre(0.5, 0, 0.25, 2, 1, DoubleNear(std::log(2.0), e), 1, 2));
  EXPECT_THAT(all_of({1, 1, 1}), ElementsAre(1, 1, 0, 0, 0, DoubleNear(1.712e-6, 1e-8), 0, 3));
  EXPECT_THAT(all_of({0.5F, 0.5F}), ElementsAre(0.5, 0, 0, 0, 0, DoubleNear(std::log(2.0), e), 0, 2));
  EXPECT_THAT(all_of({0.75F, 0.25F}), ElementsAre(0.5, 0, 0.0625, 0, 0, DoubleNear(std::log(2.0), e), 1, 2));
  EXPECT_EQ(statistic_of(Statistic::cat_var, std::vector<float>{1, 0, 0, 0, 0, 0, 0, 0, 0}), 1);  // 8 / 81
  EXPECT_THAT(all_of({}), ElementsAre(IsNan(), IsNan(), IsNan(), IsNan(), IsNan(), IsNan(), IsNan(), 0));
  EXPECT_TRUE(is_integer(Statistic::diff));
  EXPECT_FALSE(is_integer(Statistic::entropy));
}

TEST(Statistics, AtSitesAndInWindows) {
  const CellTable table(table_of(
      {{chrom_calls({{10, 1.F}, {14, 0.F}, {21, 1.F}})}, {chrom_calls({{10, 0.F}, {12, 1.F}, {15, 1.F}})}, {chrom_calls({{30, 1.F}})}}));
  const SiteList sites = measured_sites(table);  // 10 12 14 15 21 30
  const AcrossCells across(table, sites);
  constexpr std::array kTwo = {Statistic::mean, Statistic::cov};
  EXPECT_THAT(across.at_sites({{0, 5}}, kTwo, 1), ElementsAre(0.5F, 2.F, 1.F, 1.F));
  EXPECT_THAT(across.at_sites({{0, 5}}, kTwo, 2), ElementsAre(0.5F, 2.F, IsNan(), IsNan()));
  // Around 12: [10, 15) has 1, 0 of the first cell and 0, 1 of the second one; [7, 18) has 15 as
  // well.
  EXPECT_THAT(across.in_windows({{1}}, kTwo, 5), ElementsAre(0.5F, 2.F));
  EXPECT_THAT(across.in_windows({{1}}, kTwo, 11), ElementsAre(testing::FloatEq((0.5F + 2.F / 3) / 2), 2.F));
  EXPECT_THAT(across.in_windows({{1}}, kTwo, 1), ElementsAre(1.F, 1.F));
  EXPECT_THAT(error_text<ArgumentError>([&] { across.in_windows({{1}}, kTwo, 10); }), HasSubstr("a window of 10 bases has no middle"));
}

TEST(Statistics, OfTwoSerumCells) {
  const auto data = testing_files::shared_data("deepcpg/cpg_profiles");
  if (!data) GTEST_SKIP() << "deepcpg is not in BASEWISE_DATA or ../shared/data";
  const CellTable table(read_calls({*data / "BS27_4_SER.bed.gz", *data / "BS28_2_SER.bed.gz"}));
  const SiteList sites = measured_sites(table);
  const AcrossCells across(table, sites);
  constexpr std::array kFour = {Statistic::mean, Statistic::var, Statistic::diff, Statistic::mode};
  const auto at = [&](std::size_t chrom, std::uint32_t position) {
    const auto positions = sites.positions(chrom);
    const auto i = std::lower_bound(positions.begin(), positions.end(), position - 1) - positions.begin();
    return across.at_sites({{sites.first(chrom) + i}}, kFour, 1);
  };
  EXPECT_THAT(at(0, 3'071'630), ElementsAre(0.5F, 0.25F, 1, 0));
  EXPECT_THAT(at(0, 3'010'417), ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(at(1, 4'190'571), ElementsAre(0.5F, 0.25F, 1, 0));
}

}  // namespace
}  // namespace basewise::methylation
