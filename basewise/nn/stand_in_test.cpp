// What stands in for layers meets each layer that is not linear, inside of others too, and nothing
// else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/layer_types.h"
#include "basewise/nn/model.h"
#include "basewise/nn/pass.h"
#include "tests/support/error_text.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

using testing::ElementsAre;

struct Notes : StandIn {
  at::Tensor apply(Layer& layer, const std::string& path, const at::Tensor& x) override {
    paths.push_back(path);
    return layer.forward(x) * factor;
  }
  std::vector<std::string> paths;
  double factor = 1;
};

constexpr const char* kRelu = "name = \"relu\"\nkind = \"relu\"";

std::string model_text() {
  return "format = 1\n[inputs.sequence]\nchannels = 4\n" + layer_text("conv", "name = \"conv\"\nfilters = 40\nwidth = 7") +
         layer_text("batch_norm", "name = \"norm\"") + layer_text("activation", kRelu) + layer_text("pool", "name = \"pool\"\nwidth = 3") +
         layer_text("residual", "name = \"body\"") +
         layer_text("conv", "name = \"conv\"\nfilters = 40\nwidth = 3\npadding = \"valid\"", "layers.layers") +
         layer_text("activation", kRelu, "layers.layers") + layer_text("crop", "name = \"crop\"\nleft = 2\nright = 2") +
         head_text("out", layer_text("conv", "name = \"conv\"\nfilters = 3\nwidth = 5", "heads.layers") +
                              layer_text("activation", "name = \"end\"\nkind = \"softmax\"", "heads.layers"));
}

TEST(StandIn, MeetsLayersThatAreNotLinear) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const ModelPtr model = build_model(model_text(), "test", 3);
    model->to(type);
    model->eval();
    shake(*model);
    const at::Tensor x = at::sin(at::arange(3 * 4 * 97, type)).view({3, 4, 97});
    Notes notes;
    const at::Tensor found = model->run({{"sequence", x}}, {{}, {}, &notes}).outputs.at("out");
    EXPECT_THAT(notes.paths, ElementsAre("relu", "pool", "body.relu", "out.end"));
    EXPECT_LT(relative_difference(found, model->forward({{"sequence", x}}).at("out")), 1e-5);
    notes.factor = 0;
    EXPECT_GT(relative_difference(model->run({{"sequence", x}}, {{}, {}, &notes}).outputs.at("out"), found), 0.1);
  }
}

// Of two heads with a block each, the one that is asked for.
TEST(StandIn, LeavesOutWhatNobodyWants) {
  const auto head = [](const std::string& name) {
    return head_text(name, layer_text("block", "name = \"body\"", "heads.layers") + layer_text("activation", kRelu, "heads.layers.layers") +
                               layer_text("conv", "name = \"conv\"\nfilters = 3\nwidth = 5", "heads.layers"));
  };
  const ModelPtr model = build_model("format = 1\n[inputs.sequence]\nchannels = 4\n" + head("one") + head("two"), "test", 3);
  Notes notes;
  nn::Wanted wanted{std::vector<std::string>{"two"}, {}, &notes};
  model->run({{"sequence", at::ones({2, 4, 31})}}, wanted);
  EXPECT_THAT(notes.paths, ElementsAre("two.body.relu"));
}

TEST(StandIn, IsRefusedByModelsWithoutLayers) {
  class Doubled : public Model {
    Bundle forward(const Bundle& inputs) override { return {{"out", inputs.at("sequence") * 2}}; }
    std::vector<std::string> input_names() const override { return {"sequence"}; }
    std::vector<std::string> output_names() const override { return {"out"}; }
    Context context(const std::string&) const override { return {}; }
    std::string specification() const override { return {}; }
  };
  Notes notes;
  Doubled model;
  Model& base = model;
  EXPECT_THAT(error_text([&] { return base.run({{"sequence", at::ones({1, 4, 5})}}, {{}, {}, &notes}); }),
              testing::HasSubstr("not made of layers"));
}

TEST(AttributionRule, IsStatedByTheLayersOfAModel) {
  const ModelPtr model = build_model(model_text(), "test", 3);
  std::vector<AttributionRule> rules;
  for (const auto& module : model->modules(/*include_self=*/false))
    if (const auto* layer = dynamic_cast<const Layer*>(module.get())) rules.push_back(layer->attribution_rule());
  using enum AttributionRule;
  EXPECT_THAT(rules, ElementsAre(linear, linear, elementwise, largest_of_window, inside, linear, elementwise, linear, linear, path));
}

// A layer that states nothing, say of a program's own, is not taken for linear.
TEST(AttributionRule, IsNoneUnlessItIsSaid) {
  class Silent : public Layer {
    at::Tensor forward(const at::Tensor& x) override { return x; }
    Shape output_shape(const Shape& input) const override { return input; }
  };
  EXPECT_EQ(Silent().attribution_rule(), AttributionRule::none);
}

}  // namespace
}  // namespace basewise::nn
