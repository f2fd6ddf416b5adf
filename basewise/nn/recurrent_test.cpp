// Recurrent layers: step by step in double precision against torch's and against loops, the kernels
// against that, and the layers of model files.
#include "basewise/ops/recurrent.h"

#include <array>
#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/model.h"
#include "basewise/ops/kernels.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

using kernels::GateFunction;
using kernels::RecurrentCell;
using testing::HasSubstr;

constexpr std::int64_t kBatch = 3, kChannels = 6, kLength = 7, kUnits = 5;

at::Tensor normal(at::IntArrayRef sizes, std::uint64_t seed) { return random_normal(sizes, Stream(seed)).to(at::kDouble); }

// Tensors of a layer, what asks for gradients in one list, and weights of what comes out.
struct Problem {
  ops::RecurrentSettings settings;
  ops::RecurrentTensors tensors;

  Problem(const ops::RecurrentSettings& s, bool starts) : settings(s) {
    const std::int64_t gates = (s.cell == RecurrentCell::lstm ? 4 : 3) * kUnits;
    tensors.x = normal({kBatch, kChannels, kLength}, 1);
    for (std::int64_t d = 0; d < s.directions(); ++d) {
      const auto seed = static_cast<std::uint64_t>(10 * d);
      tensors.weights[static_cast<std::size_t>(d)] = {normal({gates, kChannels}, seed + 2) * 0.4, normal({gates, kUnits}, seed + 3) * 0.4,
                                                      normal({gates}, seed + 4), normal({gates}, seed + 5)};
    }
    if (starts) tensors.state = normal({kBatch, s.directions() * kUnits}, 6);
    if (starts && s.cell == RecurrentCell::lstm) tensors.cell = normal({kBatch, s.directions() * kUnits}, 7);
  }

  std::vector<at::Tensor*> all() {
    std::vector<at::Tensor*> list{&tensors.x};
    for (ops::RecurrentWeight& w : tensors.weights)
      for (at::Tensor* t : {&w.weight, &w.recurrent, &w.bias, &w.recurrent_bias}) list.push_back(t);
    list.push_back(&tensors.state);
    list.push_back(&tensors.cell);
    std::erase_if(list, [](const at::Tensor* t) { return !t->defined(); });
    return list;
  }

  // What comes out, then the gradients of a weighted sum of it.
  std::vector<at::Tensor> results(at::ScalarType type, const std::function<ops::RecurrentResult()>& compute) {
    for (at::Tensor* t : all()) *t = t->detach().to(type).requires_grad_(true);
    const ops::RecurrentResult y = compute();
    std::vector<at::Tensor> found;
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const at::Tensor* t : {&y.states, &y.last, &y.cell})
      if (t->defined()) {
        sum = sum + (t->to(at::kDouble) * normal(t->sizes(), 20 + found.size())).sum();
        found.push_back(t->detach());
      }
    sum.backward();
    for (const at::Tensor* t : all()) found.push_back(t->grad());
    return found;
  }
};

std::vector<ops::RecurrentSettings> every_setting() {
  std::vector<ops::RecurrentSettings> all;
  for (const RecurrentCell cell : {RecurrentCell::gru, RecurrentCell::gru_reset_before, RecurrentCell::lstm})
    for (const GateFunction gates : {GateFunction::sigmoid, GateFunction::hard_sigmoid})
      for (const bool both : {false, true}) all.push_back({cell, gates, both});
  return all;
}

// As torch's functions take and give it.
ops::RecurrentResult by_torch(const ops::RecurrentTensors& t, const ops::RecurrentSettings& s) {
  std::vector<at::Tensor> parameters;
  for (std::int64_t d = 0; d < s.directions(); ++d) {
    const ops::RecurrentWeight& w = t.weights[static_cast<std::size_t>(d)];
    parameters.insert(parameters.end(), {w.weight, w.recurrent, w.bias, w.recurrent_bias});
  }
  const auto apart = [&](const at::Tensor& start) { return start.view({kBatch, s.directions(), kUnits}).transpose(0, 1).contiguous(); };
  const auto joined = [&](const at::Tensor& last) { return last.transpose(0, 1).flatten(1); };
  const at::Tensor x = t.x.transpose(1, 2);
  if (s.cell == RecurrentCell::gru) {
    const auto [states, last] = at::gru(x, apart(t.state), parameters, true, 1, 0.0, false, s.bidirectional, true);
    return {states.transpose(1, 2), joined(last), {}};
  }
  const std::vector<at::Tensor> start{apart(t.state), apart(t.cell)};
  const auto [states, last, cell] = at::lstm(x, start, parameters, true, 1, 0.0, false, s.bidirectional, true);
  return {states.transpose(1, 2), joined(last), joined(cell)};
}

