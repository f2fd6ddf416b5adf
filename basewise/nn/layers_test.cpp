// Numbers of single layers, start values, penalties.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

ModelPtr layer_model(const std::string& layer, const std::string& input = "channels = 4\nlength = 37") {
  const ModelPtr model = build_model(
      "format = 1\n[inputs.sequence]\n" + input + "\n[[layers]]\nname = \"it\"\n" + layer + "\n[[heads]]\nname = \"out\"\n", "m.toml", 11);
  model->eval();
  return model;
}

at::Tensor output_of(const std::string& layer, const at::Tensor& x) {
  const NoGradScope no_grad;
  return layer_model(layer)->forward({{"sequence", x}}).at("out");
}

at::Tensor input(std::int64_t length = 37) { return random_normal({3, 4, length}, Stream(1)); }

// y[n, f, i] = b[f] + sum of w[f, c, j] x[n, g + c, i stride - left + j dilation]
at::Tensor convolve(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b, std::int64_t stride, std::int64_t dilation,
                    std::int64_t left, std::int64_t out_length) {
  at::Tensor y = at::zeros({x.size(0), w.size(0), out_length}, at::kDouble);
  const std::int64_t groups = x.size(1) / w.size(1), per_group = w.size(0) / groups;
  const auto xa = x.accessor<float, 3>();
  const auto wa = w.accessor<float, 3>();
  auto ya = y.accessor<double, 3>();
  for (std::int64_t n = 0; n < x.size(0); ++n)
    for (std::int64_t f = 0; f < w.size(0); ++f)
      for (std::int64_t i = 0; i < out_length; ++i) {
        double sum = b[f].item<double>();
        for (std::int64_t c = 0; c < w.size(1); ++c)
          for (std::int64_t j = 0; j < w.size(2); ++j) {
            const std::int64_t at = i * stride - left + j * dilation;
            if (at >= 0 && at < x.size(2)) sum += static_cast<double>(wa[f][c][j]) * xa[n][f / per_group * w.size(1) + c][at];
          }
        ya[n][f][i] = sum;
      }
  return y;
}

struct ConvCase {
  std::string options;
  std::int64_t stride, dilation, left, length;
};

TEST(Conv, AgreesWithItsFormula) {
  const ConvCase cases[] = {{"padding = \"valid\"", 1, 1, 0, 33},
                            {"padding = \"same\"", 1, 1, 2, 37},
                            {"dilation = 3\npadding = \"causal\"", 1, 3, 12, 37},
                            {"stride = 2", 2, 1, 1, 18},
                            {"groups = 2\npadding = \"explicit\"\npad_left = 1\npad_right = 4", 1, 1, 1, 38},
                            {"groups = 4\nfilters = 8", 1, 1, 2, 37}};
  for (const ConvCase& c : cases) {
    SCOPED_TRACE(c.options);
    const std::string filters = c.options.find("filters") == std::string::npos ? "filters = 6\n" : "";
    const ModelPtr model = layer_model("type = \"conv\"\nwidth = 5\n" + filters + c.options);
    const NoGradScope no_grad;
    const at::Tensor y = model->forward({{"sequence", input()}}).at("out");
    const auto p = model->named_parameters();
    const at::Tensor expected = convolve(input(), p["it.weight"], p["it.bias"], c.stride, c.dilation, c.left, c.length);
    ASSERT_EQ(y.sizes(), expected.sizes());
    EXPECT_LT((y - expected).abs().max().item<double>(), 1e-5);
  }
}

