#include "basewise/methylation/neighbours.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/methylation_tables.h"

namespace basewise::methylation {
namespace {

using namespace test_tables;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

std::vector<std::int64_t> all_rows(const SiteList& sites) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(sites.size()));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

/// All calls of a cell sorted by distance on each side:
/// slow, and nothing shared with what is tested.
void by_hand(const ChromCalls& calls, std::int64_t position, std::size_t k, std::vector<float>& states,
             std::vector<std::int32_t>& distances) {
  std::vector<std::pair<std::int64_t, float>> left, right;
  for (std::size_t i = 0; i < calls.positions.size(); ++i) {
    const std::int64_t away = std::int64_t{calls.positions[i]} - position;
    if (away < 0) left.emplace_back(-away, calls.shares[i]);
    if (away > 0) right.emplace_back(away, calls.shares[i]);
  }
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  for (std::size_t i = 0; i < 2 * k; ++i) {
    const auto& side = i < k ? left : right;
    const std::size_t at = i < k ? k - 1 - i : i - k;
    states.push_back(at < side.size() ? side[at].second : -1);
    distances.push_back(at < side.size() ? static_cast<std::int32_t>(side[at].first) : -1);
  }
}

TEST(Neighbours, EqualASearchThroughAllCalls) {
  for (const bool shares : {false, true})
    for (const std::int64_t k : {1, 4, 25}) {
      const CallTable calls = random_table(5, shares);
      const CellTable table(calls);
      const SiteList sites = measured_sites(table);
      const Neighbours neighbours(table, sites, k);
      auto rows = all_rows(sites);
      std::reverse(rows.begin(), rows.end());
      const std::size_t n = rows.size() * 3 * static_cast<std::size_t>(2 * k);
      std::vector<float> states(n), scaled_states(n), scaled(n);
      std::vector<std::int32_t> distances(n);
      neighbours.fill(rows, states, distances);
      neighbours.fill_scaled(rows, scaled_states, scaled);
      std::vector<float> wanted_states;
      std::vector<std::int32_t> wanted_distances;
      for (const std::int64_t row : rows)
        for (const CellCalls& cell : calls.cells)
          by_hand(cell.chroms[sites[row].chrom], sites[row].position, static_cast<std::size_t>(k), wanted_states, wanted_distances);
      EXPECT_THAT(states, ElementsAreArray(wanted_states));
      EXPECT_THAT(distances, ElementsAreArray(wanted_distances));
      for (std::size_t i = 0; i < n; ++i) {
        EXPECT_EQ(scaled_states[i], states[i] < 0 ? 0.5F : states[i]);
        EXPECT_EQ(scaled[i], distances[i] < 0 ? 1.F : static_cast<float>(distances[i]) * (1.F / 25'000));
      }
    }
}

TEST(Neighbours, OneCellAsAllCells) {
  const CellTable table(random_table(6, true));
  const SiteList sites = measured_sites(table);
  const Neighbours neighbours(table, sites, 4);
  const auto rows = all_rows(sites);
  std::vector<float> all(rows.size() * 24), one(rows.size() * 8);
  std::vector<std::int32_t> all_distances(all.size()), distances(one.size());
  neighbours.fill(rows, all, all_distances);
  for (std::size_t cell = 0; cell < 3; ++cell) {
    neighbours.fill_cell(cell, rows, one, distances);
    for (std::size_t row = 0; row < rows.size(); ++row)
      for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(one[row * 8 + i], all[(row * 3 + cell) * 8 + i]);
        EXPECT_EQ(distances[row * 8 + i], all_distances[(row * 3 + cell) * 8 + i]);
      }
  }
}

TEST(Neighbours, FarOnesAreCutOffWhereTheyAreScaled) {
  const CellTable table(table_of({{chrom_calls({{0, 0.F}, {12'500, 1.F}, {100'000, 1.F}})}}));
  const SiteList sites = measured_sites(table);
  std::vector<float> states(4), distances(4);
  Neighbours(table, sites, 2).fill_scaled({{1}}, states, distances);
  EXPECT_THAT(states, ElementsAre(0.5F, 0.F, 1.F, 0.5F));
  EXPECT_THAT(distances, ElementsAre(1.F, 0.5F, 1.F, 1.F));
}

TEST(Neighbours, Labels) {
  const CellTable table(table_of({{chrom_calls({{3, 1.F}, {9, 0.F}})}, {chrom_calls({{9, 1.F}})}}));
  const SiteList sites = measured_sites(table);
  std::vector<float> labels(4);
  Neighbours(table, sites).labels({{1, 0}}, labels);
  EXPECT_THAT(labels, ElementsAre(0.F, 1.F, 1.F, -1.F));
  EXPECT_EQ(table.bytes(), 3 * 5);
}

TEST(Neighbours, Errors) {
  const CellTable table(random_table(7, false));
  const SiteList sites = measured_sites(table);
  const Neighbours neighbours(table, sites);
  std::vector<float> states(150), labels(3);
  std::vector<std::int32_t> distances(149);
  EXPECT_THAT(error_text<ArgumentError>([&] { Neighbours(table, sites, 0); }), HasSubstr("0 neighbours on each side"));
  EXPECT_THAT(error_text<ArgumentError>([&] { neighbours.fill({{0}}, states, distances); }),
              HasSubstr("the arrays hold 150 states and 149 distances"));
  EXPECT_THAT(error_text<ArgumentError>([&] { neighbours.labels({{0, 1}}, labels); }), HasSubstr("have 6 labels; the array holds 3"));
  EXPECT_THAT(error_text<ArgumentError>([&] { neighbours.labels({{sites.size()}}, labels); }), HasSubstr("there is no site"));
}

// The numbers of the published program's own tests, and those that the profiles give.
TEST(Neighbours, OfTwoSerumCells) {
  const auto data = testing_files::shared_data("deepcpg/cpg_profiles");
  if (!data) GTEST_SKIP() << "deepcpg is not in BASEWISE_DATA or ../shared/data";
  const CellTable table(read_calls({*data / "BS27_4_SER.bed.gz", *data / "BS28_2_SER.bed.gz"}));
  const SiteList sites = measured_sites(table);
  EXPECT_EQ(sites.size(), 17'023);
  EXPECT_EQ(measured_sites(table, {.least_cells = 2}).size(), 2977);
  EXPECT_NEAR(table.mean(0), 0.4069, 1e-9);
  EXPECT_NEAR(table.mean(1), 0.6859, 1e-9);
  const Neighbours neighbours(table, sites, 4);
  const auto look = [&](std::size_t chrom, std::uint32_t position, std::size_t cell) {
    const auto positions = sites.positions(chrom);
    const auto at = std::lower_bound(positions.begin(), positions.end(), position - 1) - positions.begin();
    std::vector<float> states(8);
    std::vector<std::int32_t> distances(8);
    neighbours.fill_cell(cell, {{sites.first(chrom) + at}}, states, distances);
    for (std::size_t i = 0; i < 8; ++i)
      if (distances[i] >= 0) distances[i] = static_cast<std::int32_t>(position) + (i < 4 ? -distances[i] : distances[i]);
    return std::pair(states, distances);
  };
  auto [states, positions] = look(0, 3'000'734, 0);
  EXPECT_THAT(states, ElementsAre(0, 1, 1, 1, 0, 0, 0, 1));
  EXPECT_THAT(positions, ElementsAre(3'000'163, 3'000'310, 3'000'315, 3'000'612, 3'000'944, 3'001'029, 3'001'188, 3'004'806));
  std::tie(states, positions) = look(0, 3'000'086, 0);
  EXPECT_THAT(states, ElementsAre(-1, -1, -1, 1, 1, 0, 1, testing::_));
  EXPECT_THAT(positions, ElementsAre(-1, -1, -1, 3'000'023, 3'000'092, 3'000'163, 3'000'310, testing::_));
  std::tie(states, positions) = look(1, 4'201'639, 1);
  EXPECT_THAT(states, ElementsAre(0, 1, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(positions, ElementsAre(4'201'599, 4'201'621, 4'201'623, 4'201'628, 4'201'645, 4'201'657, 4'201'677, 4'201'688));
}

}  // namespace
}  // namespace basewise::methylation