TEST(Recurrent, StepsAreTorchs) {
  for (const RecurrentCell cell : {RecurrentCell::gru, RecurrentCell::lstm})
    for (const bool both : {false, true}) {
      Problem p({cell, GateFunction::sigmoid, both}, true);
      const auto expected = p.results(at::kDouble, [&] { return by_torch(p.tensors, p.settings); });
      const auto found = p.results(at::kDouble, [&] { return ops::recurrent(p.tensors, p.settings, true); });
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_LT((found[i] - expected[i]).abs().max().item<double>(), 1e-12) << i;
    }
}

// The cell of Keras 1 in plain loops: z and r by 0.2 v + 0.5 within 0 and 1, the reset state goes
// through the recurrent weight.
TEST(Recurrent, StepsOfKeras1AreTheirLoop) {
  const Problem p({RecurrentCell::gru_reset_before, GateFunction::hard_sigmoid, false}, true);
  const ops::RecurrentWeight& w = p.tensors.weights[0];
  const ops::RecurrentResult found = ops::recurrent(p.tensors, p.settings, true);
  const auto number = [](const at::Tensor& t, std::int64_t i, std::int64_t k) { return t[i][k].item<double>(); };
  for (std::int64_t n = 0; n < kBatch; ++n) {
    std::vector<double> h(kUnits), let(kUnits), next(kUnits);
    for (std::int64_t u = 0; u < kUnits; ++u) h[static_cast<std::size_t>(u)] = number(p.tensors.state, n, u);
    for (std::int64_t t = 0; t < kLength; ++t) {
      const auto sum = [&](std::int64_t row, const std::vector<double>& state) {
        double v = w.bias[row].item<double>() + w.recurrent_bias[row].item<double>();
        for (std::int64_t c = 0; c < kChannels; ++c) v += number(w.weight, row, c) * p.tensors.x[n][c][t].item<double>();
        for (std::int64_t k = 0; k < kUnits; ++k) v += number(w.recurrent, row, k) * state[static_cast<std::size_t>(k)];
        return v;
      };
      const auto hard = [](double v) { return std::min(1.0, std::max(0.0, 0.2 * v + 0.5)); };
      for (std::size_t u = 0; u < kUnits; ++u) let[u] = h[u] * hard(sum(static_cast<std::int64_t>(u), h));
      for (std::size_t u = 0; u < kUnits; ++u) {
        const auto row = static_cast<std::int64_t>(u);
        const double z = hard(sum(kUnits + row, h));
        next[u] = z * h[u] + (1 - z) * std::tanh(sum(2 * kUnits + row, let));
      }
      h = next;
      for (std::int64_t u = 0; u < kUnits; ++u) EXPECT_NEAR(found.states[n][u][t].item<double>(), h[static_cast<std::size_t>(u)], 1e-13);
    }
  }
}

TEST(Recurrent, KernelsAgreeWithSteps) {
  for (const ops::RecurrentSettings& s : every_setting())
    for (const bool starts : {true, false}) {
      Problem p(s, starts);
      const auto expected = p.results(at::kDouble, [&] { return ops::recurrent(p.tensors, s, true); });
      const auto found = p.results(at::kFloat, [&] { return ops::recurrent(p.tensors, s, true); });
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_LT(relative_difference(found[i], expected[i]), 2e-5) << i;
      const auto ends = [&] { return ops::RecurrentResult{{}, ops::recurrent(p.tensors, s, false).last, {}}; };
      const auto few = p.results(at::kDouble, ends), last = p.results(at::kFloat, ends);
      for (std::size_t i = 0; i < few.size(); ++i) EXPECT_LT(relative_difference(last[i], few[i]), 2e-5) << i;
    }
}

