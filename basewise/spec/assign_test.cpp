#include "basewise/spec/assign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/spec/reader.h"

namespace basewise::spec {
namespace {

using ::testing::HasSubstr;

constexpr const char* kModel = R"(
format = 1
[inputs.sequence]
channels = 4
[[layers]]
name = "stem"
type = "conv"
filters = 8
width = 5
[[layers]]
name = "body"
type = "residual"
repeat = 3
  [[layers.layers]]
  type = "conv"
  filters = 8
  width = 3
  dilation = [2, 4, 8]
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
  units = 1
)";

ModelSpec with(const std::string& assignment) {
  ModelSpec model = parse_spec(kModel, "m.toml");
  assign(model, assignment, "--set model.");
  return model;
}

std::string refusal(const std::string& assignment) {
  try {
    with(assignment);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(Assign, SetsOptionsOfLayersByNameAndByPosition) {
  EXPECT_EQ(with("stem.filters=48").layers[0].whole("filters", 0), 48);
  EXPECT_EQ(with("layers.0.filters=48"), with("stem.filters=48"));
  EXPECT_EQ(with("stem.padding=valid").layers[0].text("padding"), "valid");
  EXPECT_EQ(with("logits.dense.units=5").heads[0].layers[0].whole("units", 0), 5);
  EXPECT_EQ(with("heads.0.layers.0.units=5"), with("logits.dense.units=5"));
  EXPECT_EQ(with("logits.bias_initial=-3").heads[0].bias_values(), std::vector<double>{-3});
  EXPECT_EQ(with("sequence.length=37").inputs[0].length, 37);
}

TEST(Assign, ReachesInsideRepetitionsAndChangesTheirNumber) {
  EXPECT_EQ(with("body.conv.width=7").layers[1].layers[0].whole("width", 0), 7);
  EXPECT_EQ(with("layers.1.layers.0.width=7"), with("body.conv.width=7"));
  EXPECT_EQ(with("body.layers.0.width=7"), with("body.conv.width=7"));
  EXPECT_EQ(with("body.repeat=5").layers[1].repeat, 5);
  const ModelSpec dilated = with("body.conv.dilation=[1, 3, 9]");
  const auto& list = std::get<std::vector<SpecValue>>(dilated.layers[1].layers[0].option("dilation")->value);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(std::get<std::int64_t>(list[2].value), 9);
}

TEST(Assign, NamesTheLayersThatThereAre) {
  EXPECT_EQ(refusal("stme.filters=48"),
            "--set model.stme.filters=48: the model has no layer 'stme'; did you mean 'stem'?; its layers are stem, body, body.conv, "
            "logits.dense");
  EXPECT_THAT(refusal("body.1.conv.width=5"), HasSubstr("there is one 'body.conv' for all repetitions; body.conv.width sets it"));
  EXPECT_THAT(refusal("filters=48"), HasSubstr("expected LAYER.OPTION=VALUE, as in --set model.stem.filters=48"));
  EXPECT_THAT(refusal("stem.type=dense"), HasSubstr("write it into a model file"));
  EXPECT_THAT(refusal("body.repeat=-1"), HasSubstr("expected a whole number from 0 to 1000"));
  EXPECT_THAT(refusal("logits.units=3"), HasSubstr("of a head only bias_initial can be set; its layers are logits.dense"));
}

}  // namespace
}  // namespace basewise::spec
