// Convolutions and what stands behind them: the same numbers and gradients as torch computes layer
// by layer in double precision.
#include "basewise/ops/conv_unit.h"

#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/model.h"
#include "basewise/ops/native.h"
#include "basewise/tensor/scopes.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

struct Pass {
  at::Tensor y;
  std::vector<std::pair<std::string, at::Tensor>> gradients;  // of the input, then of every parameter
  std::vector<std::pair<std::string, at::Tensor>> buffers;
};

Pass pass(const std::string& toml, const at::Tensor& x, at::ScalarType type, bool training) {
  const ModelPtr model = build_model(toml, "test", 3);
  model->train(training);
  model->to(type);
  shake(*model);
  at::Tensor input = x.to(type).detach().requires_grad_(true);
  Bundle inputs;
  inputs.set("sequence", input);
  Pass result;
  result.y = model->forward(inputs).at("out");
  const at::Tensor weights = at::cos(at::arange(result.y.numel(), at::kDouble)).view(result.y.sizes()).to(type);
  (result.y * weights).sum().backward();
  result.gradients.emplace_back("sequence", input.grad());
  for (const auto& p : model->named_parameters()) result.gradients.emplace_back(p.key(), p.value().grad());
  for (const auto& b : model->named_buffers()) result.buffers.emplace_back(b.key(), b.value());
  return result;
}

void expect_same(const std::string& toml, std::int64_t length, bool training, double tolerance = 2e-4) {
  const at::Tensor x = at::sin(at::arange(3 * 4 * length, at::kDouble) * 1.7).view({3, 4, length});
  const ops::KernelCounts before = ops::kernel_counts();
  const Pass native = pass(toml, x, at::kFloat, training);
  EXPECT_GT(ops::kernel_counts().basewise, before.basewise);
  EXPECT_EQ(ops::kernel_counts().torch, before.torch) << "a convolution fell back";
  const Pass exact = pass(toml, x, at::kDouble, training);
  EXPECT_LE(relative_difference(native.y, exact.y), tolerance);
  ASSERT_EQ(native.gradients.size(), exact.gradients.size());
  for (std::size_t i = 0; i < exact.gradients.size(); ++i) {
    ASSERT_TRUE(native.gradients[i].second.defined()) << exact.gradients[i].first;
    EXPECT_LE(relative_difference(native.gradients[i].second, exact.gradients[i].second), tolerance) << exact.gradients[i].first;
  }
  for (std::size_t i = 0; i < exact.buffers.size(); ++i)
    EXPECT_LE(relative_difference(native.buffers[i].second, exact.buffers[i].second), tolerance) << exact.buffers[i].first;
}

std::string model(const std::string& layers) {
  return "format = 1\n[inputs.sequence]\nchannels = 4\n" + layers +
         "\n[[heads]]\nname = \"out\"\n[[heads.layers]]\ntype = \"conv\"\nfilters = 2\nwidth = 5\n";
}

std::string conv(int filters, int width, const std::string& more = "") {
  return format("[[layers]]\ntype = \"conv\"\nfilters = {}\nwidth = {}\n{}\n", filters, width, more);
}
const std::string kNorm = "[[layers]]\ntype = \"batch_norm\"\n";
std::string activation(const std::string& kind) { return format("[[layers]]\ntype = \"activation\"\nkind = \"{}\"\n", kind); }

// Gradients through several layers of normalisation are differences of larger numbers:
// 2e-4 in single precision.
TEST(ConvUnit, EqualsLayerByLayerInDouble) {
  expect_same(model(conv(20, 7) + activation("relu")), 90, true);
  expect_same(model(conv(20, 7) + activation("exponential")), 90, true);
  expect_same(model(conv(20, 7, "bias = false") + kNorm + activation("relu") + conv(9, 3, "dilation = 4\npadding = \"valid\"") + kNorm), 90,
              true);
  expect_same(model(conv(20, 7) + kNorm + activation("exponential")), 90, false);
  expect_same(model(conv(24, 7) + kNorm + activation("gelu") + conv(24, 4, "stride = 3\ngroups = 2") + activation("relu")), 90, true);
  expect_same(
      model(conv(18, 6, "padding = \"causal\"") + "[[layers]]\ntype = \"dense\"\non = \"channels\"\nunits = 30\n" + activation("relu")), 90,
      true);
}

