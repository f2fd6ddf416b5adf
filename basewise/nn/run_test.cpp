// Heads and activations that are asked for: at any depth, with the values of the fused path, and
// differentiable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/layer.h"
#include "basewise/nn/model.h"
#include "basewise/ops/native.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// Units of convolution, norm, function and pooling; a residual unit, a projection, both strands, a
// flattening without copy, crops that make positions needless, two heads.
constexpr const char* kModel = R"(format = 1
[inputs.sequence]
channels = 4
length = 131
[[layers]]
type = "conv"
name = "stem"
filters = 12
width = 7
[[layers]]
type = "batch_norm"
name = "norm"
[[layers]]
type = "activation"
name = "relu"
kind = "relu"
[[layers]]
type = "residual"
name = "body"
repeat = 2
[[layers.layers]]
type = "conv"
name = "conv"
filters = 12
width = 3
dilation = [2, 4]
[[layers.layers]]
type = "activation"
name = "gelu"
kind = "gelu"
[[layers]]
type = "residual"
name = "wider"
[[layers.layers]]
type = "conv"
name = "conv"
filters = 20
width = 3
padding = "valid"
[[heads]]
name = "profile"
[[heads.layers]]
type = "conv"
name = "conv"
filters = 2
width = 9
[[heads.layers]]
type = "crop"
name = "crop"
length = 41
[[heads]]
name = "counts"
[[heads.layers]]
type = "pool"
name = "pool"
width = 3
[[heads.layers]]
type = "flatten"
name = "flatten"
[[heads.layers]]
type = "dense"
name = "dense"
units = 5
)";

constexpr const char* kWrapped = R"(format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "rc_wrap"
name = "both"
[[layers.layers]]
type = "conv"
name = "conv"
filters = 9
width = 5
[[layers.layers]]
type = "activation"
name = "relu"
kind = "relu"
[[layers]]
type = "rc_pool"
name = "strands"
[[heads]]
name = "out"
[[heads.layers]]
type = "pool"
name = "pool"
global = true
)";

ModelPtr shaken(const std::string& toml) {
  ModelPtr model = build_model(toml, "test", 3);
  shake(*model);
  const at::NoGradGuard no_grad;
  for (auto& b : model->named_buffers())
    if (b.key().ends_with("running_mean")) b.value().add_(0.3);
  model->eval();
  return model;
}

Bundle sequences(std::int64_t length = 131) { return {{"sequence", random_one_hot(3, length, Stream(5))}}; }

std::vector<std::string> all_paths(const Model& model) {
  std::vector<std::string> paths;
  for (const ActivationRow& row : model.activation_paths()) {
    paths.push_back(row.path);
    if (!row.input_shape.empty()) paths.push_back(row.path + ".input");
  }
  return paths;
}

void expect_near(const Bundle& found, const Bundle& expected) {
  ASSERT_EQ(found.names(), expected.names());
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(found.at(name).sizes(), value.sizes()) << name;
    EXPECT_LE(relative_difference(found.at(name), value), 1e-5) << name;
  }
}

TEST(Run, ActivationsHaveThePathsAndShapesThatAreListed) {
  for (const char* toml : {kModel, kWrapped}) {
    const ModelPtr model = shaken(toml);
    const Bundle found = model->run(sequences(), {std::nullopt, all_paths(*model)}).activations;
    for (const ActivationRow& row : model->activation_paths(131)) {
      std::vector<std::int64_t> sizes{row.both_strands ? 6 : 3};
      sizes.insert(sizes.end(), row.shape.begin(), row.shape.end());
      EXPECT_EQ(found.at(row.path).sizes(), sizes) << row.path;
      EXPECT_EQ(row.source, "sequence");
      if (row.input_shape.empty()) continue;
      sizes.resize(1);
      sizes.insert(sizes.end(), row.input_shape.begin(), row.input_shape.end());
      EXPECT_EQ(found.at(row.path + ".input").sizes(), sizes) << row.path;
    }
  }
  std::vector<std::string> paths;
  for (const ActivationRow& row : shaken(kWrapped)->activation_paths()) paths.push_back(row.path);
  EXPECT_THAT(paths, ElementsAre("sequence", "both", "both.conv", "both.relu", "strands", "out.pool", "out"));
}

// Before and after every function: what a layer gives is what it makes of what it reads, however it
// was fused.
TEST(Run, ALayerMakesItsActivationOfItsInput) {
  const at::NoGradGuard no_grad;
  for (const char* toml : {kModel, kWrapped}) {
    const ModelPtr model = shaken(toml);
    for (const bool together : {true, false}) {
      const std::vector<std::string> all = all_paths(*model);
      Bundle found = model->run(sequences(), {std::nullopt, all}).activations;
      if (!together)
        for (const std::string& path : all) found.set(path, model->run(sequences(), {std::nullopt, {path}}).activations.at(path));
      for (const auto& module : model->named_modules({}, false)) {
        const auto layer = std::dynamic_pointer_cast<Layer>(module.value());
        if (!layer) continue;
        const at::Tensor expected = layer->forward(found.at(module.key() + ".input"));
        EXPECT_LE(relative_difference(found.at(module.key()), expected), 1e-5) << module.key() << (together ? "" : ", alone");
      }
    }
  }
}

TEST(Run, OutputsStayTheSameWhateverIsAskedFor) {
  for (const char* toml : {kModel, kWrapped})
    for (const bool training : {false, true}) {
      const ModelPtr model = shaken(toml), other = shaken(toml);
      model->train(training);
      other->train(training);
      expect_near(other->run(sequences(), {std::nullopt, all_paths(*model)}).outputs, model->forward(sequences()));
      for (std::size_t i = 0; i < model->buffers().size(); ++i)
        EXPECT_TRUE(at::allclose(other->buffers()[i].to(at::kDouble), model->buffers()[i].to(at::kDouble), 1e-5, 1e-6));
    }
}

