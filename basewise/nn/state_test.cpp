// A layer with memory, from a program of its own: segments with the state passed on equal one long
// pass.
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/layer_types.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/model_tests.h"

namespace basewise::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct RecentOptions {
  std::int64_t memory = 5;
};
void describe(Visitor& v, RecentOptions& o) { v("memory", o.memory, "positions before each one that it attends to", at_least(1)); }

/// Attention of every position to itself and the `memory` positions before it.
class Recent : public LayerWithState {
 public:
  Recent(const RecentOptions& o, std::int64_t channels) : memory_(o.memory) {
    scale_ = register_parameter("scale", at::linspace(0.5, 1.5, channels));
  }

  Bundle initial_state(const at::Tensor& x) const override {
    return {{"positions", at::zeros({x.size(0), x.size(1), memory_}, x.options())},
            {"there", at::zeros({x.size(0), 1, memory_}, x.options())}};
  }

  std::pair<at::Tensor, Bundle> segment(const at::Tensor& x, const Bundle& state) override {
    const at::Tensor all = at::cat({state.at("positions"), x}, 2);
    const at::Tensor there = at::cat({state.at("there"), at::ones({x.size(0), 1, x.size(2)}, x.options())}, 2);
    at::Tensor sum = at::zeros_like(x), total = at::zeros_like(there.slice(2, 0, x.size(2)));
    for (std::int64_t back = 0; back <= memory_; ++back) {
      const auto shifted = [&](const at::Tensor& t) { return t.slice(2, memory_ - back, memory_ - back + x.size(2)); };
      const at::Tensor products = x * shifted(all) * scale_.view({1, -1, 1});
      // Sums in one order for any length, so that numbers can be compared bit for bit.
      at::Tensor score = products.narrow(1, 0, 1);
      for (std::int64_t c = 1; c < x.size(1); ++c) score = score + products.narrow(1, c, 1);
      const at::Tensor weight = shifted(there) / (1 + score * score);
      sum = sum + weight * shifted(all);
      total = total + weight;
    }
    const std::int64_t from = all.size(2) - memory_;
    return {sum / total, {{"positions", all.slice(2, from)}, {"there", there.slice(2, from)}}};
  }

  Shape output_shape(const Shape& input) const override { return input; }
  Alignment alignment() const override { return Alignment::window(memory_ + 1, 1, memory_, 0, true); }

 private:
  std::int64_t memory_;
  at::Tensor scale_;
};

LayerPtr make_recent(const spec::LayerSpec& spec, const Activation& input) {
  RecentOptions o;
  read_options(described(o), spec);
  return std::make_shared<Recent>(o, input.shape.channels);
}

std::array<LayerType, 1> recent_type() {
  LayerType type{};
  type.name = "recent";
  type.help = "attention to the positions before";
  type.describe = [](Visitor& v) {
    RecentOptions o;
    describe(v, o);
  };
  type.make = make_recent;
  return {type};
}

const std::string kInput = "format = 1\n[inputs.sequence]\nchannels = 4\n";
const std::string kOut = "[[heads]]\nname = \"out\"\nstrands = \"mirrored\"\n";
const std::string kInner = "[[layers.layers]]\ntype = \"recent\"\nname = \"inner\"\nmemory = 3\n";

ModelPtr remembering() {
  const auto types = recent_type();
  const LayerTypeScope known(types);
  const ModelPtr model = build_model(
      kInput + layer_text("recent", "name = \"outer\"") + "[[layers]]\ntype = \"residual\"\nname = \"body\"\n" + kInner + kOut, "test", 1);
  model->to(at::kDouble);
  model->eval();
  return model;
}

Bundle part(const at::Tensor& x, std::int64_t from, std::int64_t to) { return {{"sequence", x.slice(2, from, to)}}; }

