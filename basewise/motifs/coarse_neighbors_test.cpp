// The search for nearest seqlets: bounds rule out nothing that counts, and nothing depends on
// threads or instruction sets.
#include "basewise/motifs/detail/coarse_neighbors.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/motifs/detail/bound_search.h"
#include "basewise/motifs/detail/discovery_test_support.h"

namespace basewise::motifs::detail {
namespace {

const GappedKmerOptions kOptions = {.top_positions = 11, .min_k = 3, .max_k = 5, .max_gap = 9, .max_len = 10, .max_entries = 120};

/// Seqlets of 23 bases: three motifs on both strands, one of them a palindrome.
GappedKmerRows planted_rows(std::int64_t count, const GappedKmerSpace& space) {
  const auto simulated = testing::simulate(count, 23, {{"TGACTCAG", 1, 1, 0.5}}, 3).set;
  AttributionSet set = simulated;
  const std::string_view others[] = {"CACGTG", "GGAAGT"};
  for (std::int64_t e = 0; e < count; ++e)
    if (e % 3 != 0)
      for (std::int64_t i = 0; i < 6; ++i) {
        set.tokens[e * 23 + 15 + i] = static_cast<seq::Token>(seq::kLetters.find(others[e % 3 - 1][i]));
        set.contributions[e * 23 + 15 + i] += 1.5f;
      }
  std::vector<Seqlet> seqlets(count);
  for (std::int64_t e = 0; e < count; ++e) seqlets[e] = {.example = e, .start = 0, .end = 23, .reverse = e % 2 == 1};
  return gapped_kmers(set, seqlets, 1, kOptions, space);
}

/// Random rows, some of them with negative weights, which the bounds are wide for, some empty.
GappedKmerRows random_rows(std::int64_t count, const GappedKmerSpace& space) {
  Stream stream(9);
  GappedKmerRows rows;
  for (std::int64_t row = 0; row < count; ++row) {
    std::vector<std::uint32_t> numbers;
    for (std::int64_t i = 0; i < 40 && row % 17 != 5; ++i) {
      const auto number = static_cast<std::uint32_t>(stream.below(90));
      numbers.push_back(i % 2 == 0 ? number : space.turned(number));
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    for (const std::uint32_t number : numbers) {
      rows.number.push_back(number);
      rows.weight.push_back(static_cast<float>(row % 3 == 0 ? stream.normal() : stream.uniform(0.5, 1)) / 8);
    }
    rows.row_begin.push_back(static_cast<std::int64_t>(rows.number.size()));
  }
  return rows;
}

void expect_all_compared(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t most) {
  const Neighbors found = coarse_neighbors(rows, space, most);
  const KmerMatrix matrix = kmer_matrix(rows, space);
  RowCosine cosine(matrix);
  for (std::int64_t row = 0; row < matrix.rows(); row += 7) {
    cosine.take(row);
    std::vector<Nearness> all;
    for (std::int64_t other = 0; other < matrix.rows(); ++other) all.emplace_back(cosine.with(other), static_cast<std::int32_t>(other));
    std::sort(all.begin(), all.end(), nearer);
    for (std::int64_t i = 0; i < most; ++i) {
      ASSERT_EQ(found.index[row * most + i], all[i].second) << row << " " << i;
      ASSERT_EQ(found.similarity[row * most + i], all[i].first) << row << " " << i;
    }
  }
}

TEST(CoarseNeighbors, AreThoseOfAllPairs) {
  const GappedKmerSpace space(kOptions);
  expect_all_compared(planted_rows(2'500, space), space, 60);
  expect_all_compared(planted_rows(37, space), space, 37);
}

TEST(CoarseNeighbors, AreThoseOfAllPairsWhereBoundsAreWide) {
  const GappedKmerSpace space(kOptions);
  expect_all_compared(random_rows(9'000, space), space, 50);  // more than are gathered before most are dropped
}

TEST(CoarseNeighbors, DoNotDependOnThreads) {
  const GappedKmerSpace space(kOptions);
  const GappedKmerRows rows = planted_rows(2'100, space);
  set_threads(1);
  const Neighbors one = coarse_neighbors(rows, space, 50);
  set_threads(3);
  const Neighbors three = coarse_neighbors(rows, space, 50);
  set_threads(0);
  EXPECT_EQ(one.index, three.index);
  EXPECT_EQ(one.similarity, three.similarity);
}

TEST(ByteProducts, EveryFormGivesTheSameSums) {
  constexpr std::int64_t kGroups = 5, kNamed = 3;
  Stream stream(4);
  std::vector<std::uint8_t> unit(kGroups * kUnitRows * kGroupBytes), queries(kNamed * kByteQueries * kGroupBytes);
  for (std::uint8_t& byte : unit) byte = static_cast<std::uint8_t>(stream.below(128));
  for (std::uint8_t& byte : queries) byte = static_cast<std::uint8_t>(stream.below(128));
  unit[4] = unit[5] = queries[0] = queries[1] = 127;
  const std::array<std::uint16_t, kNamed> group = {0, 2, 4};
  std::array<std::int32_t, kByteQueries * kUnitRows> expected = {}, sums;
  for (std::int64_t i = 0; i < kNamed; ++i)
    for (std::int64_t q = 0; q < kByteQueries; ++q)
      for (std::int64_t row = 0; row < kUnitRows; ++row)
        for (std::int64_t b = 0; b < kGroupBytes; ++b)
          expected[q * kUnitRows + row] +=
              queries[(i * kByteQueries + q) * kGroupBytes + b] * unit[(group[i] * kUnitRows + row) * kGroupBytes + b];
  for (const kernels::Isa isa : kernels::supported_isas()) {
    byte_products(isa)(unit.data(), group.data(), kNamed, queries.data(), sums.data());
    EXPECT_EQ(sums, expected) << kernels::name(isa);
  }
}

}  // namespace
}  // namespace basewise::motifs::detail
