#include "basewise/train/clip.h"

#include <cmath>

#include <gtest/gtest.h>

namespace basewise::train {
namespace {

/// weight (3, 4) and bias (5).
NamedParameters with_gradients() {
  NamedParameters all;
  all.emplace_back("weight", (at::arange(12, at::kFloat) * 0.37f + 0.1f).sin().reshape({3, 4}).set_requires_grad(true));
  all.emplace_back("bias", (at::arange(5, at::kFloat) * 0.37f + 0.6f).sin().set_requires_grad(true));
  all[0].second.mutable_grad() = (at::arange(12, at::kFloat) * 0.71f).cos().reshape({3, 4});
  all[1].second.mutable_grad() = (at::arange(5, at::kFloat) * 0.71f + 2).cos();
  return all;
}

TEST(Clip, NormIsThatOfAllGradientsTogether) {
  NamedParameters all = with_gradients();
    const at::Tensor before = at::cat({all[0].second.grad().flatten(), all[1].second.grad()}).clone();
  const double total = clip_gradients(all, {.norm = 0.5});
  const at::Tensor after = at::cat({all[0].second.grad().flatten(), all[1].second.grad()});
  EXPECT_NEAR(total, before.norm().item<double>(), 1e-5);
  EXPECT_TRUE(at::allclose(after, before * (0.5 / (total + 1e-6))));
  EXPECT_NEAR(clip_gradients(all, {.norm = 0.6}), 0.5, 1e-5);  // below the limit: nothing changes
  EXPECT_TRUE(at::equal(after, at::cat({all[0].second.grad().flatten(), all[1].second.grad()})));
}

TEST(Clip, ValueBoundsEveryComponent) {
  NamedParameters all = with_gradients();
    const at::Tensor expected = all[0].second.grad().clamp(-0.25, 0.25);
  clip_gradients(all, {.value = 0.25});
  EXPECT_TRUE(at::equal(all[0].second.grad(), expected));
}

TEST(Clip, EachParameterHasANormOfItsOwn) {
  NamedParameters all = with_gradients();
  const at::Tensor weight = all[0].second.grad().clone(), bias = all[1].second.grad().clone();
  const double large = weight.norm().item<double>(), small = bias.norm().item<double>();
  ASSERT_GT(large, small);
  const double limit = (large + small) / 2;
  const double total = clip_gradients(all, {.each_norm = limit});
  EXPECT_TRUE(at::allclose(all[0].second.grad(), weight * (limit / large)));
  EXPECT_TRUE(at::equal(all[1].second.grad(), bias)) << "below the limit nothing changes";
  EXPECT_NEAR(total, std::hypot(limit, small), 1e-5);
}

// The norm of a unit's gradient by that of its weights (Brock et al. 2021), in plain loops.
TEST(Clip, AdaptiveLimitsAreThoseOfUnits) {
  NamedParameters all = with_gradients();
  {
    const at::NoGradGuard no_grad;
    all[0].second[1].fill_(0);  // weights of 0 may move by 0.001 of the share
  }
  const at::Tensor before = all[0].second.grad().clone();
  constexpr double kShare = 0.7;
  clip_gradients(all, {.adaptive = kShare});
  int clipped = 0;
  for (std::int64_t unit = 0; unit < 3; ++unit) {
    double weights = 0, gradients = 0;
    for (std::int64_t i = 0; i < 4; ++i) {
      weights += std::pow(all[0].second[unit][i].item<double>(), 2);
      gradients += std::pow(before[unit][i].item<double>(), 2);
    }
    const double limit = kShare * std::max(1e-3, std::sqrt(weights)), norm = std::sqrt(gradients);
    clipped += norm > limit;
    EXPECT_TRUE(at::allclose(all[0].second.grad()[unit], before[unit] * std::min(1.0, limit / norm))) << unit;
  }
  EXPECT_GE(clipped, 1);
  const double bias = all[1].second.detach().norm().item<double>();
  EXPECT_LE(all[1].second.grad().norm().item<double>(), kShare * bias + 1e-5) << "a bias is limited as a whole";
}

TEST(Clip, LimitsFollowEachOther) {
  NamedParameters all = with_gradients(), by_hand = with_gradients();
  const double total = clip_gradients(all, {.norm = 0.4, .value = 0.5, .each_norm = 0.6});
  clip_gradients(by_hand, {.value = 0.5});
  clip_gradients(by_hand, {.each_norm = 0.6});
  EXPECT_NEAR(total, clip_gradients(by_hand, {.norm = 0.4}), 1e-6);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(at::allclose(all[i].second.grad(), by_hand[i].second.grad()));
  EXPECT_FALSE(clips({}));
  EXPECT_TRUE(clips({.adaptive = 0.1}));
}

}  // namespace
}  // namespace basewise::train
