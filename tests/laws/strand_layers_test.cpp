// Layers that share weights between the strands: numbers against plain loops, kernels against
// torch, gradients, refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/infer/inspect.h"
#include "basewise/ops/kernels.h"
#include "basewise/nn/model.h"
#include "basewise/plan/inference_plan.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using testing::HasSubstr;

// Layers from line 5 on.
ModelPtr layers_model(const std::string& layers, const std::string& head = {}, const std::string& input = "channels = 4\nlength = 37") {
  const ModelPtr model =
      build_model("format = 1\n[inputs.sequence]\n" + input + "\n" + layers + "\n[[heads]]\nname = \"out\"\n" + head, "m.toml", 11);
  model->eval();
  return model;
}

at::Tensor forward(Model& model, const at::Tensor& x) { return model.forward({{"sequence", x}}).at("out"); }
at::Tensor sequences(std::int64_t length = 37) { return random_one_hot(3, length, Stream(2)); }

std::string refusal(const std::string& layers, const std::string& head = {}, const std::string& input = "channels = 4\nlength = 37") {
  return maybe_error_text([&] { layers_model(layers, head, input); });
}

at::Tensor tokens_of(const at::Tensor& rows) { return rows.argmax(1).to(at::kByte); }

const std::string kPairs = "[[layers]]\ntype = \"rc_conv\"\nfilters = 5\nwidth = 3\npadding = \"valid\"\n";

// y[n, f, t] = b[f] + sum of W[f, i, k] x[n, i, t + k]; y[n, 2 F - 1 - f, t] = b[f] + sum of
// W[f, C - 1 - i, K - 1 - k] x[n, i, t + k]
at::Tensor shared_convolution(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b, double scale) {
  const std::int64_t filters = w.size(0), channels = w.size(1), width = w.size(2), length = x.size(2) - width + 1;
  at::Tensor y = at::zeros({x.size(0), 2 * filters, length}, at::kDouble);
  const auto xa = x.accessor<float, 3>(), wa = w.accessor<float, 3>();
  auto ya = y.accessor<double, 3>();
  for (std::int64_t n = 0; n < x.size(0); ++n)
    for (std::int64_t f = 0; f < filters; ++f)
      for (std::int64_t t = 0; t < length; ++t) {
        double here = 0, there = 0;
        for (std::int64_t i = 0; i < channels; ++i)
          for (std::int64_t k = 0; k < width; ++k) {
            here += double{wa[f][i][k]} * double{xa[n][i][t + k]};
            there += double{wa[f][channels - 1 - i][width - 1 - k]} * double{xa[n][i][t + k]};
          }
        ya[n][f][t] = scale * here + b[f].item<double>();
        ya[n][2 * filters - 1 - f][t] = scale * there + b[f].item<double>();
      }
  return y;
}

TEST(RcConv, AgreesWithItsFormulaAlsoAtDoubleScale) {
  for (const bool legacy : {false, true}) {
    const ModelPtr model =
        layers_model("[[layers]]\nname = \"it\"\ntype = \"rc_conv\"\nfilters = 5\nwidth = 6\npadding = \"valid\"\nlegacy_double_scale = " +
                         std::string(legacy ? "true" : "false"),
                     "strands = \"complemented\"");
    const auto p = model->named_parameters();
    EXPECT_EQ(p["it.weight"].sizes(), (std::vector<std::int64_t>{5, 4, 6}));
    EXPECT_EQ(p["it.bias"].sizes(), (std::vector<std::int64_t>{5}));
    const NoGradScope no_grad;
    const at::Tensor expected = shared_convolution(sequences(), p["it.weight"], p["it.bias"], legacy ? 2.0 : 1.0),
                     y = forward(*model, sequences());
    ASSERT_EQ(y.sizes(), expected.sizes());
    EXPECT_LT((y - expected).abs().max().item<double>(), 1e-5);
  }
}

TEST(RcConv, FansAreThoseOfTheStoredWeight) {
  const ModelPtr model =
      layers_model(kPairs + "[[layers]]\nname = \"it\"\ntype = \"rc_conv\"\nfilters = 30\nwidth = 7\ninitialiser = \"glorot_uniform\"",
                   "strands = \"complemented\"");
  const at::Tensor w = model->named_parameters()["it.weight"];
  const double bound = std::sqrt(6.0 / (10 * 7 + 30 * 7));
  EXPECT_LE(w.abs().max().item<double>(), bound);
  EXPECT_GT(w.abs().max().item<double>(), 0.98 * bound);
}

