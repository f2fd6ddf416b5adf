#include "basewise/corpus/group_split.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise::corpus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// 60 items of 20 groups, which are scattered over the list.
std::vector<std::string> words() {
  std::vector<std::string> groups;
  for (int i = 0; i < 60; ++i) groups.push_back("g" + std::to_string(i % 20));
  return groups;
}

std::set<std::string> groups_in(const std::vector<std::int64_t>& items) {
  std::set<std::string> found;
  const auto all = words();
  for (const std::int64_t i : items) found.insert(all[static_cast<std::size_t>(i)]);
  return found;
}

TEST(GroupSplit, AGroupIsInOneSet) {
  const SplitOptions o{.by = SplitBy::group, .validation_fraction = 0.2, .test_fraction = 0.1};
  const IndexSplit split = split_by_group(o, words(), 3);
  EXPECT_EQ(split.test.size(), 6u);
  EXPECT_EQ(split.validation.size(), 12u);
  EXPECT_EQ(split.train.size(), 42u);
  EXPECT_EQ(groups_in(split.test).size() + groups_in(split.validation).size() + groups_in(split.train).size(), 20u);
  EXPECT_EQ(split_by_group(o, words(), 3).test, split.test);
  EXPECT_NE(groups_in(split_by_group(o, words(), 4).test), groups_in(split.test));
}

TEST(GroupSplit, LargeGroupsTrain) {
  std::vector<std::string> groups(90, "large");
  for (int i = 0; i < 10; ++i) groups.push_back(std::to_string(i));
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    const IndexSplit split = split_by_group({.validation_fraction = 0, .test_fraction = 0.05}, groups, seed);
    EXPECT_EQ(split.test.size(), 5u);
    EXPECT_EQ(split.train.front(), 0);
  }
  EXPECT_THAT(error_text([] { split_by_group({.test_fraction = 0.1}, std::vector<std::string>(50, "one"), 1); }),
              HasSubstr("the validation set is to hold 5 of 50 sequences, but none of the 1 groups is that small"));
}

TEST(GroupSplit, ItemsWithoutAWordAreGroupsOfTheirOwn) {
  const IndexSplit split = split_by_group({.validation_fraction = 0, .test_fraction = 0.3}, std::vector<std::string>(10), 1);
  EXPECT_EQ(split.test.size(), 3u);
  EXPECT_EQ(split.train.size(), 7u);
}

TEST(GroupSplit, GroupsByName) {
  SplitOptions o;
  o.test_groups = {"b"};
  o.validation_groups = {"c", "d"};
  const IndexSplit split = split_by_group(o, {"a", "b", "c", "b", "d", "e"}, 1);
  EXPECT_THAT(split.train, ElementsAre(0, 5));
  EXPECT_THAT(split.validation, ElementsAre(2, 4));
  EXPECT_THAT(split.test, ElementsAre(1, 3));
  o.test_groups = {"gene"};
  EXPECT_THAT(error_text([&] {
                split_by_group(o, {"gene1", "c", "d"}, 1);
              }),
              HasSubstr("there is no group 'gene', which is to be in test; did you mean 'gene1'?"));
  o.test_groups = {"c"};
  EXPECT_THAT(error_text([&] { split_by_group(o, {"a", "c", "d"}, 1); }), HasSubstr("both name group 'c'"));
}

TEST(GroupSplit, GroupsOfNames) {
  const std::vector<std::string> names = {"BRCA1_ref", "BRCA1_alt", "TP53_ref", "odd"};
  EXPECT_THAT(groups_of_names(names, "^([^_]+)_"), ElementsAre("BRCA1", "BRCA1", "TP53", "odd"));
  EXPECT_THAT(groups_of_names(names, "[A-Z]+\\d+"), ElementsAre("BRCA1", "BRCA1", "TP53", "odd"));
  EXPECT_THAT(error_text([&] { groups_of_names(names, "(a"); }), HasSubstr("group_pattern \"(a\" is no regular expression"));
  EXPECT_THAT(error_text([&] { groups_of_names(names, "chr"); }), HasSubstr("matches none of the 4 names, such as 'BRCA1_ref'"));
  EXPECT_THAT(error_text([&] { groups_of_names({std::string(5000, 'a')}, "a"); }), HasSubstr("too long for group_pattern"));
}

}  // namespace
}  // namespace basewise::corpus