TEST(Pool, MaxMeanAndAttention) {
  const at::Tensor x = input();
  EXPECT_TRUE(at::equal(output_of("type = \"pool\"\nwidth = 5", x), x.slice(2, 0, 35).view({3, 4, 7, 5}).amax(3)));
  EXPECT_TRUE(at::allclose(output_of("type = \"pool\"\nkind = \"mean\"\nglobal = true", x), x.mean(2)));
  EXPECT_TRUE(at::equal(output_of("type = \"pool\"\nglobal = true", x), x.amax(2)));
  // Padded positions neither win nor count.
  const at::Tensor negative = -x.abs() - 1;
  EXPECT_LT(output_of("type = \"pool\"\nwidth = 4\nstride = 1\npadding = \"same\"", negative).max().item<double>(), -0.9);
  EXPECT_TRUE(at::allclose(output_of("type = \"pool\"\nkind = \"mean\"\nwidth = 4\nstride = 1\npadding = \"same\"", at::ones({3, 4, 37})),
                           at::ones({3, 4, 37})));
  // A last window that is not full, as ceiling mode has it:
  // 37 positions are 9 windows of 4 and one of 1.
  const std::string ceiling = "type = \"pool\"\nwidth = 4\npadding = \"explicit\"\npad_right = 3";
  const at::Tensor full = x.slice(2, 0, 36).view({3, 4, 9, 4});
  EXPECT_TRUE(at::equal(output_of(ceiling, x), at::cat({full.amax(3), x.slice(2, 36)}, 2)));
  EXPECT_TRUE(at::allclose(output_of(ceiling + "\nkind = \"mean\"", x), at::cat({full.mean(3), x.slice(2, 36)}, 2)));
  EXPECT_THAT(error_text<ShapeError>([&] { output_of("type = \"pool\"\nwidth = 4\npadding = \"explicit\"\npad_left = 4", x); }),
              testing::HasSubstr("pad_left = 4 and pad_right = 0; they must be below the width 4"));
  // The weight starts as twice the identity.
  EXPECT_TRUE(
      at::allclose(output_of("type = \"pool\"\nkind = \"attention\"\nglobal = true", x), (x * (2 * x).softmax(2)).sum(2), 1e-4, 1e-6));
  const at::Tensor windows = x.slice(2, 0, 36).view({3, 4, 18, 2});
  EXPECT_TRUE(at::allclose(output_of("type = \"pool\"\nkind = \"attention\"", x), (windows * (2 * windows).softmax(3)).sum(3), 1e-4, 1e-6));
}

TEST(Shapes, FlattenCropUpsample) {
  const at::Tensor x = input();
  EXPECT_TRUE(at::equal(output_of("type = \"flatten\"", x), x.flatten(1)));
  EXPECT_TRUE(at::equal(output_of("type = \"crop\"\nlength = 30", x), x.slice(2, 3, 33)));
  EXPECT_TRUE(at::equal(output_of("type = \"crop\"\nleft = 5", x), x.slice(2, 5)));
  EXPECT_TRUE(at::equal(output_of("type = \"upsample\"\nfactor = 3", x), x.repeat_interleave(3, 2)));
  const at::Tensor line = at::arange(37, at::kFloat).expand({3, 4, 37});
  const at::Tensor fine = output_of("type = \"upsample\"\nfactor = 2\nkind = \"linear\"", line);
  EXPECT_FLOAT_EQ(fine[2][3][11].item<float>(), 5.25F);
}

TEST(Normalisation, BatchNormUsesTheBatchInTrainingAndItsMemoryAfter) {
  const ModelPtr model = layer_model("type = \"batch_norm\"\nmomentum = 0.25\neps = 1e-3");
  const at::Tensor x = input() * 3 + 2;
  {
    const TrainScope scope(*model);
    const at::Tensor y = model->forward({{"sequence", x}}).at("out");
    EXPECT_LT(y.mean(at::IntArrayRef{0, 2}).abs().max().item<double>(), 1e-5);
  }
  const auto buffers = model->named_buffers();
  EXPECT_EQ(buffers["it.num_batches_tracked"].item<std::int64_t>(), 1);
  EXPECT_TRUE(at::allclose(buffers["it.running_mean"], 0.25 * x.mean(at::IntArrayRef{0, 2}), 1e-4, 1e-6));
  const at::Tensor y = model->forward({{"sequence", x}}).at("out");
  const at::Tensor mean = buffers["it.running_mean"].view({1, 4, 1}), variance = buffers["it.running_var"].view({1, 4, 1});
  EXPECT_TRUE(at::allclose(y, (x - mean) / (variance + 1e-3).sqrt(), 1e-4, 1e-5));
  EXPECT_EQ(buffers["it.num_batches_tracked"].item<std::int64_t>(), 1);
  const TrainScope scope(*model);
  EXPECT_THROW(model->forward({{"sequence", at::zeros({1, 4, 1})}}), ShapeError);
}

