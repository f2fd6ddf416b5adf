#include "basewise/train/optimizer.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/ops/kernels.h"
#include "tests/support/error_text.h"

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
  OptimizerOptions o{.name = parse_choice<OptimizerKind>(entry["name"].get<std::string>(), "name"), .decay_all = true};
  for (const auto& [key, value] : entry["options"].items()) assign(described(o), key + "=" + value.dump());
  return o;
}

float largest_difference(const at::Tensor& a, const std::vector<float>& b) {
  return (a.flatten() - at::tensor(b)).abs().max().item<float>();
}

TEST(Optimizer, FollowsPyTorchStepByStep) {
  const json g = golden();
  ASSERT_EQ(g["optimizers"].size(), 8u);
  for (const ops::Kernels kernels : {ops::Kernels::basewise, ops::Kernels::torch})
    for (const json& entry : g["optimizers"]) {
      const ops::KernelScope scope(kernels);
      NamedParameters all = parameters();
      const auto optimizer = make_optimizer(all, options_of(entry));
      for (int step = 0; step < 5; ++step) {
        set_gradients(all, step);
        optimizer->step({.learning_rate = g["learning_rate"].get<double>()});
        for (const auto& [name, p] : all) {
          const auto expected = entry["trace"][static_cast<std::size_t>(step)][name].get<std::vector<float>>();
          EXPECT_LT(largest_difference(p.detach(), expected), 2e-6f)
              << entry["name"] << entry["options"] << " step " << step << " " << name;
        }
      }
    }
}

