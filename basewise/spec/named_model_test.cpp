#include "basewise/spec/named_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/spec/expand.h"
#include "basewise/spec/reader.h"
#include "basewise/spec/writer.h"

namespace basewise::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_of(const std::vector<LayerSpec>& layers) {
  std::vector<std::string> names;
  for (const LayerSpec& layer : layers) names.push_back(layer.name);
  return names;
}

const LayerSpec& layer_of(const ModelSpec& model, const std::string& name) {
  for (const LayerSpec& layer : model.layers)
    if (layer.name == name) return layer;
  throw ArgumentError("no layer " + name);
}

std::string refusal(const NamedModel& model, const ModelTask& task) {
  try {
    build_named(model, task);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "nothing was refused";
}

const ModelTask kFiveLabels{.length = 300, .heads = {{.channels = 5}}};
const ModelTask kProfile{.length = 1346,
                         .context = 173,
                         .heads = {{.name = "profile", .channels = 2, .positions = true, .strands = StrandRule::paired},
                                   {.name = "counts", .channels = 2, .strands = StrandRule::paired}}};

TEST(NamedModel, IsWhatAModelFileSays) {
  for (const std::string& word : all_words<ModelName>()) {
    const ModelName name = parse_choice<ModelName>(word, "name");
    const ModelSpec model = build_named({.name = name}, usual_task(name));
    EXPECT_EQ(parse_spec(to_toml(model), word), model) << word;
    EXPECT_FALSE(expanded(model).layers.empty()) << word;
  }
}

TEST(NamedModel, BassetIsAsPublished) {
  const ModelSpec model = build_named({.name = ModelName::basset}, usual_task(ModelName::basset));
  EXPECT_EQ(layer_of(model, "conv_1").whole("filters", 0), 300);
  EXPECT_EQ(layer_of(model, "conv_1").whole("width", 0), 19);
  EXPECT_EQ(layer_of(model, "conv_2").whole("filters", 0), 200);
  EXPECT_EQ(layer_of(model, "conv_2").whole("width", 0), 11);
  EXPECT_EQ(layer_of(model, "conv_3").whole("width", 0), 7);
  EXPECT_EQ(layer_of(model, "pool_1").whole("width", 0), 3);
  EXPECT_EQ(layer_of(model, "pool_3").whole("width", 0), 4);
  EXPECT_EQ(layer_of(model, "dense_2").whole("units", 0), 1000);
}

TEST(NamedModel, BpnetUsesTheContextThatTheDataHas) {
  const ModelSpec published = build_named({.name = ModelName::bpnet}, usual_task(ModelName::bpnet));
  EXPECT_EQ(layer_of(published, "stem").whole("filters", 0), 64);
  EXPECT_EQ(layer_of(published, "body").repeat, 8);  // 2114 to 1000: 20 + 2 (2 + ... + 256) + 74 = 1114
  EXPECT_THAT(names_of(published.layers), ElementsAre("stem", "stem_relu", "body", "pooled"));
  const ModelSpec small = build_named({.name = ModelName::bpnet, .filters = 16}, kProfile);
  EXPECT_EQ(layer_of(small, "body").repeat, 6);  // 20 + 252 + 74 = 346 = 1346 - 1000
  EXPECT_EQ(small.heads[0].layers[0].whole("width", 0), 75);
  EXPECT_EQ(small.heads[1].layers[0].whole("units", 0), 2);
  ModelTask wide = kProfile;
  wide.length += 10, wide.context += 5;  // ten positions are left over and cut
  EXPECT_EQ(layer_of(build_named({.name = ModelName::bpnet}, wide), "trim").whole("left", 0), 5);
}

TEST(NamedModel, BpnetReadsTheControl) {
  ModelTask task = kProfile;
  task.control_channels = 2, task.control_counts = true;
  const ModelSpec model = build_named({.name = ModelName::bpnet}, task);
  EXPECT_EQ(model.inputs.size(), 3U);
  EXPECT_THAT(model.heads[0].from, ElementsAre("profile_conv", "control_profile"));
  EXPECT_THAT(model.heads[1].from, ElementsAre("pooled", "control_counts"));
}

TEST(NamedModel, DilatedPoolsDownToTheBinsAndCutsTheContext) {
  ModelTask task{.length = 75 * 40 + 150, .context = 75, .heads = {{.name = "signal", .channels = 3, .positions = true, .bin = 75}}};
  const ModelSpec model = build_named({.name = ModelName::dilated, .layers = 4}, task);
  EXPECT_EQ(layer_of(model, "pool_1").whole("width", 0) * layer_of(model, "pool_2").whole("width", 0) *
                layer_of(model, "pool_3").whole("width", 0),
            75);
  EXPECT_EQ(layer_of(model, "trim").whole("left", 0), 1);
  EXPECT_EQ(layer_of(model, "body").repeat, 4);
  EXPECT_EQ(model.inputs[0].length, -1);  // any: predictions go along a genome
}

TEST(NamedModel, StartsWhereItIsTold) {
  NamedModel model{.name = ModelName::cnn, .bias_initial = {6}, .output_scale = 3};
  EXPECT_EQ(build_named(model, kFiveLabels).heads[0].bias_values(), std::vector<double>{2});
  ModelTask rates{.length = 320, .heads = {{.name = "signal", .positions = true, .bin = 32, .positive = true}}};
  model = {.name = ModelName::dilated, .bias_initial = {1}};
  EXPECT_NEAR(build_named(model, rates).heads[0].bias_values().at(0), 0.541324854612918, 1e-12);  // log(e - 1)
}

TEST(NamedModel, SaysWhatItCannotDoAndWhatCan) {
  EXPECT_THAT(refusal({.name = ModelName::cnn}, kProfile), HasSubstr("take \"dilated\" or \"bpnet\""));
  EXPECT_THAT(refusal({.name = ModelName::bpnet}, kFiveLabels), HasSubstr("take \"cnn\" or \"basset\""));
  EXPECT_THAT(refusal({.name = ModelName::basset}, {.length = 100, .heads = {{}}}), HasSubstr("168 bases or more, and these have 100"));
  EXPECT_THAT(refusal({.name = ModelName::bpnet, .layers = 7}, kProfile),
              HasSubstr("7 dilated convolutions need 602 more bases of sequence than of profile, and the data has 346"));
  EXPECT_THAT(refusal({.name = ModelName::cnn, .bias_initial = {1, 2}}, kFiveLabels),
              HasSubstr("has 2 numbers, and the head 'logits' has 5"));
}

}  // namespace
}  // namespace basewise::spec