TEST(ConvUnit, TakesTheSkipOfAResidualBlockAlong) {
  const std::string body =
      "[[layers]]\nname = \"body\"\ntype = \"residual\"\nrepeat = 3\n[[layers.layers]]\ntype = \"conv\"\nfilters = 16\nwidth = 3\ndilation "
      "= [2, 4, 8]\npadding = \"{}\"\n";
  const std::string norm = "[[layers.layers]]\ntype = \"batch_norm\"\n",
                    relu = "[[layers.layers]]\ntype = \"activation\"\nkind = \"relu\"\n";
  for (const char* padding : {"same", "valid"})
    for (const std::string& inside : {relu, norm + relu, norm, relu + norm})
      expect_same(model(conv(16, 7) + activation("relu") + format(fmt::runtime(body), padding) + inside), 80, true);
}

TEST(ConvUnit, PoolsBehindConvolutions) {
  const auto pool = [](const std::string& options) { return "[[layers]]\ntype = \"pool\"\n" + options + "\n"; };
  expect_same(model(conv(20, 7) + kNorm + activation("relu") + pool("width = 3") + conv(11, 3) + activation("exponential") +
                    pool("width = 4\nstride = 2\npadding = \"same\"")),
              90, true);
  expect_same(model(conv(20, 7) + activation("relu") + pool("kind = \"mean\"\nwidth = 5\nstride = 3\npadding = \"same\"") +
                    pool("kind = \"mean\"\nwidth = 2")),
              90, true);
}

TEST(ConvUnit, TakesThePoolingAlong) {
  const auto pool = [](const std::string& options) { return "[[layers]]\ntype = \"pool\"\n" + options + "\n"; };
  for (const bool training : {true, false})
    for (const std::string& more :
         {std::string("width = 3"), std::string("width = 4\npadding = \"same\""), std::string("width = 2"), std::string("width = 40")})
      for (const std::string& before : {activation("relu"), activation("exponential"), std::string(), kNorm + activation("relu"), kNorm}) {
        SCOPED_TRACE(before + more);
        expect_same(model(conv(20, 7) + before + pool(more) + conv(11, 3, "stride = 2")), 401, training);
      }
}

TEST(ConvUnit, TakesEveryFunctionAlong) {
  const std::string pool = "[[layers]]\ntype = \"pool\"\nwidth = 3\n";
  for (const std::string kind : {"gelu", "gelu_tanh", "silu", "sigmoid", "tanh", "softplus", "elu", "leaky_relu"}) {
    const std::string body =
        "[[layers]]\ntype = \"residual\"\n[[layers.layers]]\ntype = \"conv\"\nfilters = 16\nwidth = 3\npadding = \"valid\"\n";
    const std::string inside = format("[[layers.layers]]\ntype = \"activation\"\nkind = \"{}\"\n", kind),
                      norm = "[[layers.layers]]\ntype = \"batch_norm\"\n";
    for (const bool training : {true, false}) {
      SCOPED_TRACE(kind + (training ? ", training" : ", evaluation"));
      expect_same(model(conv(20, 7) + activation(kind)), 90, training);
      expect_same(model(conv(20, 7) + kNorm + activation(kind) + conv(18, 3) + activation(kind) + pool), 90, training);
      expect_same(model(conv(16, 7) + activation(kind) + pool + body + inside + body + norm + inside), 90, training);
    }
  }
}

TEST(ConvUnit, FunctionsWithOtherParametersAreTorchs) {
  expect_same(model(conv(20, 7) + "[[layers]]\ntype = \"activation\"\nkind = \"elu\"\nalpha = 0.5\n"), 90, true);
  expect_same(model(conv(20, 7) + "[[layers]]\ntype = \"activation\"\nkind = \"leaky_relu\"\nslope = 0.3\n"), 90, true);
}

TEST(ConvUnit, PooledUnitsDoNotDependOnThreads) {
  const at::Tensor x = at::sin(at::arange(3 * 4 * 1001, at::kDouble)).view({3, 4, 1001});
  const std::string toml = model(conv(20, 7) + kNorm + activation("relu") + "[[layers]]\ntype = \"pool\"\nwidth = 3\n" + conv(17, 7) +
                                 activation("relu") + "[[layers]]\ntype = \"pool\"\nwidth = 4\n");
  const auto with = [&](int threads) {
    const TensorThreadScope scope(threads);
    return pass(toml, x, at::kFloat, true);
  };
  const Pass one = with(1);
  for (const int threads : {2, 8}) {
    const Pass other = with(threads);
    EXPECT_TRUE(at::equal(one.y, other.y));
    for (std::size_t i = 0; i < one.gradients.size(); ++i)
      EXPECT_TRUE(at::equal(one.gradients[i].second, other.gradients[i].second)) << one.gradients[i].first;
  }
}

