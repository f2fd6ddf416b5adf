#include "basewise/core/some_of.h"

#include <vector>

#include <gtest/gtest.h>

namespace basewise {
namespace {

TEST(SomeOf, ShowsAFewAndCountsTheOthers) {
  const std::vector<std::string> names = {"chr1", "chr2", "chr3"};
  EXPECT_EQ(some_of(names), "chr1, chr2, chr3");
  EXPECT_EQ(some_of(names, "'", 3), "'chr1', 'chr2', 'chr3'");
  EXPECT_EQ(some_of(names, "'", 2), "'chr1', 'chr2' and 1 more");
  EXPECT_EQ(some_of({}, "'", 2, "nothing"), "nothing");
  EXPECT_EQ(some_of(std::vector<std::string>(3004, "c"), "'", 5), "'c', 'c', 'c', 'c', 'c' and 2999 more");
}

}  // namespace
}  // namespace basewise
