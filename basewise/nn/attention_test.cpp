// Attention layers against plain loops over the formula: convolutions, positions, windows, memory.
#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/detail/attention.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kHeads = 3, kWidth = 4, kChannels = 6, kWindow = 5;

at::Tensor normal(at::IntArrayRef sizes, std::uint64_t seed) { return random_normal(sizes, Stream(seed)).to(at::kDouble); }

ModelPtr attention_model(const std::string& options) {
  const ModelPtr model =
      build_model(format("format = 1\n[inputs.track]\nchannels = {}\nstrands = \"mirrored\"\n", kChannels) +
                      layer_text("attention", format("name = \"it\"\nheads = {}\nhead_width = {}\n{}", kHeads, kWidth, options)) +
                      "[[heads]]\nname = \"out\"\nstrands = \"mirrored\"\n",
                  "m.toml", 5);
  model->to(at::kDouble);
  model->eval();
  shake(*model, 0.5);
  return model;
}

// One example of one segment behind its memory, by the formula alone.
class Loops {
 public:
  struct Case {
    std::int64_t conv_width = 0;
    std::string mode = "compat", positions = "relative", sides = "left";
    std::int64_t window = kWindow;
  };

  Loops(const Model& model, const Case& c) : case_(c), parameters_(model.named_parameters()) {}

  // c (channels, memory + segment); `place` is where its first position stands in the sequence.
  at::Tensor operator()(const at::Tensor& c, std::int64_t memory, std::int64_t place) const {
    at::Tensor rows = c.t().clone();
    if (case_.positions == "absolute")
      for (std::int64_t t = 0; t < rows.size(0); ++t) rows[t] += sines(static_cast<double>(place + t), kChannels);
    at::Tensor y = at::zeros({kChannels, rows.size(0) - memory}, at::kDouble);
    for (std::int64_t h = 0; h < kHeads; ++h) {
      const bool whole = case_.mode != "compat";
      const at::Tensor q = projected(rows, "query", 0, h, whole ? 0 : memory), k = projected(rows, "key", 1, h, 0),
                       v = projected(rows, "value", 2, h, 0);
      for (std::int64_t n = memory; n < rows.size(0); ++n)
        y.select(1, n - memory) += at::mv(weight("output_weight").slice(1, h * kWidth, (h + 1) * kWidth), head(q, k, v, h, n));
    }
    return y;
  }