TEST(ConvUnit, DropsTheSameInBothDirections) {
  const at::Tensor x = at::ones({3, 5, 70}).transpose(1, 2).contiguous().transpose(1, 2).requires_grad_(true);
  const RandomScope random(7);
  const ModelPtr m = build_model(
      "format = 1\n[inputs.sequence]\nchannels = 5\n[[layers]]\ntype = \"dropout\"\nrate = 0.25\n[[heads]]\nname = \"out\"\n", "test", 3);
  m->train();
  Bundle inputs;
  inputs.set("sequence", x);
  const at::Tensor y = m->forward(inputs).at("out");
  y.sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), y.detach()));
  EXPECT_NEAR((y == 0).to(at::kFloat).mean().item<double>(), 0.25, 0.07);  // five standard deviations of 1,050 draws
}

TEST(ConvUnit, FoldsTheNormalisationWhereNobodyWantsGradients) {
  const ModelPtr m = build_model(model(conv(20, 7) + kNorm + activation("relu")), "test", 3);
  Bundle inputs;
  inputs.set("sequence", at::sin(at::arange(3 * 4 * 90, at::kFloat)).view({3, 4, 90}));
  m->train();
  m->forward(inputs);
  m->eval();
  const at::Tensor with = m->forward(inputs).at("out");
  const at::NoGradGuard no_grad;
  EXPECT_LE(relative_difference(m->forward(inputs).at("out"), with), 1e-5);
}

TEST(ConvUnit, KeepsASlotThatAnotherLayerReads) {
  expect_same("format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\nname = \"a\"\ntype = \"conv\"\nfilters = 8\nwidth = 3\n" +
                  format("[[layers]]\nname = \"b\"\ntype = \"activation\"\nkind = \"relu\"\n[[layers]]\nname = \"c\"\ntype = "
                         "\"activation\"\nkind = \"relu\"\nfrom = [\"a\", "
                         "\"b\"]\ncombine = \"add\"\n[[heads]]\nname = \"out\"\n"),
              40, true);
}

std::vector<std::string> gradients_of_gradients() {
  std::vector<std::string> all{activation("exponential") + "[[layers]]\ntype = \"pool\"\nwidth = 3\n"};
  for (const std::string kind : {"exponential", "gelu", "gelu_tanh", "silu", "sigmoid", "tanh", "softplus", "elu"})
    all.push_back(activation(kind));
  return all;
}

TEST(ConvUnit, HasGradientsOfGradients) {
  const auto penalty = [](at::ScalarType type, bool training, const std::string& more) {
    const ModelPtr m = build_model(model(conv(12, 5) + kNorm + more), "test", 3);
    m->train(training);
    m->to(type);
    at::Tensor x = at::sin(at::arange(2 * 4 * 30, at::kDouble)).view({2, 4, 30}).to(type).requires_grad_(true);
    Bundle inputs;
    inputs.set("sequence", x);
    m->forward(inputs).at("out").square().sum().backward({}, true, true);
    const at::Tensor gradient = x.grad();
    x.mutable_grad() = at::Tensor();
    gradient.square().sum().backward();
    std::vector<at::Tensor> all{x.grad()};
    for (const auto& p : m->parameters()) all.push_back(p.grad());
    return all;
  };
  for (const bool training : {false, true})
    for (const std::string& more : gradients_of_gradients()) {
      const std::vector<at::Tensor> native = penalty(at::kFloat, training, more), exact = penalty(at::kDouble, training, more);
      for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_LE(relative_difference(native[i], exact[i]), 1e-3) << i;
    }
}

TEST(ConvUnit, IsTorchsWithinAScope) {
  const ops::KernelScope scope(ops::Kernels::torch);
  const ops::KernelCounts before = ops::kernel_counts();
  pass(model(conv(20, 7) + activation("relu")), at::ones({3, 4, 50}), at::kFloat, true);
  EXPECT_EQ(ops::kernel_counts().basewise, before.basewise);
  EXPECT_EQ(ops::kernel_counts().torch, before.torch + 2);
}

