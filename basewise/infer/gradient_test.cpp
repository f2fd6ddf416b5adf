// Gradients of predictions against torch's own autograd on the same network written out, through
// every strategy.
#include "basewise/infer/gradient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/infer/detail/test_model.h"
#include "basewise/infer/score.h"
#include "basewise/tensor/tokens.h"
#include "tests/support/model_tests.h"

namespace basewise::infer {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// 4 to 9 channels with norm and ReLU, a residual convolution with GELU, a head of two strands per
// position and one of five labels.
constexpr const char* kModel = R"(format = 1
[inputs.sequence]
channels = 4
[[layers]]
type = "conv"
name = "conv"
filters = 9
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
[[layers.layers]]
type = "conv"
name = "conv"
filters = 9
width = 3
[[layers.layers]]
type = "activation"
name = "gelu"
kind = "gelu"
[[heads]]
name = "profile"
strands = "paired"
[[heads.layers]]
type = "conv"
name = "conv"
filters = 2
width = 1
[[heads]]
name = "labels"
[[heads.layers]]
type = "pool"
name = "pool"
kind = "mean"
global = true
[[heads.layers]]
type = "dense"
name = "dense"
units = 5
)";

nn::ModelPtr model_of(at::ScalarType type) {
  nn::ModelPtr model = nn::build_model(kModel, "test", 3);
  model->to(type);
  shake(*model, 0.3);
  const at::NoGradGuard no_grad;
  for (auto& b : model->named_buffers())
    if (b.key().starts_with("norm.running")) b.value().add_(at::arange(1, 10, b.value().options()) * 0.1);
  return model;
}

/// The network in torch's functions, step by step; what is asked for by path is noted and read from
/// there.
struct Plain {
  Bundle weights;
  Bundle kept = {};

  explicit Plain(const nn::Model& model) {
    for (const auto& p : model.named_parameters()) weights.set(p.key(), p.value().detach().to(at::kDouble));
    for (const auto& b : model.named_buffers()) weights.set(b.key(), b.value().detach().to(at::kDouble));
  }

  Bundle operator()(const at::Tensor& x) {
    const auto w = [&](const char* name) { return weights.at(name); };
    const auto keep = [&](const char* path, const at::Tensor& t) {
      kept.set(path, t);
      return t;
    };
    const at::Tensor conv = keep("conv", at::conv1d(x, w("conv.weight"), w("conv.bias"), 1, 3));
    const at::Tensor norm = keep("norm", at::batch_norm(conv, w("norm.weight"), w("norm.bias"), w("norm.running_mean"),
                                                        w("norm.running_var"), false, 0.1, 1e-5, false));
    const at::Tensor relu = keep("relu", norm.relu());
    const at::Tensor inner = keep("body.conv", at::conv1d(relu, w("body.conv.weight"), w("body.conv.bias"), 1, 1));
    const at::Tensor body = keep("body", relu + keep("body.gelu", at::gelu(inner)));
    return {{"profile", at::conv1d(body, w("profile.conv.weight"), w("profile.conv.bias"))},
            {"labels", at::linear(body.mean(2), w("labels.dense.weight"), w("labels.dense.bias"))}};
  }
};

struct Expected {
  Bundle gradients, other, values;
};

const std::vector<std::string> kPaths{"sequence", "conv", "norm", "relu", "body.conv", "body.gelu", "body"};

at::Tensor merged(const at::Tensor& a, const at::Tensor& b, StrandMerge merge) {
  if (merge == StrandMerge::max) return at::maximum(a, b);
  if (merge == StrandMerge::mean) return (a + b) / 2;
  const at::Tensor p = (a.sigmoid() + b.sigmoid()) / 2;
  return p.log() - (1 - p).log();
}

Expected expected(const nn::Model& model, const at::Tensor& sequence, const std::string& head,
                  const at::Tensor& factors, StrandStrategy strands) {
  const at::AutoGradMode with_gradients(true);
  const at::Tensor x = sequence.to(at::kDouble).detach().requires_grad_(true);
  Plain one(model), two(model);
  at::Tensor y = one(x).at(head);
  if (strands.both) {
    const at::Tensor other = two(x.flip({1, 2})).at(head);
    y = merged(y, head == "profile" ? other.flip({1, 2}) : other, strands.merge);
  }
  std::vector<at::Tensor> to{x};
  for (const Plain* p : {&one, &two})
    for (const auto& [name, value] : p->kept) to.push_back(value);
  (y * factors.to(at::kDouble)).sum().backward({}, false, false, to);
  const auto gradient = [](const at::Tensor& t) { return t.grad().defined() ? t.grad() : at::zeros_like(t); };
  Expected e;
  e.gradients.set("sequence", gradient(x));
  for (const auto& [name, value] : one.kept) e.gradients.set(name, gradient(value)), e.values.set(name, value.detach());
  for (const auto& [name, value] : two.kept) e.other.set(name, gradient(value).flip({2}));
  return e;
}