// Joined with what follows, with tokens, by plan, or layer by layer on torch's kernels:
// the same numbers and gradients.
TEST(RcConv, UnitsTokensAndPlansAgreeWithTorch) {
  const std::string layers =
      kPairs +
      "[[layers]]\ntype = \"rc_batch_norm\"\n[[layers]]\ntype = \"activation\"\n[[layers]]\ntype = \"residual\"\n"
      "  [[layers.layers]]\n  type = \"rc_conv\"\n  filters = 5\n  width = 3\n  padding = \"valid\"\n  [[layers.layers]]\n  type = "
      "\"activation\"\n"
      "[[layers]]\ntype = \"pool\"\nwidth = 3\n[[layers]]\ntype = \"rc_pool\"\n[[layers]]\ntype = \"dense\"\nunits = 2\n";
  const at::Tensor x = sequences(40);
  std::vector<std::vector<at::Tensor>> found;
  for (const bool ours : {true, false}) {
    const ModelPtr model = layers_model(layers, "", "channels = 4\nlength = 40");
    const ops::KernelScope kernels(ours ? ops::Kernels::basewise : ops::Kernels::torch);
    model->train();
    std::vector<at::Tensor> tensors;
    const ops::KernelCounts before = ops::kernel_counts();
    const at::Tensor y = forward(*model, x);
    EXPECT_EQ(ops::kernel_counts().basewise - before.basewise, ours ? 2 : 0);
    y.square().sum().backward();
    tensors.push_back(y.detach());
    for (const auto& p : model->parameters()) tensors.push_back(p.grad());
    for (const auto& b : model->buffers()) tensors.push_back(b.clone());
    model->eval();
    const NoGradScope no_grad;
    tensors.push_back(forward(*model, x));
    plan::InferencePlan plan(*model);
    tensors.push_back(plan({{"sequence", x}}).at("out"));
    tensors.push_back(forward(*model, tokens_of(x)));
    tensors.push_back(plan({{"sequence", tokens_of(x)}}).at("out"));
    // A change of the stored weight is seen by the plan.
    model->parameters().front().mul_(1.5);
    tensors.push_back(plan({{"sequence", x}}).at("out"));
    EXPECT_GT((tensors.back() - tensors[tensors.size() - 2]).abs().max().item<double>(), 1e-3);
    found.push_back(tensors);
  }
  ASSERT_EQ(found[0].size(), found[1].size());
  for (std::size_t i = 0; i < found[0].size(); ++i) {
    const at::Tensor a = found[0][i].to(at::kDouble), b = found[1][i].to(at::kDouble);
    EXPECT_LT((a - b).abs().max().item<double>(), 2e-5 * std::max(1.0, b.abs().max().item<double>())) << i;
  }
}

TEST(RcBatchNorm, PartnersAreFurtherExamplesOfOneChannel) {
  const ModelPtr model =
      layers_model("[[layers]]\nname = \"it\"\ntype = \"rc_batch_norm\"\nmomentum = 0.25\neps = 1e-3", "strands = \"complemented\"");
  const at::Tensor x = random_normal({3, 4, 37}, Stream(5)) * at::arange(1, 5).view({1, 4, 1}) + at::arange(4).view({1, 4, 1});
  const NoGradScope no_grad;
  const auto p = model->named_parameters();
  p["it.weight"].copy_(to_tensor(std::vector<float>{2.0F, 0.5F}, {2}));
  p["it.bias"].copy_(to_tensor(std::vector<float>{-1.0F, 3.0F}, {2}));
  model->train();
  const at::Tensor y = forward(*model, x);
  model->eval();
  const at::Tensor z = forward(*model, x);
  for (std::int64_t c = 0; c < 2; ++c) {
    const at::Tensor both = at::cat({x.select(1, c), x.select(1, 3 - c)}, 1);
    const at::Tensor mean = both.mean(), variance = both.var(/*unbiased=*/false);
    const auto buffers = model->named_buffers();
    EXPECT_NEAR(buffers["it.running_mean"][c].item<double>(), 0.25 * mean.item<double>(), 1e-5);
    EXPECT_NEAR(buffers["it.running_var"][c].item<double>(), 0.75 + 0.25 * both.var().item<double>(), 1e-4);
    for (const std::int64_t channel : {c, 3 - c}) {
      const at::Tensor expected = (x.select(1, channel) - mean) / (variance + 1e-3).sqrt() * p["it.weight"][c] + p["it.bias"][c];
      EXPECT_TRUE(at::allclose(y.select(1, channel), expected, 1e-4, 1e-5));
      const at::Tensor later = (x.select(1, channel) - buffers["it.running_mean"][c]) / (buffers["it.running_var"][c] + 1e-3).sqrt();
      EXPECT_TRUE(at::allclose(z.select(1, channel), later * p["it.weight"][c] + p["it.bias"][c], 1e-4, 1e-5));
    }
  }
}

