#include "basewise/core/lower_case.h"

#include <gtest/gtest.h>

namespace basewise {
namespace {

TEST(LowerCase, LettersAlone) {
  EXPECT_EQ(lower_case("aZ.BED_9[`{@"), "az.bed_9[`{@");
  EXPECT_EQ(lower_case("\xc3\x84X"), "\xc3\x84x") << "bytes beyond ASCII stay";
  EXPECT_EQ(lower_case(""), "");
}

}  // namespace
}  // namespace basewise