TEST(Recurrent, OneThreadAndTwoGiveTheSame) {
  Problem p({RecurrentCell::lstm, GateFunction::sigmoid, true}, true);
  p.tensors.x = normal({131, kChannels, kLength}, 1);
  p.tensors.state = p.tensors.cell = at::Tensor();
  const auto with = [&](int threads) {
    const TensorThreadScope scope(threads);
    return p.results(at::kFloat, [&] { return ops::recurrent(p.tensors, p.settings, true); });
  };
  const auto one = with(1), two = with(2);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(at::equal(one[i], two[i])) << i;
}

// That single precision has none also says who computed there.
TEST(Recurrent, GradientsOfGradientsAreTorchs) {
  Problem p({RecurrentCell::gru, GateFunction::sigmoid, false}, true);
  const auto twice = [&](at::ScalarType type) {
    for (at::Tensor* t : p.all()) *t = t->detach().to(type).requires_grad_(true);
    ops::recurrent(p.tensors, p.settings, true).last.sum().backward({}, /*retain_graph=*/true, /*create_graph=*/true);
    const at::Tensor dx = p.tensors.x.grad();
    p.tensors.x.mutable_grad() = at::Tensor();
    dx.square().sum().backward();
    return p.tensors.weights[0].recurrent.grad();
  };
  EXPECT_TRUE(twice(at::kDouble).defined());
  EXPECT_EQ(error_text<ArgumentError>([&] { twice(at::kFloat); }),
            "gradients of the gradients of recurrent layers are torch's alone: choose torch's kernels for them");
}

// ---- layers -------------------------------------------------------------------------------------

ModelPtr recurrent_model(const std::string& type, const std::string& options, std::int64_t channels = kChannels) {
  const bool positions = options.find("final") == std::string::npos;
  return build_model(format("format = 1\n[inputs.track]\nchannels = {}\nstrands = \"mirrored\"\n", channels) +
                         layer_text(type, "name = \"it\"\n" + options) + "[[heads]]\nname = \"out\"\n" +
                         (positions ? "strands = \"mirrored\"\n" : ""),
                     "m.toml", 5);
}

std::int64_t parameters(const Model& model) {
  std::int64_t sum = 0;
  for (const at::Tensor& p : model.parameters()) sum += p.numel();
  return sum;
}

std::string finished(const std::string& layers) { return "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 1000\n" + layers; }