TEST(Normalisation, RunningEstimatesMayForgetWhereTheyStarted) {
  // Keras 2.2.4: b = (1 - m) b + m x from b = 0, and the estimate is b / (1 - (1 - m)^t).
  const ModelPtr model = layer_model("type = \"batch_norm\"\nmomentum = 0.25\nzero_debias = true");
  at::Tensor mean = at::zeros({4}), variance = at::zeros({4});
  for (int t = 1; t <= 3; ++t) {
    const at::Tensor x = input() * t + 2;
    const TrainScope scope(*model);
    model->forward({{"sequence", x}});
    mean = 0.75 * mean + 0.25 * x.mean(at::IntArrayRef{0, 2});
    variance = 0.75 * variance + 0.25 * x.transpose(0, 1).flatten(1).var(1);
    const double weights = 1 - std::pow(0.75, t);
    const auto buffers = model->named_buffers();
    EXPECT_TRUE(at::allclose(buffers["it.running_mean"], mean / weights, 1e-5, 1e-6)) << t;
    EXPECT_TRUE(at::allclose(buffers["it.running_var"], variance / weights, 1e-5, 1e-6)) << t;
  }
}

TEST(Normalisation, FixedStatisticsLeaveScaleAndShift) {
  for (const char* type : {"batch_norm", "rc_batch_norm"}) {
    const ModelPtr model = layer_model(format("type = \"{}\"\nstatistics = \"fixed\"\neps = 0.21", type));
    const at::Tensor x = input() * 3 + 2;
    const TrainScope scope(*model);
    const at::Tensor y = model->forward({{"sequence", x}}).at("out");
    EXPECT_TRUE(at::allclose(y, x / 1.1F, 1e-6, 1e-6)) << type;
    y.sum().backward();
    at::Tensor slope = x.sum(at::IntArrayRef{0, 2}) / 1.1F;
    const auto parameters = model->named_parameters();
    if (parameters["it.weight"].numel() == 2) slope = slope.slice(0, 0, 2) + slope.slice(0, 2).flip({0});
    EXPECT_TRUE(at::allclose(parameters["it.weight"].grad(), slope, 1e-5, 1e-4)) << type;
    EXPECT_EQ(model->named_buffers()["it.num_batches_tracked"].item<std::int64_t>(), 0) << type;
  }
  EXPECT_NE(maybe_error_text([] { return layer_model("type = \"batch_norm\"\nstatistics = \"fixed\"\nmomentum = 0.5"); }).find("momentum"),
            std::string::npos);
}

TEST(Normalisation, ScalesStartWhereTheyAreToldTo) {
  const std::string block =
      "type = \"residual\"\n[[layers.layers]]\ntype = \"conv\"\nfilters = 4\nwidth = 3\n[[layers.layers]]\ntype = "
      "\"batch_norm\"\nscale_initial = ";
  const at::Tensor x = input();
  EXPECT_TRUE(at::equal(output_of(block + "0", x), x));
  EXPECT_FALSE(at::equal(output_of(block + "1", x), x));
  EXPECT_TRUE(at::equal(layer_model("type = \"batch_norm\"\nscale_initial = 2.5")->named_parameters()["it.weight"], at::full({4}, 2.5)));
  EXPECT_THAT(error_text([&] { layer_model("type = \"batch_norm\"\naffine = false\nscale_initial = 0.0"); }),
              testing::HasSubstr("option 'scale_initial'"));
}

TEST(Normalisation, LayerNormLooksAtOnePosition) {
  const at::Tensor y = output_of("type = \"layer_norm\"", input());
  EXPECT_LT(y.mean(1).abs().max().item<double>(), 1e-5);
  EXPECT_TRUE(at::allclose(y.square().mean(1), at::ones({3, 37}), 1e-2, 1e-2));
}

