#include "basewise/motifs/motif_pairs.h"

#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

// Three motifs in five examples; the third example holds motif 1 twice, the last one nothing.
const std::vector<MotifHit> kHits = {{2, 1, 30, 36}, {0, 0, 3, 9}, {2, 1, 10, 16}, {0, 2, 12, 20}, {2, 0, 18, 24}, {3, 2, 7, 15}};
using Counts = std::vector<std::int64_t>;

TEST(MotifPairs, CountsHitsOfEachMotifInEachExample) {
  EXPECT_EQ(count_hits(kHits, 5, 3), (Counts{1, 0, 1, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(count_hits({}, 2, 3), Counts(6, 0));
}

TEST(MotifPairs, ExamplesCountOnceForAPair) {
  EXPECT_EQ(co_occurrence(kHits, 5, 3), (Counts{2, 1, 1, 1, 1, 0, 1, 0, 2}));
}

TEST(MotifPairs, SpacingIsFromEndToStartWithTheLeftMotifFirst) {
  const Spacing spacing = pair_spacing(kHits, 3, 15);
  EXPECT_EQ(spacing.overlapping, 0);
  Counts expected(3 * 3 * 15, 0);
  expected[(0 * 3 + 2) * 15 + 3] = 1;   // example 0: 9 to 12
  expected[(1 * 3 + 0) * 15 + 2] = 1;   // example 2: 16 to 18
  expected[(1 * 3 + 1) * 15 + 14] = 1;  // 16 to 30
  expected[(0 * 3 + 1) * 15 + 6] = 1;   // 24 to 30
  EXPECT_EQ(spacing.pairs, expected);
  EXPECT_EQ(pair_spacing(kHits, 3, 14).pairs[(1 * 3 + 1) * 14 + 13], 0);
}

TEST(MotifPairs, HitsThatOverlapAreCountedApart) {
  const std::vector<MotifHit> hits = {{0, 0, 3, 9}, {0, 0, 8, 14}, {0, 0, 14, 20}};
  const Spacing spacing = pair_spacing(hits, 1, 100);
  EXPECT_EQ(spacing.overlapping, 1);
  EXPECT_EQ(spacing.pairs[5], 1);
  EXPECT_EQ(spacing.pairs[0], 1);
}

TEST(MotifPairs, ErrorsNameTheHit) {
  EXPECT_EQ(error_text<ArgumentError>([] { return count_hits(kHits, 3, 3); }),
            "a hit has example 3 and motif 2; there are 3 examples and 3 motifs");
  EXPECT_EQ(error_text<ArgumentError>([] { return co_occurrence(kHits, 5, 2); }),
            "a hit has example 0 and motif 2; there are 5 examples and 2 motifs");
  EXPECT_EQ(error_text<ArgumentError>([] { return pair_spacing(kHits, 3, 0); }), "max_distance is 0; it must be at least 1");
}

}  // namespace
}  // namespace basewise::motifs