void expect_near(const Bundle& found, const Bundle& expected, double most) {
  ASSERT_EQ(found.names(), expected.names());
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(found.at(name).sizes(), value.sizes()) << name;
    EXPECT_LE(((found.at(name).to(at::kDouble) - value).abs().max() / (value.abs().max() + 1e-9)).item<double>(), most) << name;
  }
}

const OutputForms kForms{{"profile", OutputForm::sigmoid}, {"labels", OutputForm::sigmoid}};

std::vector<StrandStrategy> strategies() {
  return {{}, {true, StrandMerge::mean}, {true, StrandMerge::max}, {true, StrandMerge::probability}};
}

TEST(GradientFn, EqualsTorchThroughEveryStrategy) {
  for (const auto& [type, most] : {std::pair{at::kDouble, 1e-10}, std::pair{at::kFloat, 1e-4}})
    for (const StrandStrategy strands : strategies())
      for (const char* head : {"profile", "labels"}) {
        SCOPED_TRACE(format("{}, {}, {}", type == at::kDouble ? "double" : "single", strands.word(), head));
        const nn::ModelPtr model = model_of(type);
        const Bundle x{{"sequence", random_one_hot(3, 37, Stream(5)).to(type)}};
        const at::Tensor factors = head[0] == 'p' ? at::sin(at::arange(3 * 2 * 37, at::kDouble)).view({3, 2, 37}).to(type)
                                                  : at::sin(at::arange(3 * 5, at::kDouble)).view({3, 5}).to(type);
        const auto gradients = gradient_fn(model, strands, kForms);
        const GradientResult found = gradients(x, {head, {}, factors}, kPaths);
        const Expected torch = expected(*model, x.at("sequence"), head, factors, strands);
        expect_near(found.gradients, torch.gradients, most);
        expect_near(found.activations, torch.values, most);
        if (strands.both) expect_near(found.other_gradients, torch.other, most);
        EXPECT_EQ(found.other_gradients.empty(), !strands.both);
        // What is differentiated is what is predicted.
        EXPECT_TRUE(at::allclose(found.output, score_fn(model, strands, kForms)(x).at(head), 1e-4, 1e-5));
      }
}

// With both strands a sequence and its reverse complement have the same gradients,
// seen from the other side.
TEST(GradientFn, OfTheReverseComplementIsTheReverseComplement) {
  const nn::ModelPtr model = model_of(at::kDouble);
  const at::Tensor x = random_one_hot(3, 37, Stream(6)).to(at::kDouble), turned = x.flip({1, 2});
  const at::Tensor factors = at::cos(at::arange(3 * 2 * 37, at::kDouble)).view({3, 2, 37});
  for (const StrandStrategy strands : strategies()) {
    const auto gradients = gradient_fn(model, strands, kForms);
    const GradientResult one = gradients({{"sequence", x}}, {"profile", {}, factors}, kPaths),
                         two = gradients({{"sequence", turned}}, {"profile", {}, factors.flip({1, 2})}, kPaths);
    const double apart = (two.gradients.at("sequence").flip({1, 2}) - one.gradients.at("sequence")).abs().max().item<double>();
    if (!strands.both) {
      EXPECT_GT(apart, 1e-3);
      continue;
    }
    EXPECT_LT(apart, 1e-12) << strands.word();
    EXPECT_TRUE(at::allclose(two.gradients.at("body.conv").flip({2}), one.other_gradients.at("body.conv"), 1e-9, 1e-12));
    EXPECT_TRUE(at::allclose(two.activations.at("relu").flip({2}), one.other_activations.at("relu"), 1e-9, 1e-12));
  }
}

TEST(GradientFn, ChannelsAndExamplesStandAlone) {
  const nn::ModelPtr model = model_of(at::kFloat);
  model->train();
  const at::Tensor x = random_one_hot(3, 37, Stream(7));
  const auto gradients = gradient_fn(model, {true, StrandMerge::mean});
  const at::Tensor all = gradients({{"sequence", x}}, {"labels", {1, 4}}, {"sequence"}).gradients.at("sequence");
  at::Tensor sum = at::zeros_like(all);
  for (const std::int64_t channel : {1, 4})
    sum += gradients({{"sequence", x}}, {"labels", {channel}}, {"sequence"}).gradients.at("sequence");
  EXPECT_TRUE(at::allclose(all, sum, 1e-4, 1e-6));
  EXPECT_TRUE(at::allclose(gradients({{"sequence", x.slice(0, 1, 2)}}, {"labels", {1, 4}}, {"sequence"}).gradients.at("sequence"),
                           all.slice(0, 1, 2), 1e-4, 1e-6));
  EXPECT_TRUE(at::allclose(gradients({{"sequence", *tokens_of(x)}}, {"labels", {1, 4}}, {"sequence"}).gradients.at("sequence"), all));
  // Nothing is left behind.
  EXPECT_TRUE(model->is_training());
  for (const auto& p : model->parameters()) EXPECT_FALSE(p.grad().defined());
}

