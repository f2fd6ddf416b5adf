#include "basewise/data/kinds.h"

#include <gtest/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

TEST(DataKinds, EachIsFoundByItsName) {
  for (const DataKind* kind : data_kinds()) EXPECT_EQ(&data_kind(kind->name), kind);
  EXPECT_EQ(data_kind(DataOptions{}.kind).name, "simulation");
  EXPECT_EQ(error_text([] { data_kind("arrays"); }),
            format("there is no kind of data 'arrays'; the kinds are {}", fmt::join(data_kind_names(), ", ")));
}

// A kind of a file of its own: its options are no members of DataOptions, and yet read,
// copied and handed to what builds.
struct ArrayOptions {
  std::int64_t rows = 7;
};
void describe(Visitor& v, ArrayOptions& o) { v("rows", o.rows, "examples", at_least(1)); }

const DataKind kArrays{"arrays",
                       [](Visitor& v, DataOptions& o) { v.group("arrays", o.others.of<ArrayOptions>("arrays"), "stored arrays"); },
                       [](const DataOptions& o, std::uint64_t) {
                         DataSplits splits;
                         splits.summary = format("{} rows", o.others.of<ArrayOptions>("arrays").rows);
                         return splits;
                       }};

struct Recipe {
  DataOptions data = {};
};
void describe(Visitor& v, Recipe& o) { kArrays.describe(v, o.data); }

TEST(DataKinds, OptionsOfAKindNeedNoMember) {
  Recipe recipe;
  EXPECT_EQ(kArrays.build(recipe.data, 1).summary, "7 rows") << "the defaults where nothing was said";
  read_toml(described(recipe), "arrays.rows = 9", "recipe.toml");
  const DataOptions copy = recipe.data;
  recipe.data.others.of<ArrayOptions>("arrays").rows = 11;
  EXPECT_EQ(kArrays.build(copy, 1).summary, "9 rows");
  EXPECT_EQ(kArrays.build(recipe.data, 1).summary, "11 rows");
}

}  // namespace
}  // namespace basewise::data
