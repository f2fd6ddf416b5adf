// The irreducible form: words, kernels that read the same or the negative from the other end, and
// its equality with the regular form.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using testing::HasSubstr;

ModelPtr layers_model(const std::string& layers, const std::string& head = {}, std::int64_t length = 37) {
  const ModelPtr model = build_model(
      format("format = 1\n[inputs.sequence]\nchannels = 4\nlength = {}\n{}\n[[heads]]\nname = \"out\"\n{}", length, layers, head), "m.toml",
      11);
  model->eval();
  return model;
}

at::Tensor forward(Model& model, const at::Tensor& x) { return model.forward({{"sequence", x}}).at("out"); }

std::string refusal(const std::string& layers) {
  return error_text<Error>([&] { layers_model(layers); });
}

std::string layer(const std::string& type, const std::string& name, const std::string& options = {}) {
  return format("[[layers]]\ntype = \"{}\"\nname = \"{}\"\n{}\n", type, name, options);
}

const std::string kMirrored = "strands = \"complemented\"";

TEST(Kmer, WordsComeInPairsAndPalindromesTwice) {
  const std::vector<std::int64_t> letters{0, 1, 3, 4, 2, 2, 0, 3};  // A C T N G G A T
  at::Tensor x = at::zeros({1, 4, 8});
  for (std::int64_t t = 0; t < 8; ++t)
    if (letters[static_cast<std::size_t>(t)] < 4) x[0][letters[static_cast<std::size_t>(t)]][t] = 1;
  const NoGradScope no_grad;
  for (const std::int64_t k : {1, 2, 3, 4}) {
    const ModelPtr model = layers_model(layer("kmer", "it", format("k = {}", k)), kMirrored, 8);
    const at::Tensor y = forward(*model, x);
    const std::int64_t words = std::int64_t{1} << (2 * k), channels = k % 2 == 0 ? words + (std::int64_t{1} << k) : words;
    ASSERT_EQ(y.sizes(), (std::vector<std::int64_t>{1, channels, 8 - k + 1}));
    for (std::int64_t t = 0; t + k <= 8; ++t) {
      bool known = true, palindrome = true;
      for (std::int64_t i = 0; i < k; ++i) {
        known = known && letters[static_cast<std::size_t>(t + i)] < 4;
        palindrome = palindrome && letters[static_cast<std::size_t>(t + i)] == 3 - letters[static_cast<std::size_t>(t + k - 1 - i)];
      }
      EXPECT_EQ(y.select(2, t).sum().item<double>(), !known ? 0 : palindrome ? 2 : 1) << k << " at " << t;
    }
  }
  EXPECT_TRUE(at::equal(forward(*layers_model(layer("kmer", "it", "k = 1"), kMirrored, 8), x), x));
  // AC is word 1; its partner is GT. AT is its own partner.
  const at::Tensor pairs = forward(*layers_model(layer("kmer", "it", "k = 2"), kMirrored, 8), x);
  EXPECT_EQ(pairs[0][1][0].item<double>(), 1.0);
  EXPECT_EQ(forward(*layers_model(layer("kmer", "it", "k = 2"), kMirrored, 8), x.flip({1, 2}))[0][20 - 1 - 1][6].item<double>(), 1.0);
  EXPECT_EQ(pairs[0][3][6].item<double>() + pairs[0][20 - 1 - 3][6].item<double>(), 2.0);
}

// Responses to single ones show the whole kernel.
TEST(AbConv, KernelsReadTheSameOrTheNegativeFromTheOtherEnd) {
  for (const std::int64_t width : {4, 5}) {
    const ModelPtr model = layers_model(layer("ab_conv", "make", "a = 2\nb = 3\nwidth = 1\npadding = \"same\"\nbias = false") +
                                            layer("ab_conv", "it", format("a = 4\nb = 2\nwidth = {}\npadding = \"valid\"", width)) +
                                            layer("ab_batch_norm", "norm"),
                                        "strands = \"unchanged\"");
    const auto p = model->named_parameters();
    const std::int64_t even = (width + 1) / 2, odd = width / 2;
    EXPECT_EQ(p["it.weight_aa"].sizes(), (std::vector<std::int64_t>{4, 2, even}));
    EXPECT_EQ(p["it.weight_ab"].sizes(), (std::vector<std::int64_t>{4, 3, odd}));
    EXPECT_EQ(p["it.weight_ba"].sizes(), (std::vector<std::int64_t>{2, 2, odd}));
    EXPECT_EQ(p["it.weight_bb"].sizes(), (std::vector<std::int64_t>{2, 3, even}));
    EXPECT_EQ(p["it.bias"].sizes(), (std::vector<std::int64_t>{4}));
    EXPECT_EQ(p["norm.bias"].sizes(), (std::vector<std::int64_t>{4}));
    EXPECT_EQ(p["norm.weight"].sizes(), (std::vector<std::int64_t>{6}));
    EXPECT_FALSE(p.contains("make.weight_ab"));
  }
}

