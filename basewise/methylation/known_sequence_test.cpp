#include "basewise/methylation/known_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/methylation_tables.h"

namespace basewise::methylation {
namespace {

using test_tables::sequence_of;
using testing::ElementsAre;

std::string letters(const KnownSequence& sequence, std::int64_t place, std::int64_t start, std::size_t n) {
  std::vector<seq::Token> tokens(n);
  sequence.read(place, start, tokens);
  return seq::decode(tokens);
}

TEST(KnownSequence, WholeChromosomesAndStretchesOfThem) {
  const KnownSequence sequence =
      sequence_of(">chr1\nACGTAC\n>chr2:100-104 train\nTTGA\n>chr2:102-108\nGACCGG\n>chr2:20-23\nCGN\n>x:1-9\nAC\n");
  EXPECT_THAT(sequence.chromosomes(), ElementsAre("chr1", "chr2", "x:1-9"));
  EXPECT_EQ(letters(sequence, 0, -2, 10), "NNACGTACNN");
  EXPECT_EQ(letters(sequence, 1, 98, 12), "NNTTGACCGGNN");
  EXPECT_EQ(letters(sequence, 1, 19, 5), "NCGNN");
  EXPECT_EQ(letters(sequence, 2, 0, 2), "AC");
  EXPECT_EQ(letters(sequence, -1, 0, 2), "NN");
  EXPECT_EQ(sequence.at(1, 107), seq::kG);
  EXPECT_EQ(sequence.at(1, 108), seq::kN);
}

TEST(KnownSequence, AStretchInsideALongerOne) {
  const KnownSequence sequence = sequence_of(">c:0-8\nACGTACGT\n>c:2-4\nGT\n");
  EXPECT_EQ(letters(sequence, 0, 0, 9), "ACGTACGTN");
  EXPECT_EQ(letters(sequence, 0, 6, 2), "GT");
}

TEST(KnownSequence, NamesOfAnySpelling) {
  EXPECT_THAT(sequence_of(">chr1\nA\n>chrX\nA\n").places_of({"X", "chr1", "7"}), ElementsAre(1, 0, -1));
}

}  // namespace
}  // namespace basewise::methylation