TEST(RcPool, SumMeanAndWeights) {
  const at::Tensor x = random_normal({3, 4, 37}, Stream(5));
  const at::Tensor sum = x.slice(1, 0, 2) + x.flip({1, 2}).slice(1, 0, 2);
  const NoGradScope no_grad;
  EXPECT_TRUE(at::allclose(forward(*layers_model("[[layers]]\ntype = \"rc_pool\""), x), sum));
  EXPECT_TRUE(at::allclose(forward(*layers_model("[[layers]]\ntype = \"rc_pool\"\nkind = \"mean\""), x), sum / 2));
  for (const bool symmetric : {false, true}) {
    const ModelPtr model = layers_model("[[layers]]\nname = \"it\"\ntype = \"rc_pool\"\nkind = \"weighted\"\nsymmetric = " +
                                        std::string(symmetric ? "true" : "false"));
    at::Tensor v = model->named_parameters()["it.weight"];
    ASSERT_EQ(v.sizes(), (std::vector<std::int64_t>{2, symmetric ? 19 : 37}));
    EXPECT_LE(v.abs().max().item<double>(), std::sqrt(6.0 / (37 * 4 * 2)));
    const at::Tensor y = forward(*model, x);
    for (std::int64_t c = 0; c < 4; ++c) {
      double first = 0;
      for (std::int64_t t = 0; t < 37; ++t) {
        std::int64_t at = c < 2 ? t : 36 - t;
        if (symmetric) at = std::min(at, 36 - at);
        first += x[1][c][t].item<double>() * v[c < 2 ? c : 3 - c][at].item<double>();
      }
      EXPECT_NEAR(y[1][c].item<double>(), first, 1e-5);
    }
  }
}

TEST(RcDense, BothFormsByTheirFormulas) {
  const at::Tensor x = random_normal({3, 4, 37}, Stream(5));
  const NoGradScope no_grad;
  const ModelPtr invariant = layers_model("[[layers]]\nname = \"it\"\ntype = \"rc_dense\"\nunits = 3");
  const auto p = invariant->named_parameters();
  ASSERT_EQ(p["it.weight"].sizes(), (std::vector<std::int64_t>{3, 2 * 37}));
  const at::Tensor pooled = (x.slice(1, 0, 2) + x.flip({1, 2}).slice(1, 0, 2)).flatten(1);
  EXPECT_TRUE(at::allclose(forward(*invariant, x), at::linear(pooled, p["it.weight"], p["it.bias"]), 1e-4, 1e-5));

  // On one position: a convolution of width 1 with shared weights.
  const std::string pooling = "[[layers]]\ntype = \"pool\"\nkind = \"mean\"\nglobal = true\n";
  const ModelPtr paired = layers_model(pooling + "[[layers]]\nname = \"it\"\ntype = \"rc_dense\"\nunits = 3\noutput = \"paired\"",
                                       "strands = \"complemented\"");
  const ModelPtr conv = layers_model("[[layers]]\nname = \"it\"\ntype = \"rc_conv\"\nfilters = 3\nwidth = 1", "strands = \"complemented\"",
                                     "channels = 4\nlength = 1");
  const auto q = paired->named_parameters(), r = conv->named_parameters();
  ASSERT_EQ(q["it.weight"].sizes(), (std::vector<std::int64_t>{3, 4}));
  r["it.weight"].copy_(q["it.weight"].unsqueeze(2));
  r["it.bias"].copy_(q["it.bias"]);
  EXPECT_TRUE(at::allclose(forward(*paired, x), forward(*conv, x.mean(at::IntArrayRef{2}, true)).squeeze(2), 1e-5, 1e-6));
}