TEST(State, SegmentsEqualOneLongPass) {
  const ModelPtr model = remembering();
  EXPECT_TRUE(model->has_state());
  const at::Tensor x = random_one_hot(3, 37, Stream(1)).to(at::kDouble);
  const at::Tensor whole = model->forward({{"sequence", x}}).at("out");
  for (const std::vector<std::int64_t>& cuts :
       {std::vector<std::int64_t>{0, 37}, {0, 20, 37}, {0, 1, 2, 3, 4, 5, 6, 37}, {0, 30, 36, 37}}) {
    Bundle state;
    std::vector<at::Tensor> outputs;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      RunResult r = model->run(part(x, cuts[i], cuts[i + 1]), {}, state);
      outputs.push_back(r.outputs.at("out"));
      state = r.state;
    }
    EXPECT_TRUE(at::equal(at::cat(outputs, 2), whole)) << cuts.size();
    EXPECT_THAT(state.names(), ElementsAre("outer.positions", "outer.there", "body.inner.positions", "body.inner.there"));
  }
  // Without the state a segment knows nothing of the one before.
  EXPECT_GT((model->run(part(x, 20, 37)).outputs.at("out") - whole.slice(2, 20)).abs().max().item<double>(), 1e-3);
}

TEST(State, GradientsReachBackUntilItIsDetached) {
  const ModelPtr model = remembering();
  at::Tensor x = random_one_hot(2, 20, Stream(2)).to(at::kDouble).requires_grad_(true);
  const auto gradient = [&](bool detach) {
    x.mutable_grad().reset();
    Bundle state = model->run(part(x, 0, 10)).state;
    if (detach)
      for (const auto& [name, value] : Bundle(state)) state.set(name, value.detach());
    model->run(part(x, 10, 20), {}, state).outputs.at("out").square().sum().backward();
    return x.grad().slice(2, 0, 10).abs().sum({0, 1});
  };
  const at::Tensor reached = gradient(false) > 0;
  EXPECT_EQ(reached.sum().item<std::int64_t>(), 8);  // 5 + 3 positions back
  EXPECT_EQ(gradient(true).sum().item<double>(), 0);
}

TEST(State, IsAskedForTogetherWithActivationsAndHeads) {
  const ModelPtr model = remembering();
  const at::Tensor x = random_one_hot(2, 20, Stream(3)).to(at::kDouble);
  const Bundle state = model->run(part(x, 0, 10)).state;
  const RunResult r = model->run(part(x, 10, 20), {std::vector<std::string>{}, {"body.inner", "outer"}}, state);
  EXPECT_TRUE(r.outputs.empty());
  EXPECT_EQ(r.state.size(), 4u);
  const Bundle whole = model->run({{"sequence", x}}, {std::nullopt, {"body.inner"}}).activations;
  EXPECT_TRUE(at::equal(r.activations.at("body.inner"), whole.at("body.inner").slice(2, 10)));
}

TEST(State, ErrorsOfStatesThatDoNotFit) {
  const ModelPtr model = remembering();
  const at::Tensor x = random_one_hot(3, 10, Stream(4)).to(at::kDouble);
  Bundle state = model->run({{"sequence", x}}).state;
  EXPECT_THAT([&] { model->run({{"sequence", x.slice(0, 0, 2)}}, {}, state); },
              ThrowsMessage<ShapeError>(HasSubstr("the state 'outer.positions' has shape (3, 4, 5), but this segment needs (2, 4, 5)")));
  state.erase("outer.there");
  EXPECT_THAT([&] { model->run({{"sequence", x}}, {}, state); },
              ThrowsMessage<ArgumentError>("the state has no 'outer.there'; it must be what an earlier segment left"));
}

TEST(State, TypesOfAProgramsOwnAreKnownWithinTheirScope) {
  const std::string toml = kInput + layer_text("recent", "memory = 0") + kOut;
  EXPECT_THAT([&] { build_model(toml, "test", 1); }, ThrowsMessage<ArgumentError>(HasSubstr("unknown type \"recent\"")));
  const auto types = recent_type();
  const LayerTypeScope known(types);
  EXPECT_THAT([&] { build_model(toml, "test", 1); }, ThrowsMessage<ArgumentError>(HasSubstr("memory")));
  EXPECT_THAT([&] { build_model(kInput + layer_text("recen", "") + kOut, "test", 1); },
              ThrowsMessage<ArgumentError>(HasSubstr("did you mean \"recent\"?")));
}

TEST(State, TheOtherStrandHasNone) {
  const auto types = recent_type();
  const LayerTypeScope known(types);
  EXPECT_THAT([&] { build_model(kInput + "[[layers]]\ntype = \"rc_wrap\"\n" + kInner + kOut, "test", 1); },
              ThrowsMessage<ShapeError>(HasSubstr("the other strand runs from the last to the first, so that it has none")));
}

}  // namespace
}  // namespace basewise::nn
