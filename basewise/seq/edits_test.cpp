#include "basewise/seq/edits.h"
#include "tests/support/error_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace basewise::seq {
namespace {

using testing::HasSubstr;

TEST(Edits, SubstituteInsertErase) {
  EXPECT_EQ(substitute("ACGTACG", 2, "TT"), "ACTTACG");
  EXPECT_EQ(insert("ACGTACG", 7, "TT"), "ACGTACGTT");
  EXPECT_EQ(insert("ACGTACG", 0, "TT"), "TTACGTACG");
  EXPECT_EQ(erase("ACGTACG", 1, 5), "ACG");
  EXPECT_EQ(erase(insert("ACGTACG", 3, "NN"), 3, 5), "ACGTACG");
}

TEST(Edits, ReplaceChecksTheReference) {
  EXPECT_EQ(replace("ACgTACG", 2, "GT", "A"), "ACAACG");
  EXPECT_THAT(error_text([] { replace("ACGT", 1, "GG", "A"); }), HasSubstr("the sequence holds CG at position 1, the variant expects GG"));
}

TEST(Edits, RefuseWhatReachesOver) {
  EXPECT_THAT(error_text([] { substitute("ACGT", 3, "TT"); }), HasSubstr("substitute: [3, 5) does not lie inside a sequence of 4 bases"));
  EXPECT_THAT(error_text([] { insert("ACGT", 5, "T"); }), HasSubstr("insert: [5, 5)"));
  EXPECT_THAT(error_text([] { erase("ACGT", 3, 2); }), HasSubstr("erase: [3, 2)"));
  EXPECT_THAT(error_text([] { erase("ACGT", -1, 2); }), HasSubstr("erase: [-1, 2)"));
}

}  // namespace
}  // namespace basewise::seq
