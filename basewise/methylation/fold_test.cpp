#include "basewise/methylation/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/methylation/neighbours.h"
#include "tests/support/error_text.h"
#include "tests/support/methylation_tables.h"

namespace basewise::methylation {
namespace {

using namespace test_tables;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Fold, TheSequenceDecides) {
  //                                          0123456789012
  const KnownSequence sequence = sequence_of(">c0\nACGTTCGCGANCG\n");
  CallTable table = table_of({{chrom_calls({{1, 1.F}, {2, 0.F}, {5, 0.5F}, {6, 1.F}, {8, 1.F}}, {3, 1, 2, 6, 5})},
                              {chrom_calls({{3, 1.F}, {6, 0.F}, {7, 1.F}, {12, 1.F}})}});
  const auto counts = fold_strands(table, &sequence);
  EXPECT_THAT(table.cells[0].chroms[0].positions, ElementsAre(1, 5, 7));
  EXPECT_THAT(table.cells[0].chroms[0].shares, ElementsAre(0.75F, 0.875F, 1.F));
  EXPECT_THAT(table.cells[0].chroms[0].coverage, ElementsAre(4, 8, 5));
  EXPECT_THAT(table.cells[1].chroms[0].positions, ElementsAre(5, 7, 11));
  EXPECT_THAT(table.cells[1].chroms[0].coverage, IsEmpty());
  EXPECT_EQ(counts[0], (FoldCounts{.forward_by_sequence = 2, .reverse_by_sequence = 3, .merged = 2}));
  EXPECT_EQ(counts[1], (FoldCounts{.forward_by_sequence = 1, .reverse_by_sequence = 2, .no_cpg = 1}));
  const auto again = fold_strands(table, &sequence);
  EXPECT_EQ(again[0], (FoldCounts{.forward_by_sequence = 3}));
  EXPECT_EQ(again[1], (FoldCounts{.forward_by_sequence = 3}));
}

TEST(Fold, NeighboursDecideWhereNoSequenceIsKnown) {
  // Cell b shows that 10 and 11 are a CpG; 20 to 23 are two; 30 is alone;
  // 40 to 42 may be paired from both ends.
  CallTable table = table_of({{chrom_calls({{11, 1.F}, {21, 0.F}, {22, 1.F}, {30, 1.F}, {41, 1.F}})},
                              {chrom_calls({{10, 0.F}, {11, 1.F}, {20, 1.F}, {23, 0.F}, {40, 1.F}, {42, 0.F}})}});
  const auto counts = fold_strands(table, nullptr);
  EXPECT_THAT(table.cells[0].chroms[0].positions, ElementsAre(10, 20, 22, 30, 40));
  EXPECT_THAT(table.cells[1].chroms[0].positions, ElementsAre(10, 20, 22, 40, 42));
  EXPECT_THAT(table.cells[1].chroms[0].shares, ElementsAre(0.5F, 1.F, 0.F, 1.F, 0.F));
  EXPECT_EQ(counts[0], (FoldCounts{.forward_by_pair = 1, .reverse_by_pair = 2, .undecided = 1, .ambiguous = 1}));
  EXPECT_EQ(counts[1], (FoldCounts{.forward_by_pair = 2, .reverse_by_pair = 2, .ambiguous = 2, .merged = 1}));
}

TEST(Fold, LettersThatAreNotKnownAreLikeNoSequence) {
  //                                          01234567
  const KnownSequence sequence = sequence_of(">c0\nNGACNNNA\n");
  CallTable table = table_of({{chrom_calls({{1, 1.F}, {3, 1.F}, {5, 1.F}, {6, 0.F}}), chrom_calls({{3, 1.F}, {4, 1.F}})}});
  const auto counts = fold_strands(table, &sequence);
  EXPECT_THAT(table.cells[0].chroms[0].positions, ElementsAre(1, 3, 5));
  EXPECT_THAT(table.cells[0].chroms[1].positions, ElementsAre(3));
  EXPECT_EQ(counts[0], (FoldCounts{.forward_by_pair = 2, .reverse_by_pair = 2, .undecided = 2, .merged = 2}));
}

TEST(Fold, AnotherAssemblyIsAnError) {
  const KnownSequence sequence = sequence_of(">c0\nACGTTCGCGAACG\n");
  CallTable table = table_of({{chrom_calls({{0, 1.F}, {4, 1.F}, {5, 1.F}})}});
  EXPECT_THAT(error_text<DataError>([&] { fold_strands(table, &sequence); }),
              testing::AllOf(HasSubstr("2 of 3 calls with known sequence are at no CpG"), HasSubstr("first_base")));
}

// Both strands are listed, and each position is one too small: every G of a CpG is read as its C.
TEST(Fold, BothStrandsCountedFromTheOtherNumberAreAnError) {
  const KnownSequence sequence = sequence_of(">c0\nACGTTCGTAACGT\n");
  CallTable table = table_of({{chrom_calls({{0, 1.F}, {1, 1.F}, {4, 1.F}, {5, 1.F}, {9, 1.F}, {10, 1.F}})}});
  EXPECT_THAT(error_text<DataError>([&] { fold_strands(table, &sequence); }),
              HasSubstr("3 of 6 calls with known sequence are at no CpG; the sequence is of another assembly, positions count from another "
                        "number (first_base), or the files have calls of other contexts"));
}

/// The share of sites whose state is that of their nearest neighbour in the same cell, and the
/// number of sites whose nearest neighbour is one base away.
std::pair<double, std::int64_t> agreement(CallTable calls) {
  const CellTable table(std::move(calls));
  const SiteList sites = measured_sites(table);
  const Neighbours neighbours(table, sites, 1);
  std::int64_t same = 0, adjoining = 0;
  for (std::int64_t row = 0; row < sites.size(); ++row) {
    std::vector<float> states(2), label(1);
    std::vector<std::int32_t> distances(2);
    neighbours.fill({{row}}, states, distances);
    neighbours.labels({{row}}, label);
    const bool left = distances[1] < 0 || (distances[0] >= 0 && distances[0] < distances[1]);
    same += states[left ? 0 : 1] == label[0] ? 1 : 0;
    adjoining += distances[left ? 0 : 1] == 1 ? 1 : 0;
  }
  return {static_cast<double>(same) / static_cast<double>(sites.size()), adjoining};
}

TEST(Fold, UnfoldedTheNearestNeighbourOfASiteIsTheSiteItself) {
  // States without any order along the genome: nothing can be known of a site from other sites.
  Stream random(11);
  Calls calls;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const auto state = static_cast<float>(random.below(2));
    calls.emplace_back(100 * i, state);
    calls.emplace_back(100 * i + 1, state);
  }
  const auto [leaking, all] = agreement(table_of({{chrom_calls(calls)}}));
  EXPECT_EQ(leaking, 1);
  EXPECT_EQ(all, 4000);
  CallTable table = table_of({{chrom_calls(calls)}});
  const auto counts = fold_strands(table, nullptr);
  EXPECT_EQ(counts[0], (FoldCounts{.forward_by_pair = 2000, .reverse_by_pair = 2000, .merged = 2000}));
  const auto [honest, none] = agreement(table);
  EXPECT_NEAR(honest, 0.5, 0.04);
  EXPECT_EQ(none, 0);
}

