#include "basewise/train/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace basewise::train {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json golden() {
  std::ifstream file("tests/golden/optim.json");  // made by tests/golden/optim_golden.py
  return json::parse(file);
}

at::Tensor start(const std::string& name) {
  const std::int64_t n = name == "weight" ? 12 : 5;
  const at::Tensor values = (at::arange(n, at::kFloat) * 0.37f + (name == "weight" ? 0.1f : 0.6f)).sin();
  return (name == "weight" ? values.reshape({3, 4}) : values).set_requires_grad(true);
}

at::Tensor gradient(const std::string& name, int step) {
  const std::int64_t n = name == "weight" ? 12 : 5;
  const at::Tensor values = (at::arange(n, at::kFloat) * 0.71f + 1.3 * step + (name == "weight" ? 0 : 2)).cos();
  return name == "weight" ? values.reshape({3, 4}) : values;
}

NamedParameters parameters() { return {{"weight", start("weight")}, {"bias", start("bias")}}; }

void set_gradients(NamedParameters& all, int step) {
  for (auto& [name, p] : all) {
    p.mutable_grad().reset();
    if (name == "weight" || step != 2) p.mutable_grad() = gradient(name, step);
  }
}

OptimizerOptions options_of(const json& entry) {
  OptimizerOptions o{.name = entry["name"].get<std::string>(), .decay_all = true};
  for (const auto& [key, value] : entry["options"].items()) assign(described(o), key + "=" + value.dump());
  return o;
}

float largest_difference(const at::Tensor& a, const std::vector<float>& b) {
  return (a.flatten() - at::tensor(b)).abs().max().item<float>();
}

TEST(Optimizer, FollowsPyTorchStepByStep) {
  const json g = golden();
  ASSERT_EQ(g["optimizers"].size(), 8u);
  for (const json& entry : g["optimizers"]) {
    NamedParameters all = parameters();
    const auto optimizer = make_optimizer(all, options_of(entry));
    for (int step = 0; step < 5; ++step) {
      set_gradients(all, step);
      optimizer->step({.learning_rate = g["learning_rate"].get<double>()});
      for (const auto& [name, p] : all) {
        const auto expected = entry["trace"][static_cast<std::size_t>(step)][name].get<std::vector<float>>();
        EXPECT_LT(largest_difference(p.detach(), expected), 2e-6f) << entry["name"] << entry["options"] << " step " << step << " " << name;
      }
    }
  }
}

TEST(Optimizer, SavedStateGoesOnBitForBit) {
  for (const std::string name : {"sgd", "rmsprop", "adam", "adamw"}) {
    const OptimizerOptions o{.name = name, .weight_decay = 0.01, .momentum = 0.5};
    NamedParameters one = parameters();
    const auto first = make_optimizer(one, o);
    for (int step = 0; step < 3; ++step) {
      set_gradients(one, step);
      first->step({.learning_rate = 0.1});
    }
    NamedParameters two;
    for (const auto& [n, p] : one) two.emplace_back(n, p.detach().clone().set_requires_grad(true));
    const auto second = make_optimizer(two, o);
    second->load_state(first->state());
    for (int step = 3; step < 5; ++step) {
      set_gradients(one, step);
      set_gradients(two, step);
      first->step({.learning_rate = 0.1});
      second->step({.learning_rate = 0.1});
    }
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(at::equal(one[i].second, two[i].second)) << name;
  }
}

TEST(Optimizer, DecaySparesBiasesUnlessAsked) {
  for (const bool decay_all : {false, true}) {
    NamedParameters all = parameters();
    const auto optimizer = make_optimizer(all, {.name = "adamw", .weight_decay = 0.5, .decay_all = decay_all});
    for (auto& [name, p] : all) p.mutable_grad() = at::zeros_like(p);
    optimizer->step({.learning_rate = 0.1});
    EXPECT_TRUE(at::allclose(all[0].second.detach(), start("weight").detach() * 0.95));
    EXPECT_TRUE(at::allclose(all[1].second.detach(), start("bias").detach() * (decay_all ? 0.95 : 1.0)));
  }
}

TEST(Optimizer, MomentumOfTheStepReplacesItsOwn) {
  NamedParameters a = parameters(), b = parameters();
  const auto fixed = make_optimizer(a, {.name = "adam", .beta1 = 0.7});
  const auto given = make_optimizer(b, {.name = "adam", .beta1 = 0.9});
  set_gradients(a, 0);
  set_gradients(b, 0);
  fixed->step({.learning_rate = 0.1});
  given->step({.learning_rate = 0.1, .momentum = 0.7});
  EXPECT_TRUE(at::equal(a[0].second, b[0].second));
}

TEST(Optimizer, RefusesStateOfAnotherModel) {
  const auto adam = make_optimizer(parameters(), {.name = "adam"});
  const auto sgd = make_optimizer(parameters(), {.name = "sgd"});
  const auto small = make_optimizer({{"weight", at::zeros({3, 5})}, {"bias", at::zeros({5})}}, {.name = "adam"});
  const auto message = [](const auto& f) -> std::string {
    try {
      f();
    } catch (const StateError& e) {
      return e.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(message([&] { adam->load_state(sgd->state()); }), HasSubstr("'first/weight' is missing"));
  EXPECT_THAT(message([&] { small->load_state(adam->state()); }), HasSubstr("'first/weight' has shape (3, 4), this optimiser needs (3, 5)"));
}

TEST(Optimizer, UnknownNameListsTheKnownOnes) {
  try {
    make_optimizer(parameters(), {.name = "adamx"});
    FAIL() << "nothing was thrown";
  } catch (const ArgumentError& e) {
    EXPECT_THAT(e.what(), HasSubstr("adamx"));
    EXPECT_THAT(e.what(), HasSubstr("adamw"));
  }
}

TEST(Clip, NormIsThatOfAllGradientsTogether) {
  NamedParameters all = parameters();
  set_gradients(all, 0);
  const at::Tensor before = at::cat({all[0].second.grad().flatten(), all[1].second.grad()}).clone();
  const double total = clip_gradients(all, {.norm = 0.5});
  const at::Tensor after = at::cat({all[0].second.grad().flatten(), all[1].second.grad()});
  EXPECT_NEAR(total, before.norm().item<double>(), 1e-5);
  EXPECT_TRUE(at::allclose(after, before * (0.5 / (total + 1e-6))));
  EXPECT_NEAR(clip_gradients(all, {.norm = 0.6}), 0.5, 1e-5);  // below the limit: nothing changes
  EXPECT_TRUE(at::equal(after, at::cat({all[0].second.grad().flatten(), all[1].second.grad()})));
}

TEST(Clip, ValueBoundsEveryComponent) {
  NamedParameters all = parameters();
  set_gradients(all, 0);
  const at::Tensor expected = all[0].second.grad().clamp(-0.25, 0.25);
  clip_gradients(all, {.value = 0.25});
  EXPECT_TRUE(at::equal(all[0].second.grad(), expected));
}

}  // namespace
}  // namespace basewise::train