TEST(RcWrap, PutsBothStrandsSideBySide) {
  const ModelPtr wrapped = layers_model(
      "[[layers]]\ntype = \"rc_wrap\"\nname = \"wrap\"\n  [[layers.layers]]\n  type = \"conv\"\n  name = \"it\"\n  filters = 5\n  width = "
      "6\n  padding = \"valid\"\n",
      "strands = \"complemented\"");
  const ModelPtr plain = layers_model("[[layers]]\ntype = \"conv\"\nname = \"it\"\nfilters = 5\nwidth = 6\npadding = \"valid\"\n");
  const NoGradScope no_grad;
  for (const char* name : {"it.weight", "it.bias"})
    plain->named_parameters()[name].copy_(wrapped->named_parameters()[std::string("wrap.") + name]);
  const at::Tensor x = sequences();
  const at::Tensor expected = at::cat({forward(*plain, x), forward(*plain, x.flip({1, 2})).flip({1, 2})}, 1);
  EXPECT_LT((forward(*wrapped, x) - expected).abs().max().item<double>(), 1e-6);
  EXPECT_LT((forward(*wrapped, tokens_of(x)) - expected).abs().max().item<double>(), 1e-6);
  const infer::InspectResult table = infer::inspect(*wrapped);
  EXPECT_EQ(table.multiply_adds, 2.0 * 32 * 5 * 4 * 6);
  EXPECT_EQ(table.layers[0].strands, "RC pairs");
}

TEST(StrandSymmetry, RefusalsNameTheLayerThatLostItAndTheWayOut) {
  const std::string conv = "[[layers]]\nname = \"plain\"\ntype = \"conv\"\nfilters = 6\nwidth = 3\n";
  EXPECT_THAT(refusal(conv + "[[layers]]\ntype = \"rc_batch_norm\""),
              HasSubstr("m.toml:10: layer 'rc_batch_norm' (rc_batch_norm): got (N, 6, 37), expected channels c and C - 1 - c to be a "
                        "reverse-complement pair; that "
                        "was lost at m.toml:5: layer 'plain' (conv): use the reverse-complement form of that layer (rc_conv, "
                        "rc_batch_norm, rc_dense), or put the "
                        "layers up to here into an rc_wrap"));
  EXPECT_THAT(refusal(kPairs + "[[layers]]\ntype = \"batch_norm\"\n[[layers]]\ntype = \"rc_conv\"\nfilters = 2\nwidth = 1"),
              HasSubstr("lost at m.toml:10: layer 'batch_norm'"));
  EXPECT_THAT(refusal(kPairs + "[[layers]]\ntype = \"rc_pool\"\n[[layers]]\ntype = \"rc_dense\"\nunits = 2"),
              HasSubstr("(N, 5, 35), which is invariant under reverse complement"));
  EXPECT_THAT(refusal("[[layers]]\ntype = \"rc_conv\"\nfilters = 2\nwidth = 1", "", "channels = 6\nstrands = \"unchanged\""),
              HasSubstr("which is invariant"));
  EXPECT_THAT(refusal("[[layers]]\ntype = \"rc_conv\"\nfilters = 2\nwidth = 1", "", "channels = 5"),
              HasSubstr("the number of channels must be even"));
}

TEST(StrandSymmetry, GeometriesThatWouldEndItAreRefused) {
  EXPECT_THAT(refusal("[[layers]]\ntype = \"rc_conv\"\nfilters = 2\nwidth = 4"),
              HasSubstr("padding of 1 positions at the left and 2 at the right"));
  EXPECT_THAT(refusal("[[layers]]\ntype = \"rc_conv\"\nfilters = 2\nwidth = 4\npadding = \"causal\""), HasSubstr("looks to the left only"));
  EXPECT_THAT(refusal(kPairs + "[[layers]]\ntype = \"crop\"\nleft = 3"), HasSubstr("cut 3 positions at the left and 0 at the right"));
  EXPECT_THAT(refusal(kPairs + "[[layers]]\ntype = \"crop\"\nlength = 20"), HasSubstr("cut 7 positions at the left and 8 at the right"));
  EXPECT_THAT(refusal(kPairs + "[[layers]]\ntype = \"pool\"\nwidth = 20"),
              HasSubstr("(N, 10, 35); windows over 20 positions every 20 leave 15 at the right end alone, so that the strands would be "
                        "treated unlike: 20 positions (15 fewer) or 40 (5 more) work"));
  EXPECT_THAT(refusal(kPairs + "[[layers]]\ntype = \"pool\"\nwidth = 4\nstride = 1\npadding = \"same\""),
              HasSubstr("padding of 1 positions at the left and 2"));
  EXPECT_THAT(refusal(kPairs + "[[layers]]\ntype = \"residual\"\n  [[layers.layers]]\n  type = \"rc_conv\"\n  filters = 5\n  width = 2\n  "
                               "padding = \"valid\"\n"),
              HasSubstr("the layers inside cut 0 positions at the left and 1 at the right"));
  EXPECT_THAT(refusal("[[layers]]\ntype = \"rc_wrap\"\n  [[layers.layers]]\n  type = \"conv\"\n  filters = 3\n  width = 5\n  stride = 3\n  "
                      "padding = \"valid\"\n"),
              HasSubstr("up to 2 positions before the right end"));
  // Without a layer that keeps the symmetry on purpose nothing is refused.
  EXPECT_EQ(refusal("[[layers]]\ntype = \"crop\"\nleft = 3\n[[layers]]\ntype = \"pool\"\nwidth = 20\n"), "");
}

