#include "basewise/data/kept_values.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::HasSubstr;
using testing_support::toy_genome;

DatasetPtr around(std::vector<corpus::Locus> loci, const SourcePtr& source) {
  return examples(corpus::windows_around(std::move(loci), toy_genome()->sizes(), {.length = 11}), {source});
}

TEST(KeptValues, AreThoseOfTheLocusOnItsStrand) {
  const Field field{.name = "track", .shape = {2, 3}, .rule = StrandRule::paired, .role = Role::target, .bin = 4};
  const auto set = around({{0, 50}, {0, 70, seq::Strand::reverse}},
                          kept_values(field, {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(set->schema().at("track"), field);
  EXPECT_EQ(set->schema().of("track", Role::mask), nullptr) << "all were measured";
  EXPECT_TRUE(at::equal(set->get(0, Stream(0)).at("track"), at::tensor({1.F, 2.F, 3.F, 4.F, 5.F, 6.F}).view({2, 3})));
  EXPECT_TRUE(at::equal(set->get(1, Stream(0)).at("track"), at::tensor({16.F, 15.F, 14.F, 13.F, 12.F, 11.F}).view({2, 3})));
}

TEST(KeptValues, MissingOnesAreMaskedAndOnesArePositive) {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  const auto set = around({{0, 50}, {0, 60}, {1, 9}}, kept_values({.name = "labels", .shape = {2}, .role = Role::target},
                                                                  {0, 1, missing, 0, 2, missing}));
  const Bundle second = set->get(1, Stream(0));
  EXPECT_TRUE(at::equal(second.at("labels"), at::tensor({0.F, 0.F})));
  EXPECT_TRUE(at::equal(second.at("labels.mask"), at::tensor({0, 1}, at::kLong).ne(0)));
  EXPECT_TRUE(set->get(0, Stream(0)).at("labels.mask").all().item<bool>());
  EXPECT_TRUE(set->positive(0));
  EXPECT_FALSE(set->positive(1));
  EXPECT_FALSE(set->positive(2));
}

TEST(KeptValues, RefuseWhatDoesNotFit) {
  EXPECT_THAT(error_text([] { kept_values({.name = "x", .shape = {3}}, {1, 2}); }),
              HasSubstr("'x': 2 values are no rows of 3 float32 numbers"));
  EXPECT_THAT(error_text([] { kept_values({.name = "x", .type = at::kLong, .shape = {1}}, {1}); }), HasSubstr("float32"));
  EXPECT_THAT(error_text([] { around({{0, 50}, {0, 60}}, kept_values({.name = "x", .shape = {1}}, {1})); }),
              HasSubstr("'x' has values of 1 loci for 2 windows"));
}

}  // namespace
}  // namespace basewise::data