TEST(RecurrentLayers, HaveTheTotalsOfTheirSources) {
  // PyTorch's GRU: 3 H (C + H + 2); one bias in Keras 1 and in LSTM.
  EXPECT_EQ(parameters(*recurrent_model("gru", "units = 5")), 3 * 5 * (6 + 5 + 2));
  EXPECT_EQ(parameters(*recurrent_model("gru", "units = 256\ncell = \"keras1\"\nbidirectional = true", 256)), 787'968);
  EXPECT_EQ(parameters(*recurrent_model("lstm", "units = 320\nbidirectional = true", 200)), 2 * 666'880);
  // DeepCpG (Angermueller et al. 2017): its module of neighbours with five cells.
  const ModelPtr cpg = build_model("format = 1\n[inputs.neighbours]\nchannels = 100\nlength = 5\nstrands = \"mirrored\"\n" +
                                       layer_text("dense", "from = \"neighbours\"\nunits = 256\non = \"channels\"") +
                                       layer_text("activation", "kind = \"relu\"") +
                                       layer_text("gru", "units = 256\ncell = \"keras1\"\nbidirectional = true\noutput = \"final\"") +
                                       head_text("methylation", layer_text("dense", "units = 5", "heads.layers")),
                                   "m.toml", 1);
  EXPECT_EQ(parameters(*cpg), 816'389);
  // The convolutions of Basset, an LSTM over 20 positions, two dense layers (Kim and Kundaje).
  std::string layers;
  for (const auto& [filters, width, pool] : {std::array{300, 19, 3}, {200, 11, 4}, {200, 7, 4}})
    layers += layer_text("conv", format("filters = {}\nwidth = {}\npadding = \"same\"\nbias = false", filters, width)) +
              layer_text("batch_norm") + layer_text("activation", "kind = \"relu\"") + layer_text("pool", format("width = {}", pool));
  layers += layer_text("lstm", "units = 320\nbidirectional = true\noutput = \"final\"");
  for (int i = 0; i < 2; ++i)
    layers += layer_text("dense", "units = 1000\nbias = false") + layer_text("batch_norm") + layer_text("activation", "kind = \"relu\"");
  EXPECT_EQ(parameters(*build_model(finished(layers + head_text("logits", layer_text("dense", "units = 1", "heads.layers"))), "m.toml", 1)),
            3'942'961);
}

TEST(RecurrentLayers, ComputeWhatTheirOptionsSay) {
  const at::Tensor x = normal({kBatch, kChannels, kLength}, 3);
  for (const ops::RecurrentSettings& s : every_setting()) {
    if (s.cell == RecurrentCell::gru && s.gates == GateFunction::hard_sigmoid) continue;
    std::string options = format("units = {}\nbidirectional = {}\n", kUnits, s.bidirectional);
    if (s.cell == RecurrentCell::gru_reset_before) options += "cell = \"keras1\"\n";
    if (s.cell != RecurrentCell::gru) options += format("gates = \"{}\"\n", s.gates == GateFunction::sigmoid ? "sigmoid" : "hard_sigmoid");
    for (const bool sequence : {true, false}) {
      SCOPED_TRACE(options);
      const ModelPtr model =
          recurrent_model(s.cell == RecurrentCell::lstm ? "lstm" : "gru", options + (sequence ? "" : "output = \"final\""));
      shake(*model, 0.5);
      const auto named = model->named_parameters();
      ops::RecurrentTensors t;
      t.x = x;
      for (std::size_t d = 0; d < static_cast<std::size_t>(s.directions()); ++d) {
        const auto get = [&](const std::string& name) {
          const at::Tensor* p = named.find("it." + name + (d == 0 ? "" : "_reverse"));
          return p != nullptr ? p->detach().to(at::kDouble) : at::Tensor();
        };
        t.weights[d] = {get("weight"), get("recurrent_weight"), get("bias"), get("recurrent_bias")};
        EXPECT_EQ(t.weights[d].recurrent_bias.defined(), s.cell == RecurrentCell::gru);
      }
      const NoGradScope no_grad;
      const at::Tensor y = model->forward({{"track", x.to(at::kFloat)}}).at("out");
      const ops::RecurrentResult expected = ops::recurrent(t, s, true);
      EXPECT_EQ(y.dim(), sequence ? 3 : 2);
      EXPECT_LT(relative_difference(y, sequence ? expected.states : expected.last), 1e-5);
      const ops::KernelScope torch(ops::Kernels::torch);
      EXPECT_LT(relative_difference(model->forward({{"track", x.to(at::kFloat)}}).at("out"), y), 1e-5);
    }
  }
}

// One long pass, and segments of 4 and 3 positions with the state passed on.
TEST(RecurrentLayers, RememberEarlierSegments) {
  for (const char* type : {"gru", "lstm"}) {
    const ModelPtr model = recurrent_model(type, "units = 5");
    EXPECT_TRUE(model->has_state());
    EXPECT_FALSE(recurrent_model(type, "units = 5\nbidirectional = true")->has_state());
    const NoGradScope no_grad;
    const at::Tensor x = normal({2, kChannels, kLength}, 4).to(at::kFloat);
    const RunResult first = model->run({{"track", x.slice(2, 0, 4)}}), second = model->run({{"track", x.slice(2, 4)}}, {}, first.state);
    const at::Tensor all = model->forward({{"track", x}}).at("out");
    EXPECT_LT((at::cat({first.outputs.at("out"), second.outputs.at("out")}, 2) - all).abs().max().item<double>(), 1e-6);
    EXPECT_EQ(second.state.names(),
              type == std::string("gru") ? std::vector<std::string>{"it.state"} : (std::vector<std::string>{"it.state", "it.cell"}));
  }
}

TEST(RecurrentLayers, StartAsTheirSourcesDo) {
  constexpr double kClose = 1e-6;
  for (const auto& p : recurrent_model("gru", "units = 25", 9)->named_parameters()) {
    EXPECT_LE(p.value().abs().max().item<double>(), 0.2) << p.key();
    EXPECT_GT(p.value().abs().max().item<double>(), 0.17) << p.key();
  }
  const auto keras = recurrent_model("lstm",
                                     "units = 25\nbidirectional = true\ninitialiser = \"glorot_uniform\"\nrecurrent_initialiser = "
                                     "\"orthogonal\"\nbias_initialiser = \"zeros\"",
                                     9)
                         ->named_parameters();
  const double most = std::sqrt(6.0 / (9 + 100));
  EXPECT_NEAR(keras["it.weight"].abs().max().item<double>(), most, 0.02 * most);
  for (const std::string end : {"", "_reverse"}) {
    const at::Tensor u = keras["it.recurrent_weight" + end].to(at::kDouble), bias = keras["it.bias" + end];
    EXPECT_LT((u.t().matmul(u) - at::eye(25, at::kDouble)).abs().max().item<double>(), kClose);
    EXPECT_TRUE(at::equal(bias.nonzero().flatten(), at::arange(25, 50)));
    EXPECT_TRUE((bias.slice(0, 25, 50) == 1).all().item<bool>());
  }
  EXPECT_FALSE(at::equal(keras["it.recurrent_weight"], keras["it.recurrent_weight_reverse"]));
  EXPECT_EQ(recurrent_model("lstm", "units = 4\nforget_bias = 2.5")->named_parameters()["it.bias"][4].item<float>(), 2.5F);
}

TEST(RecurrentLayers, PenaltiesAndBoundsReachTheirWeights) {
  const ModelPtr model = recurrent_model("gru", "units = 5\nbidirectional = true\nl1 = 0.1\nl2 = 0.01\nmax_norm = 0.3");
  double expected = 0;
  for (const auto& p : model->named_parameters())
    if (p.key() == "it.weight" || p.key() == "it.weight_reverse")
      expected += 0.1 * p.value().abs().sum().item<double>() + 0.01 * p.value().square().sum().item<double>();
  EXPECT_NEAR(model->penalty().item<double>(), expected, 1e-5);
  model->constrain();
  for (const char* name : {"it.weight", "it.weight_reverse", "it.recurrent_weight", "it.recurrent_weight_reverse"})
    EXPECT_LE(model->named_parameters()[name].norm(2, 1).max().item<double>(), 0.3001) << name;
}

TEST(RecurrentLayers, ReadAllPositions) {
  const ModelPtr model = recurrent_model("lstm", "units = 5\nbidirectional = true");
  EXPECT_TRUE(model->context("out").reads_all);
  EXPECT_EQ(model->context("out").stride, 1);
  EXPECT_FALSE(recurrent_model("lstm", "units = 5\noutput = \"final\"")->context("out").has_length);
  // One direction sees what lies to the left alone.
  const ModelPtr right = recurrent_model("gru", "units = 5");
  const at::Tensor x = normal({1, kChannels, kLength}, 3).to(at::kFloat);
  at::Tensor changed = x.clone();
  changed.select(2, 4).add_(1);
  const at::Tensor moved =
      (right->forward({{"track", x}}).at("out") - right->forward({{"track", changed}}).at("out")).abs().amax({0, 1}) > 0;
  EXPECT_TRUE(at::equal(moved, at::arange(kLength) >= 4));
}

TEST(RecurrentLayers, RefuseWhatDoesNotFit) {
  const auto text = [](const std::string& type, const std::string& options) {
    return error_text<Error>([&] { recurrent_model(type, options); });
  };
  EXPECT_THAT(text("gru", ""), HasSubstr("layer 'it' (gru): option 'units' is missing (numbers of the state)"));
  EXPECT_THAT(text("gru", "units = 0"), HasSubstr("units"));
  EXPECT_THAT(text("gru", "units = 4\nforget_bias = 1.0"), HasSubstr("unknown option 'forget_bias'"));
  EXPECT_THAT(text("gru", "units = 4\ngates = \"sigmoid\""), HasSubstr("option 'gates' means nothing with cell = \"torch\""));
  EXPECT_THAT(text("lstm", "units = 4\noutput = \"last\""), HasSubstr("sequence, final"));
  EXPECT_THAT(error_text<Error>([] {
                build_model("format = 1\n[inputs.state]\nfeatures = 6\n" + layer_text("gru", "from = \"state\"\nunits = 4") +
                                "[[heads]]\nname = \"out\"\n",
                            "m.toml", 5);
              }),
              HasSubstr("got (N, 6), expected (N, channels, length)"));
}

}  // namespace
}  // namespace basewise::nn