TEST(StrandRules, AreWhatFilesSayElseWhatShapesSuggest) {
  const ModelPtr model = build_model(
      "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 9\n[inputs.track]\nchannels = 1\n[inputs.reads]\nchannels = "
      "2\n[inputs.marks]\nchannels = 3\n"
      "[inputs.bases]\nchannels = 4\n[inputs.smooth]\nchannels = 2\nstrands = \"mirrored\"\n[inputs.age]\nfeatures = 2\n"
      "[[layers]]\nname = \"one\"\ntype = \"conv\"\nfilters = 1\nwidth = 1\n[[layers]]\nname = \"four\"\ntype = \"conv\"\nfilters = "
      "4\nwidth = 1\n"
      "[[heads]]\nname = \"a\"\nfrom = \"one\"\n[[heads]]\nname = \"b\"\nfrom = \"reads\"\n[[heads]]\nname = \"c\"\nfrom = \"four\"\n"
      "[[heads]]\nname = \"d\"\nfrom = \"four\"\nstrands = \"paired\"\n[[heads]]\nname = \"e\"\nfrom = \"age\"\n",
      "m.toml", 1);
  const std::pair<const char*, StrandRule> rules[] = {{"sequence", StrandRule::complemented},
                                                      {"track", StrandRule::mirrored},
                                                      {"reads", StrandRule::paired},
                                                      {"bases", StrandRule::complemented},
                                                      {"smooth", StrandRule::mirrored},
                                                      {"age", StrandRule::unchanged},
                                                      {"a", StrandRule::mirrored},
                                                      {"b", StrandRule::paired},
                                                      {"d", StrandRule::paired},
                                                      {"e", StrandRule::unchanged}};
  for (const auto& [name, rule] : rules) EXPECT_EQ(model->strand_rule(name), rule) << name;
  EXPECT_THAT([&] { model->strand_rule("marks"); },
              testing::ThrowsMessage<ArgumentError>(HasSubstr("'marks' has 3 channels with positions")));
  EXPECT_THAT([&] { model->strand_rule("c"); }, testing::ThrowsMessage<ArgumentError>(HasSubstr("add strands = ")));
  EXPECT_THAT([&] { model->strand_rule("x"); }, testing::ThrowsMessage<ArgumentError>(HasSubstr("no input or output 'x'")));
  EXPECT_TRUE(model->equivariant("b"));
  EXPECT_TRUE(model->equivariant("e"));
  EXPECT_FALSE(model->equivariant("a"));
  EXPECT_FALSE(model->equivariant("c"));
  EXPECT_THAT(refusal("", "strands = \"mirored\""),
              HasSubstr("'strands' of a head is \"mirored\"; expected \"unchanged\", \"mirrored\", \"paired\" or \"complemented\""));
  EXPECT_THAT(refusal("", "", "channels = 3\nstrands = \"paired\""), HasSubstr("input 'sequence' has 3 channels"));
  EXPECT_THAT(refusal("[[layers]]\ntype = \"conv\"\nfilters = 3\nwidth = 1", "strands = \"paired\""),
              HasSubstr("head 'out' has 3 channels"));
}

TEST(StrandSymmetry, TheTableShowsIt) {
  const std::string text =
      to_text(infer::inspect(*layers_model(kPairs + "[[layers]]\ntype = \"rc_pool\"\n[[layers]]\ntype = \"dense\"\nunits = 2\n")));
  EXPECT_THAT(text, HasSubstr("output       strands    parameters"));
  EXPECT_THAT(text, HasSubstr("(N, 10, 35)  RC pairs"));
  EXPECT_THAT(text, HasSubstr("(N, 5, 35)   invariant"));
  EXPECT_THAT(text, HasSubstr("equal on both strands by construction"));
}

}  // namespace
}  // namespace basewise::nn
