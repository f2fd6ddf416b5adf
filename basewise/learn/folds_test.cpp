#include "basewise/learn/folds.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Folds, KeepGroupsTogetherAndSizesNear) {
  std::vector<std::string> groups;
  for (const auto& [name, rows] :
       std::vector<std::pair<std::string, std::size_t>>{{"chr1", 9}, {"chr2", 7}, {"chr3", 4}, {"chr4", 3}, {"chr5", 2}})
    groups.insert(groups.end(), rows, name);
  const Folds folds = group_folds(groups, 2, 1);
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (groups[i] == groups[i - 1]) {
      EXPECT_EQ(folds.fold[i], folds.fold[i - 1]);
    }
  }
  // 9, then 7, then 4 to the second, 3 to the first, 2 to the second: 12 and 13, or the reverse.
  const auto first = std::count(folds.fold.begin(), folds.fold.end(), 0);
  EXPECT_TRUE(first == 12 || first == 13) << first;
  EXPECT_EQ(folds.rows_in(0).size() + folds.rows_outside(0).size(), 25u);
  EXPECT_EQ(std::ssize(folds.rows_in(1)), 25 - first);
}

TEST(Folds, EveryGroupIsOne) {
  const Folds folds = group_folds({"b", "a", "b", "c"}, 0, 1);
  EXPECT_EQ(folds.count, 3);
  EXPECT_THAT(folds.names, ElementsAre("a", "b", "c"));
  EXPECT_THAT(folds.fold, ElementsAre(1, 0, 1, 2));
}

TEST(Folds, ShareOutEachClass) {
  const Targets targets = {{{"y", {"0", "1"}}}, {{0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1}}};
  const Folds folds = random_folds(targets, 4, 3);
  for (std::int64_t fold = 0; fold < 4; ++fold) {
    double positive = 0;
    for (const std::int64_t row : folds.rows_in(fold)) positive += targets.values[0][static_cast<std::size_t>(row)];
    EXPECT_EQ(positive, 1);
    EXPECT_EQ(folds.rows_in(fold).size(), 3u);
  }
  EXPECT_EQ(random_folds(targets, 4, 3).fold, folds.fold);
  EXPECT_NE(random_folds(targets, 4, 4).fold, folds.fold);
}

TEST(Folds, Errors) {
  EXPECT_THAT(error_text<ArgumentError>([] { group_folds({"a", "b", "a"}, 3, 0); }), HasSubstr("3 folds were asked for of 2 groups"));
  EXPECT_THAT(error_text<ArgumentError>([] { group_folds({"a", "a"}, 0, 0); }), HasSubstr("1 folds; cross-validation needs two or more"));
  const Targets targets = {{{"y", {}}}, {{0, 1, 2}}};
  EXPECT_THAT(error_text<ArgumentError>([&] { random_folds(targets, 4, 0); }), HasSubstr("4 folds were asked for of 3 examples"));
}

}  // namespace
}  // namespace basewise::learn
