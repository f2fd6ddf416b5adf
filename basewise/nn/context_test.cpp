// Where an output position comes from, as computed from the specification, against gradients.
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/layer_types.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
namespace {

struct RandomModel {
  std::string toml = "format = 1\n[inputs.sequence]\nchannels = 4\n";
  std::int64_t divisor = 1;  // strides of all layers multiplied
};

std::string conv_text(Stream& draw, const std::string& list, bool strided, std::int64_t filters, std::int64_t& divisor) {
  const char* paddings[] = {"valid", "same", "causal", "explicit"};
  const std::string padding = paddings[draw.below(strided ? 4 : 2)];
  const std::int64_t stride = strided ? draw.integer(1, 3) : 1;
  divisor *= stride;
  std::string text = format("[[{}]]\ntype = \"conv\"\nfilters = {}\nwidth = {}\ndilation = {}\nstride = {}\npadding = \"{}\"\n", list,
                            filters, draw.integer(1, 5), draw.integer(1, 3), stride, padding);
  if (padding == "explicit") text += format("pad_left = {}\npad_right = {}\n", draw.integer(0, 3), draw.integer(0, 3));
  return text;
}

std::string layer_text(Stream& draw, RandomModel& model) {
  switch (draw.below(6)) {
    case 0:
    case 1: return conv_text(draw, "layers", true, draw.integer(2, 6), model.divisor);
    case 2: {
      const std::int64_t width = draw.integer(1, 4), stride = draw.integer(1, 3);
      model.divisor *= stride;
      return format("[[layers]]\ntype = \"pool\"\nkind = \"mean\"\nwidth = {}\nstride = {}\npadding = \"{}\"\n", width, stride,
                    draw.bernoulli(0.5) ? "same" : "valid");
    }
    case 3: return format("[[layers]]\ntype = \"crop\"\nleft = {}\nright = {}\n", draw.integer(0, 3), draw.integer(0, 3));
    case 4:
      return format("[[layers]]\ntype = \"upsample\"\nfactor = {}\nkind = \"{}\"\n", draw.integer(2, 3),
                    draw.bernoulli(0.5) ? "nearest" : "linear");
    default: {
      std::int64_t n = draw.integer(1, 2);
      std::string text = format("[[layers]]\ntype = \"{}\"\n", n == 2 ? "dense_link" : "residual");
      for (; n > 0; --n) text += conv_text(draw, "layers.layers", false, 5, model.divisor);
      return text;
    }
  }
}

RandomModel random_model(Stream draw) {
  RandomModel model;
  for (std::int64_t n = draw.integer(1, 5); n > 0; --n) model.toml += layer_text(draw, model);
  model.toml += "[[heads]]\nname = \"out\"\n";
  return model;
}

// First and one past the last input position with a gradient from output position i.
std::pair<std::int64_t, std::int64_t> touched(const at::Tensor& x, const at::Tensor& y, std::int64_t i) {
  x.mutable_grad().reset();
  y.select(2, i).sum().backward({}, /*retain_graph=*/true);
  const at::Tensor positions = x.grad().abs().sum({0, 1}).nonzero().squeeze(1);
  if (positions.numel() == 0) return {0, 0};
  return {positions[0].item<std::int64_t>(), positions[-1].item<std::int64_t>() + 1};
}

TEST(Context, OfRandomModelsAgreesWithGradients) {
  int tested = 0;
  for (std::uint64_t seed = 0; tested < 25 && seed < 200; ++seed) {
    const RandomModel random = random_model(Stream(2024, seed));
    SCOPED_TRACE(random.toml);
    const ModelPtr model = build_model(random.toml, "random.toml", seed);
    model->to(at::kDouble);
    Model::Context c;
    try {
      c = model->context("out");
    } catch (const ArgumentError&) {
      continue;  // finer than one position per base
    }
    ++tested;
    const std::int64_t reach = c.receptive_left + c.receptive_right + std::abs(c.left) + std::abs(c.right) + 1;
    const std::int64_t cells = 2 * (reach / c.stride + 1) + 2 * random.divisor;
    const std::int64_t length = c.left + c.right + cells * c.stride * random.divisor;
    ASSERT_LT(length, 20000);
    at::Tensor x = random_normal({1, 4, length}, Stream(7, seed)).to(at::kDouble).requires_grad_();
    const at::Tensor y = model->forward({{"sequence", x}}).at("out");
    ASSERT_EQ(y.size(2), (length - c.left - c.right) / c.stride);

    std::int64_t left = std::numeric_limits<std::int64_t>::min(), right = left;
    const std::int64_t middle = y.size(2) / 2;
    for (std::int64_t i = middle; i < middle + 6; ++i) {
      const auto [first, last] = touched(x, y, i);
      if (last == 0) continue;  // cell of a strided layer that reads nothing else
      const std::int64_t cell = c.left + i * c.stride;
      left = std::max(left, cell - first);
      right = std::max(right, last - (cell + c.stride));
    }
    EXPECT_EQ(c.receptive_left, std::max<std::int64_t>(left, 0));
    EXPECT_EQ(c.receptive_right, std::max<std::int64_t>(right, 0));
  }
  EXPECT_EQ(tested, 25);
}

TEST(Context, OfDilatedAndPooledModels) {
  const Model::Context c = build_model_file("tests/support/models/dilated.model.toml", 1)->context("logits");
  EXPECT_TRUE(c.has_length);
  EXPECT_EQ(c.left, 256);
  EXPECT_EQ(c.right, 256);
  EXPECT_EQ(c.stride, 1);
  EXPECT_EQ(c.receptive_left, 9 + 2 + 4 + 8 + 16 + 32 + 64);
  EXPECT_EQ(c.receptive_right, c.receptive_left);
  EXPECT_FALSE(build_model_file("tests/support/models/small.model.toml", 1)->context("logits").has_length);
  EXPECT_THROW(build_model_file("tests/support/models/small.model.toml", 1)->context("logit"), ArgumentError);
}

// Zeros beyond the ends of a window must not reach what the model answers.
TEST(Context, RecipesCutWhatPaddingCanReach) {
  const Model::Context c = build_model_file("recipes/ecoli_tss/cnn.model.toml", 1)->context("logits");
  EXPECT_GE(c.left, c.receptive_left);
  EXPECT_GE(c.right, c.receptive_right);
}

// What a window sees does not depend on where it is cut, inside of the receptive field.
TEST(Context, WindowsShiftWithTheInput) {
  const ModelPtr model = build_model_file("tests/support/models/dilated.model.toml", 3);
  model->eval();
  const NoGradScope no_grad;
  const at::Tensor x = random_one_hot(2, 700, Stream(1));
  const auto run = [&](std::int64_t from, std::int64_t to) { return model->forward({{"sequence", x.slice(2, from, to)}}).at("logits"); };
  const at::Tensor whole = run(0, 700);
  EXPECT_LT((whole.slice(2, 37, 37 + 100) - run(37, 37 + 612)).abs().max().item<double>(), 1e-5);
}

TEST(Context, PooledModelsShiftByTheirStride) {
  const ModelPtr model = build_model(R"(format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "conv"
filters = 5
width = 4
padding = "valid"
[[layers]]
type = "pool"
width = 3
[[heads]]
name = "out"
)", "pooled.toml", 3);
  const at::Tensor x = random_one_hot(2, 63, Stream(1));
  const at::Tensor whole = model->forward({{"sequence", x}}).at("out");
  const at::Tensor part = model->forward({{"sequence", x.slice(2, 6, 63)}}).at("out");
  EXPECT_LT((whole.slice(2, 2) - part).abs().max().item<double>(), 1e-6);
  const Model::Context c = model->context("out");
  EXPECT_EQ(c.left + c.right, 3);
  EXPECT_EQ(c.stride, 3);
}

/// Every position becomes the sum of itself and the mean over all positions.
class AmongAll : public Layer {
 public:
  at::Tensor forward(const at::Tensor& x) override { return x + x.mean(2, true); }
  Shape output_shape(const Shape& input) const override { return input; }
  Alignment alignment() const override { return Alignment::among_all(); }
};

// What reads everything keeps its positions: stride and cuts of all other layers count, and no
// reach is claimed.
TEST(Context, OfWhatReadsEverythingAndKeepsItsPositions) {
  LayerType type{};
  type.name = "among_all";
  type.describe = [](Visitor&) {};
  type.make = [](const spec::LayerSpec&, const Activation&) -> LayerPtr { return std::make_shared<AmongAll>(); };
  const LayerTypeScope known(std::span(&type, 1));
  const ModelPtr model = build_model(R"(format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "conv"
filters = 5
width = 7
padding = "valid"
[[layers]]
type = "pool"
width = 4
[[layers]]
type = "residual"
[[layers.layers]]
type = "among_all"
[[layers.layers]]
type = "conv"
filters = 5
width = 3
padding = "valid"
[[heads]]
name = "out"
[[heads.layers]]
type = "crop"
left = 1
right = 1
[[heads]]
name = "one"
[[heads.layers]]
type = "pool"
global = true
)", "test", 3);
  const Model::Context c = model->context("out");
  EXPECT_TRUE(c.has_length);
  EXPECT_TRUE(c.reads_all);
  EXPECT_EQ(c.stride, 4);
  EXPECT_EQ(c.left, 3 + 4 + 4);
  EXPECT_EQ(c.right, 3 + 4 + 4);
  EXPECT_EQ(c.receptive_left, 0);
  EXPECT_FALSE(model->context("one").has_length);
  EXPECT_FALSE(model->context("one").reads_all);
  for (const LayerRow& row : model->layer_rows(103))
    EXPECT_EQ(row.receptive_field, row.name == "conv" ? 7 : row.name == "pool" ? 10 : 0) << row.name;
  // The gradient agrees: whatever the position, it comes from the whole input.
  at::Tensor x = random_normal({1, 4, 103}, Stream(7)).requires_grad_();
  const at::Tensor y = model->forward({{"sequence", x}}).at("out");
  EXPECT_EQ(y.size(2), (103 - c.left - c.right) / c.stride);
  EXPECT_EQ(touched(x, y, 0), touched(x, y, y.size(2) - 1));
}

// A crop that is larger than what the layers see: cut where real bases stand beside what has
// labels.
TEST(Context, TypicalLengthLeavesSomethingBehindACrop) {
  const ModelPtr model = build_model(R"(format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "conv"
filters = 2
width = 5
[[layers]]
type = "pool"
kind = "max"
width = 4
[[layers]]
type = "crop"
left = 500
right = 700
[[heads]]
name = "out"
)", "test", 3);
  EXPECT_EQ(model->typical_length(), 5120) << "8 + 4 x 1,200 positions";
  EXPECT_EQ(model->layer_rows(0).back().output, "(N, 2, 80)");
}

}  // namespace
}  // namespace basewise::nn
