// Nearest seqlets over several tiles against plain code.
#include "basewise/motifs/detail/coarse_neighbors.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/motifs/detail/tile_index.h"

namespace basewise::motifs::detail {
namespace {

const GappedKmerOptions kOptions = {.top_positions = 9, .min_k = 3, .max_k = 4, .max_gap = 4, .max_len = 7, .max_entries = 40};

/// Rows of few gapped k-mers, so that many are alike;
/// some are empty, and each ninth equals the one before.
GappedKmerRows random_rows(std::int64_t count, const GappedKmerSpace& space) {
  Stream stream(9);
  GappedKmerRows rows;
  std::map<std::uint32_t, float> weights;
  for (std::int64_t row = 0; row < count; ++row) {
    if (row % 9 != 8) {
      weights.clear();
      const std::uint32_t kind = static_cast<std::uint32_t>(stream.below(5)) * 60;
      for (std::int64_t i = 0; i < 20 && row % 17 != 5; ++i) {
        const auto number = kind + static_cast<std::uint32_t>(stream.below(90));
        weights[i % 2 == 0 ? number : space.turned(number)] =
            static_cast<float>(row % 3 == 0 ? stream.normal() : stream.uniform(0.5, 1)) / 5;
      }
    }
    for (const auto& [number, weight] : weights) {
      rows.number.push_back(number);
      rows.weight.push_back(weight);
    }
    rows.row_begin.push_back(static_cast<std::int64_t>(rows.number.size()));
  }
  return rows;
}

/// Similarities of a row with all, in double precision.
std::vector<double> plain_similarities(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t row) {
  std::vector<double> own(space.size()), turned(space.size()), result;
  for (std::int64_t e = rows.row_begin[row]; e < rows.row_begin[row + 1]; ++e) {
    own[rows.number[e]] = rows.weight[e];
    turned[space.turned(rows.number[e])] = rows.weight[e];
  }
  for (std::size_t other = 0; other + 1 < rows.row_begin.size(); ++other) {
    double forward = 0, reverse = 0;
    for (std::int64_t e = rows.row_begin[other]; e < rows.row_begin[other + 1]; ++e) {
      forward += own[rows.number[e]] * rows.weight[e];
      reverse += turned[rows.number[e]] * rows.weight[e];
    }
    result.push_back(std::max(forward, reverse));
  }
  return result;
}

void expect_plain(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t most, std::int64_t step) {
  const Neighbors found = coarse_neighbors(rows, space, most);
  ASSERT_EQ(found.rows(), static_cast<std::int64_t>(rows.row_begin.size()) - 1);
  for (std::int64_t row = 0; row < found.rows(); row += step) {
    ASSERT_EQ(found.row_begin[row], row * most);
    const std::vector<double> plain = plain_similarities(rows, space, row);
    std::vector<double> sorted = plain;
    std::sort(sorted.rbegin(), sorted.rend());
    std::set<std::int32_t> named;
    for (std::int64_t i = 0; i < most; ++i) {
      const std::int64_t at = row * most + i;
      ASSERT_NEAR(found.similarity[at], sorted[i], 2e-6) << row << " " << i;
      ASSERT_NEAR(found.similarity[at], plain[found.index[at]], 2e-6) << row << " " << i;
      EXPECT_TRUE(named.insert(found.index[at]).second) << row << " " << i;
      const bool level = i > 0 && found.similarity[at] == found.similarity[at - 1];
      EXPECT_TRUE(!level || found.index[at - 1] < found.index[at]) << row << " " << i;
    }
  }
}

TEST(CoarseNeighbors, AreThoseOfAllPairs) {
  const GappedKmerSpace space(kOptions);
  expect_plain(random_rows(2 * TileIndex::kRows + 300, space), space, 60, 97);
  expect_plain(random_rows(700, space), space, 130, 1);
}

TEST(CoarseNeighbors, FewRowsHaveAllOthers) {
  const GappedKmerSpace space(kOptions);
  for (const std::int64_t count : {1, 2, 64, 65, 257}) expect_plain(random_rows(count, space), space, count, 1);
  EXPECT_EQ(coarse_neighbors({}, space, 5).rows(), 0);
  EXPECT_EQ(coarse_neighbors(random_rows(3, space), space, 5).index.size(), 9u);
}

TEST(CoarseNeighbors, AreMutualToTheLastBit) {
  const GappedKmerSpace space(kOptions);
  constexpr std::int64_t kCount = 5'000, kMost = 40;
  const Neighbors found = coarse_neighbors(random_rows(kCount, space), space, kMost);
  std::map<std::pair<std::int32_t, std::int32_t>, float> seen;
  std::int64_t mutual = 0;
  for (std::int32_t row = 0; row < kCount; ++row)
    for (std::int64_t at = row * kMost; at < (row + 1) * kMost; ++at) {
      const auto [place, first] = seen.try_emplace(std::minmax(row, found.index[at]), found.similarity[at]);
      EXPECT_EQ(place->second, found.similarity[at]) << row << " " << found.index[at];
      mutual += !first;
    }
  EXPECT_GT(mutual, 10'000);
}

TEST(CoarseNeighbors, DoNotDependOnThreads) {
  const GappedKmerSpace space(kOptions);
  const GappedKmerRows rows = random_rows(TileIndex::kRows + 700, space);
  set_threads(1);
  const Neighbors one = coarse_neighbors(rows, space, 50);
  set_threads(3);
  const Neighbors three = coarse_neighbors(rows, space, 50);
  set_threads(0);
  EXPECT_EQ(one.index, three.index);
  EXPECT_EQ(one.similarity, three.similarity);
}

}  // namespace
}  // namespace basewise::motifs::detail