TEST(ConvUnit, DoesNotDependOnThreadsOrTheMemoryOfItsInput) {
  const at::Tensor x = at::sin(at::arange(3 * 4 * 500, at::kDouble)).view({3, 4, 500});
  const std::string toml = model(conv(20, 7) + kNorm + activation("relu"));
  const auto with = [&](int threads, const at::Tensor& input) {
    const TensorThreadScope scope(threads);
    return pass(toml, input, at::kFloat, true);
  };
  const Pass one = with(1, x), eight = with(8, x), turned = with(2, x.transpose(1, 2).contiguous().transpose(1, 2));
  EXPECT_TRUE(at::equal(one.y, eight.y));
  EXPECT_TRUE(at::equal(one.y, turned.y));
  for (std::size_t i = 0; i < one.gradients.size(); ++i) {
    EXPECT_TRUE(at::equal(one.gradients[i].second, eight.gradients[i].second)) << one.gradients[i].first;
    EXPECT_TRUE(at::equal(one.gradients[i].second, turned.gradients[i].second)) << one.gradients[i].first;
  }
}

// Outputs and gradients of parameters for tokens, and for the same as one-hot rows.
void expect_tokens_give_the_same(const std::string& toml, at::ScalarType type, bool training) {
  const at::Tensor tokens = (at::arange(3 * 131).mul(7).remainder(11).remainder(5)).view({3, 131}).to(at::kByte);
  const at::Tensor rows = at::one_hot(tokens.to(at::kLong), 5).slice(2, 0, 4).transpose(1, 2).to(at::kFloat).contiguous();
  std::vector<at::Tensor> results[2];
  for (const bool as_tokens : {false, true}) {
    const ModelPtr model = build_model(toml, "test", 3);
    model->to(type);
    model->train(training);
    Bundle inputs;
    inputs.set("sequence", as_tokens ? tokens : rows);
    const at::Tensor y = model->forward(inputs).at("out");
    y.square().sum().backward();
    results[as_tokens].push_back(y.detach());
    for (const auto& p : model->named_parameters()) results[as_tokens].push_back(p.value().grad());
  }
  ASSERT_GT(results[0].size(), 2U);
  for (std::size_t i = 0; i < results[0].size(); ++i) EXPECT_TRUE(at::equal(results[0][i], results[1][i])) << i;
}

TEST(ConvUnit, TokensGiveTheSameAsOneHotRows) {
  const std::string readable = model(conv(21, 7) + kNorm + activation("relu")), unreadable = model(conv(3, 1));
  for (const bool training : {false, true}) {
    expect_tokens_give_the_same(readable, at::kFloat, training);
    expect_tokens_give_the_same(readable, at::kDouble, training);
    expect_tokens_give_the_same(unreadable, at::kFloat, training);
    const ops::KernelScope scope(ops::Kernels::torch);
    expect_tokens_give_the_same(readable, at::kFloat, training);
  }
}

TEST(ConvUnit, RoundsToBfloat16WhereAskedFor) {
  if (!kernels::has_bfloat16()) {
    EXPECT_THROW((void)ops::kernels_named("bfloat16"), ArgumentError);
    GTEST_SKIP() << "this processor has no instructions for bfloat16";
  }
  const at::Tensor x = at::sin(at::arange(3 * 4 * 150, at::kDouble) * 1.7).view({3, 4, 150});
  // Without steps in between, which a rounded number can fall to the other side of. Sums over a
  // smooth input cancel: 0.3 % per factor become a few per cent.
  const std::string layers = conv(40, 7) + conv(32, 3, "dilation = 2");
  const Pass exact = pass(model(layers), x, at::kFloat, true);
  const ops::KernelScope scope(ops::kernels_named("bfloat16"));
  const Pass bfloat16 = pass(model(layers), x, at::kFloat, true);
  EXPECT_GT(relative_difference(bfloat16.y, exact.y), 1e-4);
  EXPECT_LT(relative_difference(bfloat16.y, exact.y), 0.03);
  for (std::size_t i = 0; i < exact.gradients.size(); ++i)
    EXPECT_LT((bfloat16.gradients[i].second - exact.gradients[i].second).norm().item<double>(),
              0.05 * exact.gradients[i].second.norm().item<double>() + 1e-4)
        << exact.gradients[i].first;
}

}  // namespace
}  // namespace basewise::nn
