#include "basewise/train/averaging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::train {
namespace {

struct Tiny : torch::nn::Module {
  Tiny() {
    weight = register_parameter("weight", at::arange(15, at::kFloat).reshape({3, 5}));
    mean = register_buffer("mean", at::ones({7}));
    count = register_buffer("count", at::zeros({}, at::kLong));
  }
  at::Tensor weight, mean, count;
};

void move(Tiny& model) {
  const at::NoGradGuard no_grad;
  model.weight += 1;
  model.mean *= 2;
  model.count += 1;
}

TEST(WeightAverage, IsTheRunningMeanWithWarmUpOfTheDecay) {
  Tiny model;
  WeightAverage average(model, {.decay = 0.5, .warmup = 10});
  at::Tensor expected = model.weight.detach().clone();
  for (int t = 0; t < 12; ++t) {
    move(model);
    average.update();
    const double decay = std::min(0.5, (1.0 + t) / (10.0 + t));
    expected = expected * decay + model.weight.detach() * (1 - decay);
  }
  const Bundle state = average.state();
  EXPECT_TRUE(at::allclose(state.at("weight"), expected));
  EXPECT_EQ(state.at("count").item<int>(), 12);  // integers are copied
  EXPECT_EQ(state.at("updates").item<int>(), 12);
}

TEST(WeightAverage, ScopeGivesTheTrainedWeightsBack) {
  Tiny model;
  WeightAverage average(model, {.decay = 0.9});
  move(model);
  average.update();
  const at::Tensor trained = model.weight.detach().clone(), mean = model.mean.clone();
  {
    const AveragedScope scope(average);
    EXPECT_FALSE(at::equal(model.weight, trained));
    EXPECT_FALSE(at::equal(model.mean, mean));
  }
  EXPECT_TRUE(at::equal(model.weight, trained));
  EXPECT_TRUE(at::equal(model.mean, mean));
}

TEST(WeightAverage, StateIsTakenOverExactly) {
  Tiny one, two;
  WeightAverage first(one, {.decay = 0.9}), second(two, {.decay = 0.9});
  move(one);
  first.update();
  move(two);
  second.load_state(first.state());
  move(one);
  move(two);
  first.update();
  second.update();
  EXPECT_TRUE(at::equal(first.state().at("weight"), second.state().at("weight")));
  EXPECT_THAT(error_text<StateError>([&] { second.load_state({{"mean", at::ones({7})}}); }),
              testing::HasSubstr("the average of 'weight' is missing"));
}

TEST(WeightAverage, OffDoesNothing) {
  Tiny model;
  WeightAverage average(model, {});
  const at::Tensor before = model.weight.detach().clone();
  average.update();
  average.swap();
  EXPECT_TRUE(at::equal(model.weight, before));
  EXPECT_TRUE(average.state().empty());
}

}  // namespace
}  // namespace basewise::train