TEST(GradientFn, WhatTheTargetDoesNotReadHasNoGradient) {
  const nn::ModelPtr model = model_of(at::kFloat);
  const Bundle x{{"sequence", random_one_hot(2, 37, Stream(8))}};
  const GradientResult r = gradient_fn(model)(x, {"profile"}, {"labels.pool", "sequence"});
  EXPECT_EQ(r.gradients.at("labels.pool").abs().sum().item<double>(), 0);
  EXPECT_GT(r.gradients.at("sequence").abs().sum().item<double>(), 0);
}

TEST(GradientFn, OfAFunctionOfOutputs) {
  const nn::ModelPtr model = model_of(at::kDouble);
  const Bundle x{{"sequence", random_one_hot(2, 37, Stream(8)).to(at::kDouble)}};
  const auto gradients = gradient_fn(model, {true, StrandMerge::mean});
  GradientTarget of;
  of.outputs = {"profile", "labels"};
  of.function = [](const Bundle& o) { return 2 * o.at("labels").select(1, 3) - o.at("profile").sum({1, 2}); };
  const GradientResult r = gradients(x, of, {"sequence"});
  const at::Tensor expected = 2 * gradients(x, {"labels", {3}}, {"sequence"}).gradients.at("sequence") -
                              gradients(x, {"profile"}, {"sequence"}).gradients.at("sequence");
  EXPECT_TRUE(at::allclose(r.gradients.at("sequence"), expected, 1e-9, 1e-12));
  EXPECT_EQ(r.output.sizes(), (std::vector<std::int64_t>{2}));
  of.outputs.clear();
  EXPECT_THAT([&] { gradients(x, of, {"sequence"}); }, ThrowsMessage<ArgumentError>(HasSubstr("which must be named")));
}

TEST(GradientFn, TakesModelsThatAreNotMadeOfLayers) {
  const auto model = std::make_shared<detail::TestModel>();
  const Bundle x{{"sequence", random_one_hot(3, 37, Stream(9))}};
  const at::Tensor found = gradient_fn(model, {true, StrandMerge::mean})(x, {"logits", {0}}, {"sequence"}).gradients.at("sequence");
  const at::Tensor leaf = x.at("sequence").clone().requires_grad_(true);
  const at::Tensor a = model->forward({{"sequence", leaf}}).at("logits"),
                   b = model->forward({{"sequence", leaf.flip({1, 2})}}).at("logits");
  ((a + b.flip({1, 2})) / 2).select(1, 0).sum().backward();
  EXPECT_TRUE(at::allclose(found, leaf.grad(), 1e-4, 1e-6));
}

TEST(GradientFn, ErrorsSayWhatDoesNotFit) {
  const nn::ModelPtr model = model_of(at::kFloat);
  const Bundle x{{"sequence", random_one_hot(3, 37, Stream(9))}};
  const auto gradients = gradient_fn(model);
  EXPECT_THAT([&] { gradients(x, {"logits"}, {"sequence"}); },
              ThrowsMessage<ArgumentError>("the model has no output 'logits'; there are: profile, labels"));
  EXPECT_THAT([&] { gradients(x, {"labels", {5}}, {"sequence"}); },
              ThrowsMessage<ArgumentError>("output 'labels' has no channel 5: there are 5, counted from 0"));
  EXPECT_THAT([&] { gradients(x, {"labels", {1}, at::ones({5})}, {"sequence"}); },
              ThrowsMessage<ArgumentError>(HasSubstr("give one of them")));
  EXPECT_THAT([&] { gradients(x, {"labels", {}, at::ones({4})}, {"sequence"}); },
              ThrowsMessage<ShapeError>("weights (4) do not fit output 'labels' (3, 5)"));
  EXPECT_THAT([&] { gradients(x, {"labels"}, {}); }, ThrowsMessage<ArgumentError>(HasSubstr("inputs or activations")));
  EXPECT_THAT([&] { gradients(x, {"labels"}, {"body.con"}); }, ThrowsMessage<ArgumentError>(HasSubstr("did you mean 'body.conv'?")));
  EXPECT_THAT([&] { gradient_fn(model, {true, StrandMerge::probability}, {}); },
              ThrowsMessage<ArgumentError>(HasSubstr("merged by probability")));
}

}  // namespace
}  // namespace basewise::infer