TEST(Activation, EveryKindAgreesWithItsFormula) {
  const at::Tensor x = input();
  const at::Tensor gate = at::sigmoid(x);
  const std::pair<std::string, at::Tensor> table[] = {
      {"relu", x.clamp_min(0)},
      {"gelu", 0.5 * x * (1 + at::erf(x / std::sqrt(2.0)))},
      {"gelu_tanh", 0.5 * x * (1 + at::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x.pow(3))))},
      {"gelu_sigmoid", x / (1 + (-1.702 * x).exp())},
      {"elu", at::where(x.gt(0), x, x.exp() - 1)},
      {"leaky_relu", at::where(x.gt(0), x, 0.01 * x)},
      {"exponential", x.exp()},
      {"exp_linear", at::where(x.gt(0), x + 1, x.exp())},
      {"sigmoid", 1 / (1 + (-x).exp())},
      {"softplus", at::log1p(x.exp())},
      {"tanh", at::tanh(x)},
      {"silu", x * gate},
      {"softmax", x.exp() / x.exp().sum(1, true)},
      {"linear", x},
      {"exp_relu", (x.exp() - 1).clamp_min(0)},
      {"log_relu", (x.abs() + 1e-10).log().clamp_min(0)}};
  for (const auto& [kind, expected] : table)
    EXPECT_TRUE(at::allclose(output_of(format("type = \"activation\"\nkind = \"{}\"", kind), x), expected, 1e-4, 1e-6)) << kind;
}

// Table of section 2 of the specification of exponential activations:
// formulas as the authors write them.
TEST(Activation, IsScaledShiftedAndRaised) {
  const at::Tensor x = 3 * input() - 0.5;
  const std::pair<std::string, at::Tensor> table[] = {
      {"\"relu\"\nshift = 0.2\npower = 3", (x - 0.2).pow(3).clamp_min(0)},
      {"\"sigmoid\"\nshift = 8\nout_scale = 4000", 4000 * at::sigmoid(x - 8)},
      {"\"tanh\"\nshift = 6\nout_scale = 500\noffset = 500", 500 * at::tanh(x - 6) + 500},
      {"\"exp_relu\"\nin_scale = 0.1", ((0.1 * x).exp() - 1).clamp_min(0)},
      {"\"exponential\"\nin_scale = 0.3", (0.3 * x).exp()},
      {"\"exponential\"\nshift = -2", (x + 2).exp()},
      {"\"linear\"\nin_scale = 2\nshift = 1\npower = 2\nout_scale = -3\noffset = 4", -3 * (2 * x - 1).pow(2) + 4}};
  for (const auto& [kind, expected] : table)
    EXPECT_TRUE(at::allclose(output_of(format("type = \"activation\"\nkind = {}", kind), x), expected, 1e-4, 1e-4)) << kind;
  EXPECT_THAT(error_text([&] { output_of("type = \"activation\"\npower = 0", x); }), testing::HasSubstr("option 'power' is 0"));
}

// Links of rates as Basenji has them: exp and softplus of x brought to -50 to 50, exp_linear below.
TEST(Activation, ExponentialsCanBeClipped) {
  const at::Tensor x = 40 * input();
  EXPECT_TRUE(at::allclose(output_of("type = \"activation\"\nkind = \"exponential\"\nclip = 30", x), x.clamp(-30, 30).exp()));
  EXPECT_TRUE(at::allclose(output_of("type = \"activation\"\nkind = \"softplus\"\nclip = 50", x), at::softplus(x.clamp(-50, 50))));
  EXPECT_TRUE(at::allclose(output_of("type = \"activation\"\nkind = \"exp_linear\"\nclip = 5", x),
                           at::where(x.gt(0), x + 1, x.clamp_min(-5).exp())));
  EXPECT_THAT(error_text([&] { output_of("type = \"activation\"\nkind = \"relu\"\nclip = 5", x); }), testing::HasSubstr("option 'clip'"));
  EXPECT_THAT(error_text([&] { output_of("type = \"activation\"\nkind = \"softplus\"\nclip = 0", x); }),
              testing::HasSubstr("option 'clip' is 0"));
  // 3e4 overflows where it is not taken.
  const at::Tensor far = at::full({1, 4, 5}, 3e4).requires_grad_();
  layer_model("type = \"activation\"\nkind = \"exp_linear\"")->forward({{"sequence", far}}).at("out").sum().backward();
  EXPECT_TRUE(at::equal(far.grad(), at::ones({1, 4, 5})));
}

