// Stacks of attention layers: what they share, what an output depends on,
// segments with memory, gradients.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/detail/attention_scope.h"
#include "basewise/nn/model.h"
#include "basewise/spec/assign.h"
#include "basewise/spec/model_file.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

using testing::HasSubstr;

ModelPtr recipe(const std::string& name, const std::vector<std::string>& set = {}) {
  spec::ModelSpec model = spec::read_model_file(std::filesystem::path("recipes/dna_transformer") / (name + ".model.toml")).model;
  for (const std::string& option : set) spec::assign(model, option, "model.");
  return build_model(model, 3);
}

std::int64_t trainable(const Model& model) {
  std::int64_t sum = 0;
  for (const at::Tensor& p : model.parameters()) sum += p.numel();
  return sum;
}

TEST(AttentionStack, HasTheTotalsOfItsSource) {
  const ModelPtr model = recipe("transformer_xl");
  EXPECT_EQ(trainable(*model), 314'882);
  EXPECT_EQ(trainable(*recipe("transformer_xl", {"body.block.residual.attention.conv_width=0"})), 185'282);
  std::int64_t rows = 0;
  for (const LayerRow& row : model->layer_rows()) {
    rows += row.parameters;
    if (row.name == "body") {
      EXPECT_EQ(row.parameters, 384);
    }
    if (row.type == "attention") {
      EXPECT_EQ(row.parameters, 18'432 + 21'600 + 6'144 + 6'144) << row.name;
    }
  }
  EXPECT_EQ(rows, 314'882);
  EXPECT_EQ(model->named_parameters()["body.content_bias"].sizes().vec(), (std::vector<std::int64_t>{6, 32}));
  // 4 x 8 + 8 x 8 x 7 + ...: 64 + 2 x 16 + 4 (48 16 + 3 (8 8 7 + 8) + 2 16 16 + 2 16) + 34.
  EXPECT_EQ(trainable(*recipe("small")), 64 + 2 * 16 + 4 * (48 * 16 + 3 * (8 * 8 * 7 + 8) + 2 * 16 * 16 + 2 * 16) + 34);
}

TEST(AttentionStack, StartsAsItsSource) {
  const auto parameters = recipe("transformer_xl")->named_parameters();
  const auto deviation = [&](const std::string& name, double mean) {
    return (parameters[name].to(at::kDouble) - mean).square().mean().sqrt().item<double>();
  };
  for (const char* name : {"body.content_bias", "body.position_bias", "body.block.3.residual.attention.qkv_weight",
                           "body.block.0.residual.attention.position_weight", "body.block.5.residual.attention.output_weight"})
    EXPECT_NEAR(deviation(name, 0), 0.02, 0.003) << name;
  EXPECT_NEAR(deviation("body.block.2.norm.weight", 1), 0.02, 0.008);
  EXPECT_EQ(deviation("body.block.2.norm.bias", 0), 0);
  EXPECT_EQ(deviation("logits.dense.bias", 0), 0);
  // Uniform within the root of 1 / (32 x 7).
  EXPECT_NEAR(deviation("body.block.1.residual.attention.key_conv_weight", 0), 1 / std::sqrt(3.0 * 224), 0.001);
  EXPECT_LE(parameters["body.block.1.residual.attention.value_conv_bias"].abs().max().item<double>(), 1 / std::sqrt(224.0));
}

const std::string kAttention = "body.block.residual.attention.";

// Six layers as published, narrow, not at their start.
ModelPtr narrow(const std::string& mode, std::int64_t window = 9, const std::vector<std::string>& further = {}) {
  std::vector<std::string> set{"body.block.repeat=6"};
  for (const std::string& option : {std::string("head_width=4"), format("window={}", window), "mode=" + mode})
    set.push_back(kAttention + option);
  set.insert(set.end(), further.begin(), further.end());
  const ModelPtr model = recipe("small", set);
  model->to(at::kDouble);
  model->eval();
  shake(*model, 0.3);
  return model;
}

at::Tensor logits(const ModelPtr& model, const at::Tensor& x) { return model->forward({{"sequence", x}}).at("logits"); }

// Which outputs change when base `at` does.
at::Tensor changed(const ModelPtr& model, const at::Tensor& x, std::int64_t at) {
  at::Tensor other = x.clone();
  other.select(2, at).copy_(x.select(2, at).roll(1, 1));
  return ((logits(model, other) - logits(model, x)).abs().amax({0, 1}) > 0).to(at::kLong);
}

TEST(AttentionStack, LooksThreePositionsAheadInEachLayerAndNoFurther) {
  const NoGradScope no_grad;
  const at::Tensor x = random_one_hot(2, 80, Stream(1)).to(at::kDouble);
  for (const auto& [mode, ahead] : {std::pair<std::string, std::int64_t>{"compat", 18}, {"halo", 18}, {"causal", 0}}) {
    const at::Tensor hit = changed(narrow(mode), x, 50);
    EXPECT_EQ(hit.slice(0, 0, 50 - ahead).sum().item<std::int64_t>(), 0) << mode;
    EXPECT_EQ(hit[50 - ahead].item<std::int64_t>(), 1) << mode;
    EXPECT_EQ(hit.size(0), mode == "halo" ? 80 - 18 : 80);
    const Model::Context context = narrow(mode)->context("logits");
    EXPECT_EQ(context.receptive_right, ahead) << mode;
    EXPECT_EQ(context.left, 0);
    EXPECT_EQ(context.right, mode == "halo" ? 18 : 0);
    EXPECT_EQ(context.receptive_left, 6 * (8 + (mode == "causal" ? 6 : 3))) << mode;
  }
}

// Segments begin where the output of the one before ended.
std::vector<at::Tensor> in_segments(const ModelPtr& model, const at::Tensor& x, const std::vector<std::int64_t>& cuts, std::int64_t halo) {
  Bundle state;
  std::vector<at::Tensor> outputs;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    RunResult r = model->run({{"sequence", x.slice(2, cuts[i], cuts[i + 1] + halo)}}, {}, state);
    outputs.push_back(r.outputs.at("logits"));
    state = r.state;
  }
  return outputs;
}

TEST(AttentionStack, SegmentsWithMemoryEqualOneLongPass) {
  const NoGradScope no_grad;
  constexpr std::int64_t kLength = 120;
  const at::Tensor x = random_one_hot(2, kLength + 18, Stream(2)).to(at::kDouble);
  using Case = std::tuple<std::string, std::int64_t, std::int64_t>;
  for (const auto& [mode, halo, width] : {Case{"halo", 18, 7}, {"causal", 0, 7}, {"compat", 0, 0}})
    for (const std::string positions : {"relative", "rotary", "absolute", "none"}) {
      SCOPED_TRACE(mode + " " + positions);
      std::vector<std::string> set{kAttention + format("conv_width={}", width), kAttention + "positions=" + positions};
      if (positions != "relative") set.push_back(kAttention + "position_dropout=0.0");
      const ModelPtr model = narrow(mode, 20, set);
      const at::Tensor whole = logits(model, x.slice(2, 0, kLength + halo));
      for (const std::vector<std::int64_t>& cuts :
           {std::vector<std::int64_t>{0, 60, kLength}, {0, 1, 2, 5, 20, 41, 44, kLength}}) {
        const at::Tensor joined = at::cat(in_segments(model, x, cuts, halo), 2);
        EXPECT_LT((joined - whole).abs().max().item<double>(), 1e-11);
      }
    }
}

// As published, numbers near the ends of a segment depend on where it ends; beside them they do
// not.
TEST(AttentionStack, PublishedPaddingMattersOnlyBesideTheEnds) {
  const NoGradScope no_grad;
  const at::Tensor x = random_one_hot(1, 120, Stream(4)).to(at::kDouble);
  const ModelPtr model = narrow("compat");
  const at::Tensor near = (logits(model, x).slice(2, 0, 60) - logits(model, x.slice(2, 0, 60))).abs().amax({0, 1});
  EXPECT_LT(near.slice(0, 0, 42).max().item<double>(), 1e-12);
  EXPECT_GT(near[59].item<double>(), 1e-4);
}

TEST(AttentionStack, PositionsAreDroppedOnceForAllLayers) {
  const std::string none = "rate=0.0", at = kAttention + "position_dropout=";
  const auto model = [&](const std::string& dropout) {
    const ModelPtr made =
        narrow("compat", 9, {at + dropout, "embedding_dropout." + none, "dropout." + none, "body.block.residual.dropout." + none});
    made->train();
    return made;
  };
  const NoGradScope no_grad;
  const at::Tensor x = random_one_hot(1, 30, Stream(1)).to(at::kDouble);
  const ModelPtr dropping = model("0.3");
  at::manual_seed(1);
  const at::Tensor first = logits(dropping, x);
  EXPECT_GT((first - logits(dropping, x)).abs().max().item<double>(), 1e-4);
  at::manual_seed(1);
  EXPECT_TRUE(at::equal(first, logits(dropping, x)));
  EXPECT_TRUE(at::equal(logits(model("0.0"), x), logits(model("0.0"), x)));
  const detail::AttentionPass pass(0);
  int made = 0;
  const auto make = [&] { return ++made, at::ones({2}); };
  detail::AttentionPass& stack = *detail::AttentionPass::current();
  for (int layer = 0; layer < 3; ++layer) stack.positions(8, 0, 16, 0.3, make);
  EXPECT_EQ(made, 1);
  stack.positions(7, 0, 16, 0.3, make);
  EXPECT_EQ(made, 2);
}

// Along random directions, through two segments and the memory between them.
TEST(AttentionStack, GradientsPredictSmallSteps) {
  for (const std::string mode : {"halo", "causal", "compat"}) {
    const ModelPtr model = narrow(mode, 5, {"body.block.repeat=2", kAttention + "conv_width=3"});
    at::Tensor x = random_normal({2, 4, 20}, Stream(7)).to(at::kDouble).requires_grad_(true);
    const auto value = [&] {
      const RunResult first = model->run({{"sequence", x.slice(2, 0, 11)}});
      const at::Tensor y = model->run({{"sequence", x.slice(2, 11)}}, {}, first.state).outputs.at("logits");
      return (y * at::sin(at::arange(y.numel(), at::kDouble)).view_as(y)).sum() + first.outputs.at("logits").sum();
    };
    value().backward();
    std::vector<at::Tensor> all{x};
    for (const at::Tensor& p : model->parameters()) all.push_back(p);
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_TRUE(all[i].grad().defined()) << i;
      const at::Tensor direction = random_normal(all[i].sizes(), Stream(9, i)).to(at::kDouble);
      const double expected = (all[i].grad() * direction).sum().item<double>();
      const at::NoGradGuard no_grad;
      constexpr double kStep = 1e-5;
      const at::Tensor here = all[i].clone();
      const double above = (all[i].add_(direction, kStep), value().item<double>());
      const double below = (all[i].copy_(here).sub_(direction, kStep), value().item<double>());
      all[i].copy_(here);
      EXPECT_NEAR((above - below) / (2 * kStep), expected, 1e-6 * (1 + std::abs(expected))) << mode << " " << i;
    }
  }
}

TEST(AttentionStack, RefusesWhatDoesNotFit) {
  const ModelPtr model = narrow("halo");
  EXPECT_THAT(error_text<ShapeError>([&] { logits(model, random_one_hot(1, 18, Stream(1)).to(at::kDouble)); }),
              HasSubstr("the layers inside look 18 positions ahead, so that none is left"));
  EXPECT_THAT(error_text<ShapeError>([] { recipe("small", {"body.block.repeat=2", kAttention + "heads=[2, 3]"}); }),
              HasSubstr("it has 3 heads of width 8, but shares biases with a layer of 2 heads of width 8"));
  const std::vector<std::string> odd{kAttention + "position_dropout=0.0", kAttention + "positions=rotary", kAttention + "head_width=7"};
  EXPECT_THAT(error_text<ShapeError>([&] { recipe("small", odd); }), HasSubstr("turns pairs of numbers, so it must be even"));
}

}  // namespace
}  // namespace basewise::nn
