#include "basewise/infer/inspect.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"

namespace basewise::infer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kDilated = "tests/support/models/dilated.model.toml";

TEST(Inspect, CountsWhatCanBeCountedByHand) {
  const nn::ModelPtr model = nn::build_model_file("tests/support/models/small.model.toml", 1);
  const InspectResult result = inspect(*model);
  EXPECT_THAT(result.inputs, ElementsAre("sequence (N, 4, 200)"));
  EXPECT_EQ(result.parameters, 24 * 4 * 15 + 24 + 32 * 24 * 7 + 32 + 32 + 1);
  EXPECT_EQ(result.multiply_adds, 200.0 * 24 * 4 * 15 + 50.0 * 32 * 24 * 7 + 32);
  EXPECT_EQ(result.layers[0].name, "motifs");
  EXPECT_EQ(result.layers[0].receptive_field, 15);
  EXPECT_EQ(result.layers[3].receptive_field, 15 + 3 + 6 * 4);
  EXPECT_EQ(result.layers.back().receptive_field, 0);
  EXPECT_EQ(result.layers.back().output, "(N, 1)");
  const std::string text = to_text(result);
  EXPECT_THAT(text, HasSubstr("inputs: sequence (N, 4, 200); the table is for 200 positions\n"));
  EXPECT_THAT(text, HasSubstr("motifs        conv        (N, 24, 200)       1,464    576 k    15\n"));
  const nlohmann::ordered_json json = to_json(result);
  EXPECT_EQ(json["layers"][3]["name"], "pairs");
  EXPECT_EQ(json["flops"], 2 * result.multiply_adds);
  EXPECT_EQ(json["outputs"][0]["has_length"], false);
}

TEST(Inspect, ShowsBlocksAndTakesALength) {
  const nn::ModelPtr model = nn::build_model_file(kDilated, 1);
  const InspectResult result = inspect(*model, 2560);
  EXPECT_EQ(result.parameters, 46226);
  EXPECT_EQ(result.buffers, 7 * (48 + 48 + 1));
  const auto row = std::find_if(result.layers.begin(), result.layers.end(), [](const nn::LayerRow& r) { return r.name == "body.5.conv"; });
  ASSERT_NE(row, result.layers.end());
  EXPECT_EQ(row->depth, 1);
  EXPECT_EQ(row->output, "(N, 48, 2560)");
  EXPECT_EQ(row->receptive_field, 2 * 135 + 1);
  EXPECT_EQ(result.layers.back().output, "(N, 2, 2048)");
  EXPECT_THROW(inspect(*model, 100), ShapeError);
}

}  // namespace
}  // namespace basewise::infer