TEST(AbConv, NumbersOfPairsAreAsManyAsInTheRegularForm) {
  // F kernels of 2 F' channels and K positions are free in both forms when K is even; for an odd K
  // too, the middle being divided between them.
  for (const std::int64_t width : {6, 7}) {
    const ModelPtr ab = layers_model(layer("ab_conv", "it", format("a = 5\nb = 5\nwidth = {}\npadding = \"valid\"\nbias = false", width)));
    const ModelPtr rc =
        layers_model(layer("rc_conv", "it", format("filters = 5\nwidth = {}\npadding = \"valid\"\nbias = false", width)), kMirrored);
    std::int64_t irreducible = 0;
    for (const auto& tensor : ab->parameters()) irreducible += tensor.numel();
    EXPECT_EQ(irreducible, rc->parameters().front().numel());
  }
}

TEST(AbBatchNorm, SignedChannelsHaveNoMeanAndNoShift) {
  const ModelPtr model =
      layers_model(layer("ab_basis", "ab") + layer("ab_batch_norm", "it", "momentum = 0.25\neps = 1e-3"), "strands = \"unchanged\"");
  const at::Tensor x = random_normal({3, 4, 37}, Stream(5)) * at::arange(1, 5).view({1, 4, 1}) + at::arange(4).view({1, 4, 1});
  const at::Tensor pairs = x.slice(1, 0, 2), others = x.slice(1, 2).flip({1});
  const at::Tensor a = (pairs + others) * std::sqrt(0.5), b = (pairs - others) * std::sqrt(0.5);
  const NoGradScope no_grad;
  model->train();
  const at::Tensor y = forward(*model, x);
  const at::Tensor mean = a.mean(at::IntArrayRef{0, 2}), squares = b.square().mean(at::IntArrayRef{0, 2});
  const at::Tensor variance = (a - mean.unsqueeze(1)).square().mean(at::IntArrayRef{0, 2});
  EXPECT_TRUE(at::allclose(y.slice(1, 0, 2), (a - mean.unsqueeze(1)) / (variance + 1e-3).sqrt().unsqueeze(1), 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(y.slice(1, 2), b / (squares + 1e-3).sqrt().unsqueeze(1), 1e-4, 1e-5));
  const auto buffers = model->named_buffers();
  EXPECT_TRUE(at::allclose(buffers["it.running_mean"], 0.25 * mean, 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(buffers["it.running_var"].slice(0, 2), 0.75 + 0.25 * squares, 1e-4, 1e-5));
  const double values = 3 * 37;
  EXPECT_TRUE(at::allclose(buffers["it.running_var"].slice(0, 0, 2), 0.75 + 0.25 * variance * (values / (values - 1)), 1e-4, 1e-5));
  model->eval();
  const at::Tensor later = b / (buffers["it.running_var"].slice(0, 2) + 1e-3).sqrt().unsqueeze(1);
  EXPECT_TRUE(at::allclose(forward(*model, x).slice(1, 2), later, 1e-4, 1e-5));
}

// Both kinds of channels in one layer: the gradient with respect to the scales is the sum of what
// they scale, and steps along it lower the loss. Two passes may come before their backward pass.
TEST(AbBatchNorm, CanBeTrained) {
  const ModelPtr model = layers_model(layer("ab_conv", "conv", "a = 3\nb = 2\nwidth = 5") + layer("ab_batch_norm", "it") +
                                      layer("ab_activation", "tanh", "kind = \"tanh\"") + layer("ab_pool", "pool"));
  model->train();
  const at::Tensor x = random_one_hot(6, 37, Stream(8)), target = random_normal({6, 5, 37}, Stream(9)) * 0.3;
  const auto step = [&] {
    model->zero_grad();
    const at::Tensor loss = (forward(*model, x) - target).square().mean();
    loss.backward();
    const NoGradScope no_grad;
    for (at::Tensor p : model->parameters()) p.sub_(p.grad(), 0.2);
    return loss.item<double>();
  };
  const double first = step();
  double last = first;
  for (int i = 0; i < 20; ++i) last = step();
  EXPECT_LT(last, 0.95 * first);
  EXPECT_EQ(model->named_buffers()["it.num_batches_tracked"].item<std::int64_t>(), 21);

  const ModelPtr norm = layers_model(layer("ab_basis", "ab") + layer("ab_batch_norm", "it", "affine = true"));
  norm->train();
  const at::Tensor a = random_normal({6, 4, 37}, Stream(10)), b = random_normal({6, 4, 37}, Stream(11));
  const at::Tensor ya = forward(*norm, a), yb = forward(*norm, b);
  (ya.square() + yb.square()).sum().backward();
  // y = scale * normal + shift with scale 1 and shift 0: d sum y^2 / d scale = 2 sum y^2.
  const at::Tensor sums = 2 * (ya.square() + yb.square()).sum(at::IntArrayRef{0, 2}).detach();
  EXPECT_TRUE(at::allclose(norm->named_parameters()["it.weight"].grad(), sums, 1e-4, 1e-4));
}

TEST(AbPool, IsTheSameForBothStrands) {
  const ModelPtr model = layers_model(layer("ab_basis", "ab") + layer("ab_pool", "it", "kind = \"sum\""), "strands = \"unchanged\"");
  const ModelPtr basis = layers_model(layer("ab_basis", "ab"), "strands = \"unchanged\"");
  const at::Tensor x = random_normal({3, 4, 37}, Stream(6));
  const NoGradScope no_grad;
  const at::Tensor z = forward(*basis, x), y = forward(*model, x);
  EXPECT_TRUE(at::allclose(y.slice(1, 0, 2), z.slice(1, 0, 2) + z.slice(1, 0, 2).flip({2}), 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(y.slice(1, 2), z.slice(1, 2) - z.slice(1, 2).flip({2}), 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(forward(*model, x.flip({1, 2})), y, 1e-5, 1e-6));
  EXPECT_TRUE(model->equivariant("out"));
}

// Rows of an orthogonal matrix: C / 2 sums, then C / 2 differences of partners.
at::Tensor basis_matrix(std::int64_t channels) {
  at::Tensor q = at::zeros({channels, channels});
  for (std::int64_t j = 0; j < channels / 2; ++j) {
    q[j][j] = q[j][channels - 1 - j] = std::sqrt(0.5);
    q[channels / 2 + j][j] = std::sqrt(0.5);
    q[channels / 2 + j][channels - 1 - j] = -std::sqrt(0.5);
  }
  return q;
}

// The stored kernels of the irreducible form that do what the stored kernel of the regular form
// does.
void translate(const at::Tensor& stored, bool from_pairs, Model& ab, const std::string& name) {
  auto p = ab.named_parameters();
  const at::Tensor full = at::cat({stored, stored.flip({0, 1, 2})});
  // From pairs to a and b at both ends; the layer itself does it for inputs that are pairs.
  const at::Tensor turned = at::einsum("of,fik,ci->ock", {basis_matrix(full.size(0)), full, basis_matrix(full.size(1))});
  const std::int64_t outputs = full.size(0) / 2, inputs = full.size(1) / 2, width = full.size(2), even = (width + 1) / 2, odd = width / 2;
  EXPECT_TRUE(
      at::allclose(turned.slice(0, 0, outputs).slice(1, 0, inputs), turned.slice(0, 0, outputs).slice(1, 0, inputs).flip({2}), 1e-4, 1e-6))
      << from_pairs;
  p[name + ".weight_aa"].copy_(turned.slice(0, 0, outputs).slice(1, 0, inputs).slice(2, 0, even));
  p[name + ".weight_ab"].copy_(turned.slice(0, 0, outputs).slice(1, inputs).slice(2, 0, odd));
  p[name + ".weight_ba"].copy_(turned.slice(0, outputs).slice(1, 0, inputs).slice(2, 0, odd));
  p[name + ".weight_bb"].copy_(turned.slice(0, outputs).slice(1, inputs).slice(2, 0, even));
}

TEST(Irreducible, HalfAndHalfIsTheRegularFormInAnotherBasis) {
  const std::string conv_1 = "width = 7\npadding = \"valid\"", conv_2 = "width = 4\npadding = \"valid\"\ndilation = 2";
  const ModelPtr regular =
      layers_model(layer("rc_conv", "one", "filters = 5\n" + conv_1) + layer("rc_batch_norm", "norm") + layer("activation", "relu") +
                       layer("rc_conv", "two", "filters = 3\n" + conv_2) + layer("activation", "gelu", "kind = \"gelu\""),
                   kMirrored);
  const ModelPtr ab =
      layers_model(layer("ab_conv", "one", "a = 5\nb = 5\n" + conv_1) + layer("ab_batch_norm", "norm") +
                       layer("ab_activation", "relu", "basis = \"regular\"") + layer("ab_conv", "two", "a = 3\nb = 3\n" + conv_2) +
                       layer("ab_activation", "gelu", "kind = \"gelu\"\nbasis = \"regular\"") + layer("ab_basis", "back"),
                   kMirrored);
  const NoGradScope no_grad;
  auto from = regular->named_parameters(), to = ab->named_parameters();
  const auto before = regular->named_buffers(), after = ab->named_buffers();
  from["norm.weight"].copy_(random_uniform({5}, Stream(3), 0.5, 2.0));
  from["norm.bias"].copy_(random_normal({5}, Stream(4)));
  before["norm.running_mean"].copy_(random_normal({5}, Stream(5)));
  before["norm.running_var"].copy_(random_uniform({5}, Stream(6), 0.5, 2.0));
  translate(from["one.weight"], true, *ab, "one");
  translate(from["two.weight"], false, *ab, "two");
  // Equal constants of both partners are a constant of their sum.
  for (const char* name : {"one.bias", "two.bias", "norm.bias"}) to[name].copy_(from[name] * std::sqrt(2.0));
  to["norm.weight"].copy_(at::cat({from["norm.weight"], from["norm.weight"]}));
  after["norm.running_mean"].copy_(before["norm.running_mean"] * std::sqrt(2.0));
  after["norm.running_var"].copy_(at::cat({before["norm.running_var"], before["norm.running_var"]}));
  const at::Tensor x = random_one_hot(3, 37, Stream(8));
  const at::Tensor expected = forward(*regular, x), found = forward(*ab, x);
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_LT((found - expected).abs().max().item<double>(), 1e-5 * expected.abs().max().item<double>());
}

TEST(Irreducible, TotalsOfTheBinaryNetsByHand) {
  const auto total = [](const char* name) {
    std::int64_t sum = 0;
    for (const auto& p :
         build_model_file(format("recipes/rc_equivariance/models/irreducible/binary_ab_{}.model.toml", name), 1)->parameters())
      sum += p.numel();
    return sum;
  };
  const std::int64_t head = 32 * 47 + 1;
  EXPECT_EQ(total("16_16_k1"), 16 * 4 * 15 + 2 * 16 * 32 * 14 + 3 * (32 + 16) + head);
  EXPECT_EQ(total("32_0_k1"), 32 * 2 * (8 + 7) + 2 * 32 * 32 * 7 + 3 * (32 + 32) + head);
  EXPECT_EQ(total("0_32_k1"), 32 * 2 * (8 + 7) + 2 * 32 * 32 * 7 + 3 * 32 + head);
  EXPECT_EQ(total("24_8_k3"), 32 * 32 * (8 + 7) + 2 * ((24 * 24 + 8 * 8) * 7 + 2 * 24 * 8 * 7) + 3 * (32 + 24) + 32 * 46 + 1);
}

TEST(Irreducible, RefusalsSayWhatIsMissing) {
  const std::string conv = layer("ab_conv", "ab", "a = 3\nb = 2\nwidth = 5\npadding = \"valid\"");
  EXPECT_THAT(refusal(layer("ab_batch_norm", "it")),
              HasSubstr("layer 'it' (ab_batch_norm): got (N, 4, 37), expected the irreducible form"));
  EXPECT_THAT(refusal(layer("ab_batch_norm", "it")), HasSubstr("it is RC pairs: ab_conv and ab_basis make that form"));
  EXPECT_THAT(refusal(conv + layer("activation", "relu") + layer("ab_activation", "it")),
              HasSubstr("that was lost at m.toml:12: layer 'relu' (activation)"));
  EXPECT_THAT(refusal(conv + layer("pool", "max", "width = 3") + layer("ab_pool", "it")),
              HasSubstr("lost at m.toml:12: layer 'max' (pool)"));
  EXPECT_THAT(refusal(conv + layer("pool", "max", "width = 4")), HasSubstr("leave 1 at the right end alone"));
  EXPECT_THAT(refusal(conv + layer("ab_basis", "it")),
              HasSubstr("got (N, 5, 33) with 3 a, 2 b; pairs need as many a channels as b channels"));
  EXPECT_THAT(refusal(layer("ab_conv", "ab", "width = 5")), HasSubstr("a and b are both 0"));
  EXPECT_THAT(refusal(layer("ab_conv", "ab", "a = 3\nwidth = 5\npadding = \"valid\"") + layer("ab_conv", "it", "b = 2\nwidth = 1")),
              HasSubstr("no kernel of one position turns only a channels into only b channels or back"));
  EXPECT_THAT(refusal(layer("ab_conv", "ab", "a = 3\nwidth = 4")), HasSubstr("padding of 1 positions at the left and 2 at the right"));
  EXPECT_THAT(refusal(layer("rc_conv", "rc", "filters = 3\nwidth = 5") + layer("kmer", "it")),
              HasSubstr("expected the four channels A C G T"));
}

}  // namespace
}  // namespace basewise::nn