/// One cell that has every position that any cell has, once.
CallTable places_of(const CallTable& table) {
  const CellTable cells(table);
  const SiteList sites = measured_sites(cells);
  CallTable all = {.chromosomes = table.chromosomes, .cells = {{.name = "all", .file = "all"}}};
  for (std::size_t chrom = 0; chrom < sites.chromosomes(); ++chrom) {
    ChromCalls& calls = all.cells.front().chroms.emplace_back();
    calls.positions.assign(sites.positions(chrom).begin(), sites.positions(chrom).end());
    calls.shares.assign(calls.positions.size(), 1.F);
  }
  return all;
}

TEST(Fold, TwelveCellsOfMouse) {
  const auto cells = testing_files::shared_data("scbs_mouse_methylation");
  const auto windows = testing_files::shared_data("baskerville_tiny/fasta/mm10_windows.fa.gz");
  if (!cells || !windows) GTEST_SKIP() << "scbs_mouse_methylation or baskerville_tiny is not in BASEWISE_DATA or ../shared/data";
  std::vector<std::filesystem::path> files;
  for (int i = 1; i <= 12; ++i) files.push_back(*cells / format("cell_{:02}.cov.gz", i));
  CallTable table = read_calls(files);
  EXPECT_EQ(table.cells[3].size(), 102'403);
  EXPECT_EQ(table.cells[9].size(), 50'754);
  const KnownSequence sequence(io::load_genome(*windows).genome);
  CallTable places = places_of(table);
  FoldCounts all;
  for (const FoldCounts& counts : fold_strands(table, &sequence)) all += counts;
  EXPECT_EQ(all.forward_by_sequence, 1203);
  EXPECT_EQ(all.reverse_by_sequence, 1071);
  EXPECT_EQ(all.no_cpg, 0);
  all = fold_strands(places, &sequence).front();
  EXPECT_EQ(all.forward_by_sequence, 617);
  EXPECT_EQ(all.reverse_by_sequence, 622);
  EXPECT_EQ(all.no_cpg, 0);
}

}  // namespace
}  // namespace basewise::methylation
