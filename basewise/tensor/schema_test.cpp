#include "basewise/tensor/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Schema profiles() {
  Schema schema{{.name = "sequence", .type = at::kByte, .shape = {37}, .rule = StrandRule::tokens, .bin = 1},
                {.name = "profile",
                 .shape = {2, 29},
                 .rule = StrandRule::paired,
                 .role = Role::target,
                 .bin = 4,
                 .channels = {"+", "-"}}};
  schema.add_mask("profile");
  schema.add({.name = "again", .shape = {2, 29}, .rule = StrandRule::paired, .role = Role::replicate, .of = "profile", .bin = 4});
  schema.add({.name = "mouse", .shape = {5}, .role = Role::target, .sets = {1}});
  schema.add_places({"position"});
  return schema;
}

TEST(Schema, FieldsAreFoundByNameRoleAndWhatTheyBelongTo) {
  const Schema schema = profiles();
  EXPECT_THAT(schema.names(), ElementsAre("sequence", "profile", "profile.mask", "again", "mouse", "position"));
  EXPECT_THAT(schema.names(Role::target), ElementsAre("profile", "mouse"));
  EXPECT_EQ(schema.first(Role::target)->name, "profile");
  EXPECT_EQ(schema.first(Role::weight), nullptr);
  EXPECT_EQ(schema.of("profile", Role::replicate)->name, "again");
  EXPECT_EQ(schema.of("mouse", Role::mask), nullptr);
  EXPECT_EQ(schema.strand_rule("profile.mask"), StrandRule::paired);
  EXPECT_EQ(schema.strand_rule("unheard of"), StrandRule::unchanged);
  EXPECT_THAT(schema.of_set(0).names(Role::target), ElementsAre("profile"));
  EXPECT_THAT(schema.of_set(1).names(Role::target), ElementsAre("profile", "mouse"));
}

TEST(Schema, AMaskFollowsWhatItMasks) {
  Schema schema = profiles();
  schema.add_mask("sequence");
  EXPECT_EQ(schema.at("sequence.mask").rule, StrandRule::mirrored) << "a mask has no bases to complement";
  schema.set_strand_rule("profile", StrandRule::mirrored);
  schema.set_shape("profile", {2, 23});
  EXPECT_EQ(schema.at("profile.mask").rule, StrandRule::mirrored);
  EXPECT_EQ(schema.at("profile.mask").shape, (std::vector<std::int64_t>{2, 23}));
  EXPECT_EQ(schema.at("profile.mask").type, at::kBool);
}

TEST(Schema, ErrorsSayWhatIsThere) {
  Schema schema = profiles();
  EXPECT_THAT(error_text([&] { schema.at("labels"); }),
              HasSubstr("the data have no 'labels'; there are: sequence, profile, profile.mask, again, mouse, position"));
  EXPECT_THAT(error_text([&] { schema.add({.name = "mouse"}); }), HasSubstr("'mouse' is there twice"));
  EXPECT_THAT(error_text([&] { schema.add({.name = "m", .role = Role::mask, .of = "x"}); }),
              HasSubstr("mask 'm' belongs to 'x', which is not there"));
}

TEST(Schema, NamesSayWhatDataSetsOfOthersHold) {
  const Bundle example{{"profile.mask", at::ones({2, 29}, at::kBool)},
                       {"sequence", at::zeros({37}, at::kByte)},
                       {"profile", at::zeros({2, 29})},
                       {"replicate", at::zeros({2, 29})},
                       {"control_profile", at::zeros({3, 29})},
                       {"weight", at::zeros({})},
                       {"circle", at::zeros({}, at::kLong)},
                       {"labels", at::zeros({5})}};
  const Schema schema = schema_by_names(example);
  EXPECT_NO_THROW(check_example(schema, example));
  EXPECT_EQ(schema.strand_rule("sequence"), StrandRule::tokens);
  EXPECT_EQ(schema.of("profile", Role::mask)->name, "profile.mask");
  EXPECT_EQ(schema.of("profile", Role::replicate)->name, "replicate");
  EXPECT_THAT(schema.names(Role::target), ElementsAre("profile", "labels"));
  EXPECT_THAT(schema.names(Role::control), ElementsAre("control_profile"));
  EXPECT_THAT(schema.names(Role::weight), ElementsAre("weight"));
  EXPECT_THAT(schema.names(Role::place), ElementsAre("circle"));
  EXPECT_EQ(schema.at("profile").bin, 1);
  EXPECT_EQ(schema.at("labels").bin, 0);
  EXPECT_EQ(schema_by_names({{"sequence", at::zeros({4, 37})}}).strand_rule("sequence"), StrandRule::complemented);
}

TEST(Schema, ExamplesAreCheckedAgainstIt) {
  const Schema schema = profiles();
  Bundle example = blank_example(schema);
  EXPECT_NO_THROW(check_example(schema, example));
  example.set("profile", at::zeros({2, 31}));
  EXPECT_THAT(error_text([&] { check_example(schema, example); }),
              HasSubstr("an example has profile (2, 31) float32, its schema says profile (2, 29) float32"));
  example.erase("profile");
  EXPECT_THAT(error_text([&] { check_example(schema, example); }), HasSubstr("an example lacks 'profile'"));
  example = blank_example(schema);
  example.set("extra", at::zeros({3}));
  EXPECT_THAT(error_text([&] { check_example(schema, example); }), HasSubstr("an example has extra (3) float32, its schema does not"));
  const Schema varies{{.name = "reads", .shape = {4, -1}}};
  EXPECT_NO_THROW(check_example(varies, {{"reads", at::zeros({4, 7})}}));
  EXPECT_THAT(error_text([&] { blank_example(varies); }), HasSubstr("'reads' varies from example to example: reads (4, -1) float32"));
}

TEST(Schema, JsonThereAndBack) {
  const Schema schema = profiles();
  EXPECT_EQ(schema_from_json(to_json(schema)), schema);
  EXPECT_EQ(to_json(schema)[1].dump(),
            R"({"name":"profile","type":"float32","shape":[2,29],"role":"target","strands":"paired","bin":4,"channels":["+","-"]})");
  EXPECT_THAT(error_text([] { schema_from_json(nlohmann::ordered_json::parse(R"([{"name": "x"}])")); }), HasSubstr("schema: "));
  EXPECT_THAT(error_text([&] {
                auto json = to_json(schema);
                json[0]["type"] = "float128";
                schema_from_json(json);
              }),
              HasSubstr("schema: the type 'float128' is none that tensors have here"));
  EXPECT_THAT(error_text([&] {
                auto json = to_json(schema);
                json[0]["role"] = "label";
                schema_from_json(json);
              }),
              HasSubstr("schema: role is \"label\"; it must be one of input, target, mask"));
}

}  // namespace
}  // namespace basewise