  static at::Tensor sines(double place, std::int64_t channels) {
    at::Tensor s = at::zeros({channels}, at::kDouble);
    for (std::int64_t i = 0; i < channels / 2; ++i) {
      const double angle = place * std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(channels));
      s[i] = std::sin(angle);
      s[channels / 2 + i] = std::cos(angle);
    }
    return s;
  }

 private:
  const at::Tensor& weight(const std::string& name) const { return parameters_["it." + name]; }

  // Queries, keys or values of a head (rows, width), those before `from` left as zeros.
  at::Tensor projected(const at::Tensor& rows, const std::string& name, std::int64_t part, std::int64_t h, std::int64_t from) const {
    at::Tensor plain = at::zeros({rows.size(0), kWidth}, at::kDouble);
    for (std::int64_t t = from; t < rows.size(0); ++t)
      plain[t] = at::mv(weight("qkv_weight").narrow(0, (part * kHeads + h) * kWidth, kWidth), rows[t]);
    at::Tensor y = plain.clone();
    if (case_.conv_width == 0) return turned(y);
    const std::int64_t left = case_.mode == "causal" ? case_.conv_width - 1 : (case_.conv_width - 1) / 2;
    for (std::int64_t t = from; t < rows.size(0); ++t) {
      y[t] = weight(name + "_conv_bias").clone();
      for (std::int64_t j = 0; j < case_.conv_width; ++j)
        if (const std::int64_t at = t + j - left; at >= from && at < rows.size(0))
          y[t] += at::mv(weight(name + "_conv_weight").select(2, j), plain[at]);
    }
    return name == "value" ? y : turned(y);
  }

  at::Tensor turned(at::Tensor x) const {
    if (case_.positions != "rotary") return x;
    for (std::int64_t t = 0; t < x.size(0); ++t)
      for (std::int64_t i = 0; i < kWidth / 2; ++i) {
        const double angle = static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(i) / kWidth);
        const double a = x[t][2 * i].item<double>(), b = x[t][2 * i + 1].item<double>();
        x[t][2 * i] = a * std::cos(angle) - b * std::sin(angle);
        x[t][2 * i + 1] = a * std::sin(angle) + b * std::cos(angle);
      }
    return x;
  }

  at::Tensor head(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t h, std::int64_t n) const {
    at::Tensor sum = at::zeros({kWidth}, at::kDouble);
    double total = 0;
    for (std::int64_t j = 0; j < k.size(0); ++j) {
      const std::int64_t distance = n - j;
      if (distance >= case_.window || distance <= -case_.window || (case_.sides == "left" && distance < 0)) continue;
      double s = at::dot(q[n], k[j]).item<double>();
      if (case_.positions == "relative") {
        const at::Tensor r = sines(static_cast<double>(distance), kChannels);
        const at::Tensor p = at::mv(weight("position_weight").narrow(0, h * kWidth, kWidth), r);
        s += at::dot(weight("content_bias")[h], k[j]).item<double>() + at::dot(q[n] + weight("position_bias")[h], p).item<double>();
      }
      const double e = std::exp(s / std::sqrt(static_cast<double>(kWidth)));
      total += e;
      sum += e * v[j];
    }
    return sum / total;
  }

  Case case_;
  torch::OrderedDict<std::string, at::Tensor> parameters_;
};

std::string options_of(const Loops::Case& c) {
  const std::string window = c.window > 1000 ? "" : format("window = {}\n", c.window);
  return format("conv_width = {}\nmode = \"{}\"\npositions = \"{}\"\nsides = \"{}\"\n{}", c.conv_width, c.mode, c.positions, c.sides,
                window);
}

TEST(Attention, AgreesWithItsFormulaWithAndWithoutMemory) {
  constexpr std::int64_t kFirst = 7, kSecond = 4;
  const at::Tensor x = normal({2, kChannels, kFirst + kSecond}, 3);
  const Loops::Case cases[] = {{},
                               {3},
                               {3, "causal"},
                               {4, "causal", "none"},
                               {3, "compat", "absolute"},
                               {3, "causal", "absolute"},
                               {3, "compat", "rotary"},
                               {5, "causal", "rotary"},
                               {0, "compat", "none"},
                               {1, "compat", "relative", "left", 1}};
  for (const Loops::Case& c : cases) {
    SCOPED_TRACE(options_of(c));
    const NoGradScope no_grad;
    const ModelPtr model = attention_model(options_of(c));
    const Loops loops(*model, c);
    const RunResult first = model->run({{"track", x.slice(2, 0, kFirst)}});
    const RunResult second = model->run({{"track", x.slice(2, kFirst)}}, {}, first.state);
    const std::int64_t memory = c.mode == "causal" ? kFirst : std::min(kFirst, c.window);
    for (std::int64_t n = 0; n < 2; ++n) {
      EXPECT_LT((first.outputs.at("out")[n] - loops(x[n].slice(1, 0, kFirst), 0, 0)).abs().max().item<double>(), 1e-12);
      const at::Tensor expected = loops(x[n].slice(1, kFirst - memory), memory, kFirst - memory);
      EXPECT_LT((second.outputs.at("out")[n] - expected).abs().max().item<double>(), 1e-12);
    }
    EXPECT_THAT(second.state.names(), ElementsAre("it.memory", "it.seen"));
    EXPECT_EQ(second.state.at("it.seen")[1].item<std::int64_t>(), kFirst + kSecond);
  }
}