// Both sets of kernels see the same state: what one saved the other resumes.
TEST(Optimizer, KernelsAgreeAndTakeOverFromEachOther) {
  std::vector<OptimizerOptions> all;
  for (const OptimizerKind name : {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adam, OptimizerKind::adamw})
    for (const bool variant : {false, true})
      all.push_back({.name = name, .weight_decay = 0.01, .decay_all = variant, .momentum = 0.5, .nesterov = variant, .centered = variant});
  for (const OptimizerOptions& o : all) {
    NamedParameters ours, torchs, mixed;
    for (NamedParameters* p : {&ours, &torchs, &mixed})
      for (const std::int64_t n : {31, 70'001})
        p->emplace_back(format("p{}", n), (at::arange(n, at::kFloat) * 0.37f).sin().view({n, 1}).set_requires_grad(true));
    auto one = make_optimizer(ours, o), two = make_optimizer(torchs, o), three = make_optimizer(mixed, o);
    for (int step = 0; step < 6; ++step) {
      for (NamedParameters* p : {&ours, &torchs, &mixed})
        for (auto& [name, parameter] : *p)
          parameter.mutable_grad() = (at::arange(parameter.numel(), at::kFloat) * 0.71f + step).cos().view_as(parameter);
      one->step({.learning_rate = 0.01});
      {
        const ops::KernelScope scope(ops::Kernels::torch);
        two->step({.learning_rate = 0.01});
        if (step < 3) three->step({.learning_rate = 0.01});
      }
      if (step == 3) {
        const Bundle saved = three->state();
        three = make_optimizer(mixed, o);
        three->load_state(saved);
      }
      if (step >= 3) three->step({.learning_rate = 0.01});
    }
    for (std::size_t i = 0; i < ours.size(); ++i) {
      EXPECT_TRUE(at::allclose(ours[i].second, torchs[i].second, 1e-5, 1e-6)) << to_word(o.name);
      EXPECT_TRUE(at::allclose(mixed[i].second, torchs[i].second, 1e-5, 1e-6)) << to_word(o.name);
    }
  }
}

TEST(Optimizer, ThreadsDoNotChangeResults) {
  std::vector<at::Tensor> results;
  const int before = at::get_num_threads();
  for (const int threads : {1, 2, 8}) {
    at::set_num_threads(threads);
    NamedParameters all;
    for (const std::int64_t n : {7, 100'003, 513})
      all.emplace_back(format("p{}", n), (at::arange(n, at::kFloat) * 0.37f).sin().set_requires_grad(true));
    const auto optimizer = make_optimizer(all, {.name = OptimizerKind::adamw, .weight_decay = 0.01, .decay_all = true});
    for (int step = 0; step < 3; ++step) {
      for (auto& [name, parameter] : all) parameter.mutable_grad() = (at::arange(parameter.numel(), at::kFloat) * 0.71f + step).cos();
      clip_gradients(all, {.norm = 1.0, .value = 0.9});
      optimizer->step({.learning_rate = 0.01});
    }
    results.push_back(at::cat({all[0].second.detach(), all[1].second.detach(), all[2].second.detach()}));
  }
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(results[0], results[1]));
  EXPECT_TRUE(at::equal(results[0], results[2]));
}

TEST(Optimizer, SavedStateGoesOnBitForBit) {
  for (const OptimizerKind name : {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adam, OptimizerKind::adamw}) {
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
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(at::equal(one[i].second, two[i].second)) << to_word(name);
  }
}

TEST(Optimizer, DecaySparesBiasesUnlessAsked) {
  for (const bool decay_all : {false, true}) {
    NamedParameters all = parameters();
    const auto optimizer = make_optimizer(all, {.name = OptimizerKind::adamw, .weight_decay = 0.5, .decay_all = decay_all});
    for (auto& [name, p] : all) p.mutable_grad() = at::zeros_like(p);
    optimizer->step({.learning_rate = 0.1});
    EXPECT_TRUE(at::allclose(all[0].second.detach(), start("weight").detach() * 0.95));
    EXPECT_TRUE(at::allclose(all[1].second.detach(), start("bias").detach() * (decay_all ? 0.95 : 1.0)));
  }
}

TEST(Optimizer, MomentumOfTheStepReplacesItsOwn) {
  NamedParameters a = parameters(), b = parameters();
  const auto fixed = make_optimizer(a, {.name = OptimizerKind::adam, .beta1 = 0.7});
  const auto given = make_optimizer(b, {.name = OptimizerKind::adam, .beta1 = 0.9});
  set_gradients(a, 0);
  set_gradients(b, 0);
  fixed->step({.learning_rate = 0.1});
  given->step({.learning_rate = 0.1, .momentum = 0.7});
  EXPECT_TRUE(at::equal(a[0].second, b[0].second));
}

TEST(Optimizer, RefusesStateOfAnotherModel) {
  const auto adam = make_optimizer(parameters(), {.name = OptimizerKind::adam});
  const auto sgd = make_optimizer(parameters(), {.name = OptimizerKind::sgd});
  const auto small = make_optimizer({{"weight", at::zeros({3, 5})}, {"bias", at::zeros({5})}}, {.name = OptimizerKind::adam});
  const auto message = [](const auto& f) -> std::string { return error_text<StateError>(f); };
  EXPECT_THAT(message([&] { adam->load_state(sgd->state()); }), HasSubstr("'first/weight' is missing"));
  EXPECT_THAT(message([&] { small->load_state(adam->state()); }),
              HasSubstr("'first/weight' has shape (3, 4), this optimiser needs (3, 5)"));
}

TEST(Optimizer, NamesAndWhatTheyUseAreChecked) {
  const auto refusal = [](const std::string& toml) {
    OptimizerOptions o;
    return error_text<ArgumentError>([&] { read_toml(described(o), toml, "recipe.toml"); });
  };
  EXPECT_THAT(refusal("name = \"adamx\""), HasSubstr("name is \"adamx\"; it must be one of sgd, rmsprop, adam, adamw"));
  EXPECT_THAT(refusal("name = \"adam\"\nmomentum = 0.9"),
              HasSubstr("momentum means nothing with name = \"adam\"; name = \"sgd\" or \"rmsprop\" uses it"));
  EXPECT_THAT(refusal("name = \"sgd\"\nbeta1 = 0.5"), HasSubstr("beta1 means nothing with name = \"sgd\""));
  EXPECT_THAT(refusal("name = \"rmsprop\"\nnesterov = true"), HasSubstr("nesterov means nothing with name = \"rmsprop\""));
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