TEST(Run, HeadsAloneAreTheFusedPathAndNoMoreThanTheyNeed) {
  const ModelPtr model = shaken(kModel);
  const Bundle all = model->forward(sequences());
  const auto convolutions = [&](const Wanted& wanted) {
    const std::int64_t before = ops::kernel_counts().basewise;
    const Bundle found = model->run(sequences(), wanted).outputs;
    for (const auto& [name, value] : found) EXPECT_TRUE(at::equal(value, all.at(name))) << name;
    EXPECT_EQ(found.size(), wanted.heads ? wanted.heads->size() : 2u);
    return ops::kernel_counts().basewise - before;
  };
  const std::int64_t whole = convolutions({});
  EXPECT_EQ(convolutions({{{"profile", "counts"}}, {}}), whole);
  EXPECT_EQ(convolutions({{{"counts"}}, {}}), whole - 1);
  EXPECT_EQ(convolutions({std::vector<std::string>{}, {"stem"}}), 1);
  EXPECT_EQ(convolutions({std::vector<std::string>{}, {}}), 0);
}

TEST(Run, TokensAreSeenAsOneHotRows) {
  const ModelPtr model = shaken(kModel);
  const at::Tensor x = sequences().at("sequence");
  const Wanted wanted{std::nullopt, all_paths(*model)};
  const RunResult tokens = model->run({{"sequence", *tokens_of(x)}}, wanted);
  EXPECT_TRUE(at::equal(tokens.activations.at("sequence"), x));
  expect_near(tokens.activations, model->run({{"sequence", x}}, wanted).activations);
}

// The gradient to what a function reads is that to what it gives times its slope; what a layer
// reads has the gradient through this layer alone, what it gives that of all readers.
TEST(Run, OutputsCanBeDifferentiatedByActivations) {
  const ModelPtr model = shaken(kModel);
  const Bundle x{{"sequence", sequences().at("sequence").requires_grad_(true)}};
  const RunResult r = model->run(x, {std::nullopt, {"relu", "relu.input", "body.0.input", "body.0", "body.0.conv.input", "norm"}});
  const auto at = [&](const std::string& path) { return r.activations.at(path); };
  std::vector<at::Tensor> to;
  for (const auto& [path, value] : r.activations) to.push_back(value);
  r.outputs.at("counts").square().sum().backward({}, false, false, to);
  EXPECT_LE(relative_difference(at("relu.input").grad(), at("relu").grad() * (at("relu.input") > 0)), 1e-6);
  EXPECT_LE(relative_difference(at("norm").grad(), at("relu.input").grad()), 1e-6);
  EXPECT_LE(relative_difference(at("relu").grad(), at("body.0.input").grad()), 1e-6);
  // What comes back to a residual block comes through the layers inside and past them.
  EXPECT_LE(relative_difference(at("body.0.input").grad(), at("body.0").grad() + at("body.0.conv.input").grad()), 1e-5);
}

TEST(Run, ErrorsNameWhatThereIs) {
  const ModelPtr model = shaken(kWrapped);
  const Bundle x = sequences();
  EXPECT_THAT([&] { model->run(x, {std::nullopt, {"both.con"}}); },
              ThrowsMessage<ArgumentError>("the model has no activation 'both.con'; did you mean 'both.conv'?"));
  EXPECT_THAT([&] { model->run(x, {std::nullopt, {"everything"}}); },
              ThrowsMessage<ArgumentError>(HasSubstr("no activation 'everything'; there are: sequence, both, both.input, both.conv")));
  EXPECT_THAT([&] { model->run(x, {{{"logits"}}, {}}); }, ThrowsMessage<ArgumentError>("the model has no output 'logits'; there are: out"));
  EXPECT_THAT([&] { model->run(x, {}, {{"both.memory", at::zeros({1})}}); },
              ThrowsMessage<ArgumentError>("the state 'both.memory' belongs to no layer of the model"));
}

/// Not made of layers.
class Doubling : public Model {
 public:
  Bundle forward(const Bundle& inputs) override { return {{"twice", inputs.at("x") * 2}, {"thrice", inputs.at("x") * 3}}; }
  std::vector<std::string> input_names() const override { return {"x"}; }
  std::vector<std::string> output_names() const override { return {"twice", "thrice"}; }
  Context context(const std::string&) const override { return {}; }
  std::string specification() const override { return {}; }
};

TEST(Run, OtherModelsKnowTheirInputsAndHeads) {
  Doubling model;
  const Bundle x{{"x", at::ones({2, 3})}};
  const RunResult r = model.run(x, {{{"thrice"}}, {"x"}});
  EXPECT_THAT(r.outputs.names(), ElementsAre("thrice"));
  EXPECT_TRUE(at::equal(r.activations.at("x"), x.at("x")));
  EXPECT_TRUE(r.state.empty());
  EXPECT_THAT([&] { model.run(x, {std::nullopt, {"y"}}); },
              ThrowsMessage<ArgumentError>("the model has no activation 'y': it is not made of layers, and only its inputs have names: x"));
  EXPECT_THAT([&] { model.run(x, {}, {{"m", at::zeros({1})}}); }, ThrowsMessage<ArgumentError>("the model has no state, but got 'm'"));
}

}  // namespace
}  // namespace basewise::nn