// Both forms in the history of Basenji: 0.845796 until 2022, 0.841192 since.
TEST(Activation, BothApproximationsOfGelu) {
  const at::Tensor one = at::ones({1, 4, 3});
  EXPECT_NEAR(output_of("type = \"activation\"\nkind = \"gelu_sigmoid\"", one)[0][0][0].item<double>(), 0.845796, 5e-7);
  EXPECT_NEAR(output_of("type = \"activation\"\nkind = \"gelu_tanh\"", one)[0][0][0].item<double>(), 0.841192, 5e-7);
}

TEST(Dense, OnFlatAndOnChannels) {
  const at::Tensor x = input();
  const ModelPtr flat = layer_model("type = \"dense\"\nunits = 5"), each = layer_model("type = \"dense\"\nunits = 5\non = \"channels\"");
  const auto pf = flat->named_parameters(), pe = each->named_parameters();
  EXPECT_TRUE(
      at::allclose(flat->forward({{"sequence", x}}).at("out"), at::matmul(x.flatten(1), pf["it.weight"].t()) + pf["it.bias"], 1e-4, 1e-5));
  EXPECT_TRUE(
      at::allclose(each->forward({{"sequence", x}}).at("out"), at::matmul(pe["it.weight"], x) + pe["it.bias"].view({1, 5, 1}), 1e-4, 1e-5));
}

TEST(Residual, AddsTheCroppedOrProjectedInput) {
  const std::string inner =
      "[[layers.layers]]\ntype = \"conv\"\nfilters = {}\nwidth = 5\npadding = \"valid\"\ninitialiser = \"zeros\"\nbias_initialiser = "
      "\"zeros\"";
  const at::Tensor x = input();
  EXPECT_TRUE(at::equal(output_of("type = \"residual\"\n" + fmt::format(fmt::runtime(inner), 4), x), x.slice(2, 2, 35)));
  const ModelPtr wider = layer_model("type = \"residual\"\n" + fmt::format(fmt::runtime(inner), 6));
  const auto p = wider->named_parameters();
  EXPECT_TRUE(at::allclose(wider->forward({{"sequence", x}}).at("out"),
                           at::matmul(p["it.project.weight"], x.slice(2, 2, 35)) + p["it.project.bias"].view({1, 6, 1}), 1e-4, 1e-5));
}

TEST(DenseLink, PutsTheCroppedInputBeforeWhatTheLayersGive) {
  const std::string inner =
      "type = \"dense_link\"\nrepeat = 2\n[[layers.layers]]\ntype = \"conv\"\nfilters = 6\nwidth = [5, 2]\npadding = \"valid\"\n"
      "[[layers.layers]]\ntype = \"activation\"";
  const at::Tensor x = input();
  const ModelPtr model = layer_model(inner);
  const auto p = model->named_parameters();
  const at::Tensor first = at::cat({x.slice(2, 2, 35), at::relu(at::conv1d(x, p["it.0.conv.weight"], p["it.0.conv.bias"]))}, 1);
  const at::Tensor second = at::cat({first.slice(2, 0, 32), at::relu(at::conv1d(first, p["it.1.conv.weight"], p["it.1.conv.bias"]))}, 1);
  const at::Tensor y = model->forward({{"sequence", x}}).at("out");
  ASSERT_EQ(y.sizes(), (std::vector<std::int64_t>{3, 16, 32}));
  EXPECT_TRUE(at::allclose(y, second, 1e-4, 1e-5));
  EXPECT_THAT(error_text<ShapeError>([&] { layer_model("type = \"dense_link\"\n[[layers.layers]]\ntype = \"pool\""); }),
              testing::HasSubstr("put pooling, strides and upsampling outside of a dense_link"));
  EXPECT_THAT(error_text<ShapeError>([&] { layer_model("type = \"dense_link\"\n[[layers.layers]]\ntype = \"flatten\""); }),
              testing::HasSubstr("a dense_link puts together both, so they must keep positions"));
}

TEST(Dropout, ActsOnlyInTraining) {
  const ModelPtr model = layer_model("type = \"dropout\"\nrate = 0.4");
  const at::Tensor x = at::ones({30, 4, 37});
  EXPECT_TRUE(at::equal(model->forward({{"sequence", x}}).at("out"), x));
  const TrainScope train(*model);
  const RandomScope random(5);
  const at::Tensor y = model->forward({{"sequence", x}}).at("out");
  EXPECT_NEAR(y.eq(0).to(at::kDouble).mean().item<double>(), 0.4, 0.05);
  EXPECT_NEAR(y.max().item<double>(), 1 / 0.6, 1e-5);
}