TEST(Attention, ToBothSidesAgreesWithItsFormula) {
  const at::Tensor x = normal({2, kChannels, 13}, 4);
  for (const Loops::Case& c : {Loops::Case{3, "compat", "relative", "both", 3}, {0, "compat", "relative", "both", 1 << 20},
                               {3, "compat", "rotary", "both", 4}, {0, "compat", "absolute", "both", 1 << 20}}) {
    SCOPED_TRACE(options_of(c));
    const NoGradScope no_grad;
    const ModelPtr model = attention_model(options_of(c));
    EXPECT_FALSE(model->has_state());
    const at::Tensor y = model->forward({{"track", x}}).at("out");
    for (std::int64_t n = 0; n < 2; ++n)
      EXPECT_LT((y[n] - Loops(*model, c)(x[n], 0, 0)).abs().max().item<double>(), 1e-12);
    EXPECT_EQ(model->context("out").reads_all, c.window > 1000);
  }
}

// In training as published: all of the segment and of the memory, whatever the window.
TEST(Attention, ReachesAllInTrainingWhereAskedFor) {
  const NoGradScope no_grad;
  const ModelPtr model = attention_model("conv_width = 3\nwindow = 3\nin_training = \"all\"");
  const TrainScope training(*model);
  const at::Tensor x = normal({2, kChannels, 12}, 5);
  const RunResult first = model->run({{"track", x.slice(2, 0, 7)}});
  const RunResult second = model->run({{"track", x.slice(2, 7)}}, {}, first.state);
  const Loops loops(*model, {3, "compat", "relative", "left", 1000});
  EXPECT_LT((first.outputs.at("out")[1] - loops(x[1].slice(1, 0, 7), 0, 0)).abs().max().item<double>(), 1e-12);
  EXPECT_LT((second.outputs.at("out")[1] - loops(x[1].slice(1, 4), 3, 4)).abs().max().item<double>(), 1e-12);
}

// Tensors and what sees what; with a one in one place as the value of each key,
// what comes out is the attention itself.
struct RandomAttention {
  ops::AttentionTensors tensors;
  ops::AttentionReach reach;

  RandomAttention(std::int64_t queries, std::int64_t keys, const ops::AttentionReach& r) : reach(r) {
    tensors = {normal({2, 3, queries, 4}, 1),
               normal({2, 3, keys, 4}, 2),
               at::eye(keys, at::kDouble).expand({2, 3, keys, keys}),
               normal({2, 4}, 3),
               normal({2, 4}, 4),
               normal({2, r.left + r.right + 1, 4}, 5),
               {}};
  }
  at::Tensor result() const { return detail::attend(tensors, reach); }

  // s(n, j) in plain loops.
  double score(std::int64_t h, std::int64_t b, std::int64_t i, std::int64_t j) const {
    const at::Tensor q = tensors.query[h][b][i], row = tensors.position[h][j - (reach.before + i) + reach.left];
    return (at::dot(q + tensors.content_bias[h], tensors.key[h][b][j]) + at::dot(q + tensors.position_bias[h], row)).item<double>() / 2;
  }
};

TEST(Attention, ShiftedRowsAreTheExplicitFormula) {
  for (const auto& [queries, keys, before, left, right] :
       {std::array<std::int64_t, 5>{7, 12, 5, 5, 0}, {7, 7, 0, 6, 0}, {6, 11, 4, 2, 1}, {5, 5, 0, 4, 4}, {1, 4, 3, 2, 0}}) {
    RandomAttention a(queries, keys, {before, left, right});
    if (before > 0) a.tensors.absent = at::tensor({0, 2, 1}, at::kLong);
    const at::Tensor found = a.result();
    for (std::int64_t h = 0; h < 2; ++h)
      for (std::int64_t b = 0; b < 3; ++b)
        for (std::int64_t i = 0; i < queries; ++i) {
          const std::int64_t first = before > 0 ? a.tensors.absent[b].item<std::int64_t>() : 0;
          std::vector<double> row(static_cast<std::size_t>(keys), 0.0);
          double total = 0;
          for (std::int64_t j = std::max(first, before + i - left); j <= std::min(keys - 1, before + i + right); ++j)
            total += row[static_cast<std::size_t>(j)] = std::exp(a.score(h, b, i, j));
          for (std::int64_t j = 0; j < keys; ++j)
            EXPECT_NEAR(found[h][b][i][j].item<double>(), row[static_cast<std::size_t>(j)] / total, 1e-13);
        }
  }
}

