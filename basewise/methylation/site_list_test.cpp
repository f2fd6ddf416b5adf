#include "basewise/methylation/site_list.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/methylation_tables.h"

namespace basewise::methylation {
namespace {

using namespace test_tables;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint32_t> positions(const SiteList& sites, std::size_t chrom) {
  return {sites.positions(chrom).begin(), sites.positions(chrom).end()};
}

TEST(SiteList, TheUnionOfAllCells) {
  const CellTable table(
      table_of({{chrom_calls({{3, 1.F}, {9, 0.F}}), chrom_calls({})}, {chrom_calls({{5, 1.F}, {9, 1.F}}), chrom_calls({{4, 1.F}})}}));
  const SiteList sites = measured_sites(table);
  EXPECT_EQ(sites.size(), 4);
  EXPECT_THAT(positions(sites, 0), ElementsAre(3, 5, 9));
  EXPECT_THAT(positions(sites, 1), ElementsAre(4));
  EXPECT_EQ(sites[2], (Site{0, 9}));
  EXPECT_EQ(sites[3], (Site{1, 4}));
  EXPECT_EQ(sites.first(1), 3);
  EXPECT_THAT(positions(measured_sites(table, {.least_cells = 2}), 0), ElementsAre(9));
  EXPECT_THAT(error_text<ArgumentError>([&] { return sites[4]; }), HasSubstr("there is no site 4; there are 4"));
}

TEST(SiteList, SamplesAreThoseOfTheSeed) {
  const CellTable table(random_table(8, false));
  const SiteList all = measured_sites(table);
  const SiteList some = measured_sites(table, {.sample = 9, .seed = 1}), again = measured_sites(table, {.sample = 9, .seed = 1});
  ASSERT_EQ(some.size(), 9);
  bool differs = false;
  const SiteList other = measured_sites(table, {.sample = 9, .seed = 2});
  for (std::int64_t i = 0; i < 9; ++i) {
    EXPECT_EQ(some[i], again[i]);
    differs |= !(some[i] == other[i]);
    const auto from = all.positions(some[i].chrom);
    EXPECT_TRUE(std::binary_search(from.begin(), from.end(), some[i].position));
  }
  EXPECT_TRUE(differs);
  const SiteList few = measured_sites(table, {.sample_per_chromosome = 5});
  EXPECT_EQ(few.size(), 10);
  EXPECT_EQ(few.positions(0).size(), 5U);
}

}  // namespace
}  // namespace basewise::methylation
