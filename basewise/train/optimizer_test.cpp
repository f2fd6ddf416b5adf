#include "basewise/train/optimizer.h"

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/ops/kernels.h"
#include "basewise/train/clip.h"
#include "tests/support/error_text.h"

namespace basewise::train {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr OptimizerKind kRules[] = {OptimizerKind::sgd,       OptimizerKind::rmsprop,           OptimizerKind::adam,
                                    OptimizerKind::adamw,     OptimizerKind::sgd_keras,         OptimizerKind::rmsprop_tensorflow,
                                    OptimizerKind::adam_tensorflow};

/// Made by <name>_golden.py beside it.
json golden(const std::string& name) {
  std::ifstream file("tests/golden/" + name + ".json");
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
  const json g = golden("optim");
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

TEST(Optimizer, FollowsTensorFlowsFormulasForTenSteps) {
  const json g = golden("optim_tensorflow");
  ASSERT_EQ(g["optimizers"].size(), 7u);
  const auto rates = g["rates"].get<std::vector<double>>();
  for (const ops::Kernels kernels : {ops::Kernels::basewise, ops::Kernels::torch})
    for (const json& entry : g["optimizers"]) {
      const ops::KernelScope scope(kernels);
      NamedParameters all = parameters();
      const auto optimizer = make_optimizer(all, options_of(entry));
      for (std::size_t step = 0; step < rates.size(); ++step) {
        set_gradients(all, static_cast<int>(step));
        optimizer->step({.learning_rate = rates[step]});
        for (const auto& [name, p] : all)
          EXPECT_LT(largest_difference(p.detach(), entry["trace"][step][name].get<std::vector<float>>()), 5e-6f)
              << entry["name"] << entry["options"] << " step " << step << " " << name;
      }
    }
}

// Basset's table of parameters calls the smoothing of RMSprop "momentum": 0.98.
TEST(Optimizer, RmspropsOfTorchAndTensorFlowDifferInTheFirstStep) {
  NamedParameters torchs = parameters(), tensorflows = parameters();
  const auto a = make_optimizer(torchs, {.name = OptimizerKind::rmsprop, .smoothing = 0.98});
  const auto b = make_optimizer(tensorflows, {.name = OptimizerKind::rmsprop_tensorflow, .smoothing = 0.98});
  for (NamedParameters* all : {&torchs, &tensorflows})
    for (auto& [name, p] : *all) p.mutable_grad() = at::full_like(p, 0.5).detach();
  a->step({.learning_rate = 0.1});
  b->step({.learning_rate = 0.1});
  const auto moved = [](const NamedParameters& all) { return (start("bias") - all[1].second).detach().mean().item<double>(); };
  EXPECT_NEAR(moved(torchs), 0.1 / std::sqrt(0.02), 1e-5) << "the mean square starts at 0";
  EXPECT_NEAR(moved(tensorflows), 0.1 * 0.5 / std::sqrt(0.98 + 0.02 * 0.25), 1e-5) << "and there at 1";
}

TEST(Optimizer, MaxNormBoundsTheWeightsOfEachUnitAfterTheStep) {
  for (const ops::Kernels kernels : {ops::Kernels::basewise, ops::Kernels::torch}) {
    const ops::KernelScope scope(kernels);
    NamedParameters free = parameters(), bounded = parameters();
    for (NamedParameters* all : {&free, &bounded}) {
      const at::Tensor filters = (at::arange(2 * 3 * 7, at::kFloat) * 0.9f).cos().reshape({2, 3, 7});
      all->emplace_back("conv", filters.set_requires_grad(true));
      all->emplace_back("idle", at::full({2, 3}, 5.0f).set_requires_grad(true));
    }
    const auto a = make_optimizer(free, {.name = OptimizerKind::sgd});
    const auto b = make_optimizer(bounded, {.name = OptimizerKind::sgd, .max_norm = 1.2});
    for (NamedParameters* all : {&free, &bounded})
      for (std::size_t i = 0; i < 3; ++i) (*all)[i].second.mutable_grad() = ((*all)[i].second * 0.3).detach();
    a->step({.learning_rate = 0.5});
    b->step({.learning_rate = 0.5});
    bool any = false;
    for (const std::size_t i : {0u, 2u})
      for (std::int64_t unit = 0; unit < free[i].second.size(0); ++unit) {
        const at::Tensor before = free[i].second[unit].detach(), after = bounded[i].second[unit].detach();
        const double norm = before.norm().item<double>();
        any = any || norm > 1.2;
        EXPECT_TRUE(at::allclose(after, before * (norm > 1.2 ? 1.2 / norm : 1.0))) << i << " " << unit;
        if (norm <= 1.2) {
          EXPECT_TRUE(at::equal(after, before));
        }
      }
    EXPECT_TRUE(any);
    EXPECT_TRUE(at::equal(bounded[1].second, free[1].second)) << "biases are free";
    EXPECT_TRUE(at::equal(bounded[3].second, free[3].second)) << "and what has no gradient is left alone";
  }
}

// Both sets of kernels see the same state: what one saved the other resumes.
TEST(Optimizer, KernelsAgreeAndTakeOverFromEachOther) {
  std::vector<OptimizerOptions> all;
  for (const OptimizerKind name : kRules)
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
  for (const OptimizerKind name : kRules) {
    const OptimizerOptions o{.name = name, .weight_decay = 0.01, .max_norm = 1.1, .momentum = 0.5};
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
              HasSubstr("momentum means nothing with name = \"adam\"; name = \"sgd\", \"rmsprop\", \"sgd_keras\" or "
                        "\"rmsprop_tensorflow\" uses it"));
  EXPECT_THAT(refusal("name = \"sgd\"\nbeta1 = 0.5"), HasSubstr("beta1 means nothing with name = \"sgd\""));
  EXPECT_THAT(refusal("name = \"rmsprop\"\nnesterov = true"), HasSubstr("nesterov means nothing with name = \"rmsprop\""));
}

}  // namespace
}  // namespace basewise::train