// Once the memory is full each query attends to exactly the window.
TEST(Attention, RowsSumToOneOverTheWindow) {
  constexpr std::int64_t kLong = 64, kQueries = 50;
  const at::Tensor rows = RandomAttention(kQueries, kLong + kQueries, {kLong, kLong - 1, 0}).result();
  EXPECT_LT((rows.sum(3) - 1).abs().max().item<double>(), 1e-12);
  EXPECT_TRUE(((rows > 0).sum(3) == kLong).all().item<bool>());
  for (std::int64_t i = 0; i < kQueries; ++i) EXPECT_GT(rows[1][2][i].slice(0, i + 1, i + 1 + kLong).min().item<double>(), 0.0);
}

// More queries than are worked on at once.
TEST(Attention, PiecesOfManyQueriesFit) {
  RandomAttention a(1100, 1107, {6, 5, 1});
  a.tensors.value = normal({2, 3, 1107, 2}, 8);
  const at::Tensor whole = a.result();
  a.tensors.query = a.tensors.query.slice(2, 505, 520);
  a.reach.before += 505;
  EXPECT_LT((whole.slice(2, 505, 520) - a.result()).abs().max().item<double>(), 1e-13);
}

// Kernels in single precision against plain operations in double, with all gradients.
TEST(Attention, KernelsAgreeWithPlainOperations) {
  for (const bool positions : {true, false}) {
    RandomAttention a(70, 100, {30, 40, 0});
    a.tensors.value = normal({2, 3, 100, 4}, 8);
    a.tensors.absent = at::tensor({0, 12, 30}, at::kLong);
    std::vector<at::Tensor*> all{&a.tensors.query, &a.tensors.key, &a.tensors.value};
    std::vector<at::Tensor*> placed{&a.tensors.content_bias, &a.tensors.position_bias, &a.tensors.position};
    if (positions) all.insert(all.end(), placed.begin(), placed.end());
    for (at::Tensor* t : placed)
      if (!positions) *t = at::Tensor();
    const at::Tensor weights = normal({2, 3, 70, 4}, 9);
    const auto results = [&](at::ScalarType type) {
      for (at::Tensor* t : all) *t = t->detach().to(type).requires_grad_(true);
      EXPECT_EQ(ops::takes_attention(a.tensors, a.reach), type == at::kFloat);
      const at::Tensor y = type == at::kFloat ? ops::attention(a.tensors, a.reach) : a.result();
      (y * weights.to(type)).sum().backward();
      std::vector<at::Tensor> found{y};
      for (const at::Tensor* t : all) found.push_back(t->grad());
      return found;
    };
    const std::vector<at::Tensor> expected = results(at::kDouble), found = results(at::kFloat);
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_LT(relative_difference(found[i], expected[i]), 1e-4) << i;
  }
}

TEST(Attention, RefusesWhatDoesNotFit) {
  const auto text = [](const std::string& options) { return error_text<ShapeError>([&] { attention_model(options); }); };
  EXPECT_THAT(text(""), HasSubstr("option 'window' is missing"));
  EXPECT_THAT(text("window = 4\nconv_width = 4"), HasSubstr("conv_width = 4 has no middle; use an odd width, or mode = \"causal\""));
  EXPECT_THAT(text("window = 4\nconv_width = 3\nmode = \"halo\""), HasSubstr("needs an attention_stack around the layer"));
  EXPECT_THAT(text("sides = \"both\"\nmode = \"causal\""), HasSubstr("what attends to both sides has no memory"));
}

}  // namespace
}  // namespace basewise::nn