TEST(Initialisers, HaveTheSpreadOfTheirFormula) {
  const Fans fan{12, 300};
  const std::pair<Initialiser, double> deviations[] = {{Initialiser::kaiming_normal, std::sqrt(2.0 / 12)},
                                                       {Initialiser::kaiming_uniform, std::sqrt(2.0 / 12)},
                                                       {Initialiser::glorot_normal, std::sqrt(2.0 / 312)},
                                                       {Initialiser::glorot_uniform, std::sqrt(2.0 / 312)},
                                                       {Initialiser::xavier_uniform, std::sqrt(2.0 / 312)},
                                                       {Initialiser::lecun_normal, std::sqrt(1.0 / 12)},
                                                       {Initialiser::lecun_uniform, std::sqrt(1.0 / 12)},
                                                       {Initialiser::kaiming_truncated, std::sqrt(2.0 / 12)},
                                                       {Initialiser::glorot_truncated, std::sqrt(2.0 / 312)},
                                                       {Initialiser::lecun_truncated, std::sqrt(1.0 / 12)},
                                                       {Initialiser::truncated_normal, 0.87962566103423978},
                                                       {Initialiser::torch, 1 / std::sqrt(12.0) / std::sqrt(3.0)},
                                                       {Initialiser::normal, 1.0},
                                                       {Initialiser::uniform, 1 / std::sqrt(3.0)},
                                                       {Initialiser::zeros, 0.0},
                                                       {Initialiser::constant, 0.0}};
  for (const auto& [rule, deviation] : deviations) {
    at::Tensor x = at::full({40, 500}, 7.0);
    initialise(x, rule, 1.0, fan, 3, "a.weight");
    EXPECT_NEAR(x.std().item<double>(), deviation, 0.02 * deviation) << to_word(rule);
    EXPECT_NEAR(x.mean().item<double>(), rule == Initialiser::constant ? 1.0 : 0.0, 0.03 * deviation) << to_word(rule);
  }
}

TEST(Initialisers, ASpreadIsPositive) {
  at::Tensor w = at::zeros({2, 3});
  const auto start = [&](Initialiser rule, double scale) { initialise(w, rule, scale, {3, 2}, 1, "conv_1.weight"); };
  for (const double bad : {-0.1, 0.0, std::nan("")})
    for (const Initialiser rule : {Initialiser::normal, Initialiser::uniform, Initialiser::torch, Initialiser::truncated_normal})
      EXPECT_THAT(error_text<ArgumentError>([&] { return start(rule, bad), 0; }),
                  ::testing::StartsWith("conv_1.weight: the scale of initialiser '"));
  start(Initialiser::constant, -2);
  EXPECT_EQ(w[0][0].item<float>(), -2);
  EXPECT_THAT(error_text<ArgumentError>([&] { return start(Initialiser::constant, INFINITY), 0; }), ::testing::HasSubstr("is inf"));
}

TEST(Weights, PenaltiesAndMaxNorm) {
  const ModelPtr model =
      layer_model("type = \"conv\"\nfilters = 6\nwidth = 5\nl1 = 0.5\nl2 = 0.25\nmax_norm = 0.3\ninitialiser = \"kaiming_normal\"");
  at::Tensor w = model->named_parameters()["it.weight"];
  EXPECT_NEAR(model->penalty().item<double>(), (0.5 * w.abs().sum() + 0.25 * w.square().sum()).item<double>(), 1e-4);
  {
    const NoGradScope no_grad;
    w[2].mul_(1e-3);
  }
  const at::Tensor small = w[2].detach().clone();
  model->constrain();
  EXPECT_TRUE(at::allclose(w.flatten(1).norm(2, 1).index({at::tensor({0L, 1L, 3L, 4L, 5L})}), at::full({5}, 0.3)));
  EXPECT_TRUE(at::equal(w[2], small));
  EXPECT_FALSE(layer_model("type = \"conv\"\nfilters = 6\nwidth = 5")->penalty().defined());
}

}  // namespace
}  // namespace basewise::nn
