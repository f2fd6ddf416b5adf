// Steps of optimisers against the formulas in double, for every instruction set and any order of
// pieces.
#include "basewise/kernels/optimise.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace basewise::kernels {
namespace {

struct State {
  std::vector<float> p, g, s0, s1, s2;
};

State random_state(std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  State s;
  for (std::vector<float>* v : {&s.p, &s.g, &s.s0, &s.s1, &s.s2}) {
    v->resize(n);
    for (float& x : *v) x = normal(random);
  }
  for (float& x : s.s1) x = std::abs(x);
  return s;
}

Update call_of(State& s, UpdateRule rule) {
  Update u{.rule = rule,
           .parameter = s.p.data(),
           .gradient = s.g.data(),
           .slots = {s.s0.data(), s.s1.data(), s.s2.data()},
           .n = static_cast<std::int64_t>(s.p.size())};
  u.rate = 0.05f, u.momentum = 0.9f, u.lag = 0.1f, u.memory = 0.97f, u.rest = 0.03f, u.root = 1.25f, u.epsilon = 1e-3f, u.penalty = 0.02f,
  u.keep = 0.98f;
  return u;
}

// The square is slot 0 of rmsprop and slot 1 of adam;
// the mean of the centred form must not exceed it.
State state_for(UpdateRule rule, std::size_t n) {
  State s = random_state(n, 3);
  if (rule == UpdateRule::rmsprop || rule == UpdateRule::centred)
    for (std::size_t i = 0; i < n; ++i) s.s0[i] = 1.0f + s.s1[i], s.s1[i] = 0.25f * std::min(s.s1[i], 2.0f);
  return s;
}

// One number, as the table in update.h says.
void expected(const Update& u, double& p, double g, double& s0, double& s1, double& s2) {
  const double rate = u.rate, momentum = u.momentum, rest = u.rest, memory = u.memory;
  p *= u.keep;
  g += u.penalty * p;
  switch (u.rule) {
    case UpdateRule::sgd:
    case UpdateRule::nesterov:
      s0 = momentum * s0 + g;
      p -= rate * (u.rule == UpdateRule::nesterov ? g + momentum * s0 : s0);
      return;
    case UpdateRule::rmsprop:
    case UpdateRule::centred: {
      s0 = memory * s0 + rest * g * g;
      if (u.rule == UpdateRule::centred) s1 += rest * (g - s1);
      s2 = momentum * s2 + g / (std::sqrt(s0 - (u.rule == UpdateRule::centred ? s1 * s1 : 0)) + u.epsilon);
      p -= rate * s2;
      return;
    }
    case UpdateRule::adam:
      s0 += u.lag * (g - s0);
      s1 = memory * s1 + rest * g * g;
      p -= rate * s0 / (std::sqrt(s1) * u.root + u.epsilon);
  }
}

constexpr UpdateRule kRules[] = {UpdateRule::sgd, UpdateRule::nesterov, UpdateRule::rmsprop, UpdateRule::centred, UpdateRule::adam};

TEST(Optimise, FollowsTheFormulas) {
  constexpr std::size_t kNumbers = 40'003;
  for (const Isa isa : supported_isas())
    for (const UpdateRule rule : kRules) {
      const State before = state_for(rule, kNumbers);
      State s = before;
      const Update u = call_of(s, rule);
      update({&u, 1}, {isa, &serial_executor()});
      for (std::size_t i = 0; i < kNumbers; ++i) {
        double p = before.p[i], s0 = before.s0[i], s1 = before.s1[i], s2 = before.s2[i];
        expected(u, p, before.g[i], s0, s1, s2);
        const auto near = [](float found, double wanted) { return std::abs(found - wanted) <= 2e-6 * std::max(1.0, std::abs(wanted)); };
        ASSERT_TRUE(near(s.p[i], p) && near(s.s0[i], s0) && near(s.s1[i], s1) && near(s.s2[i], s2))
            << name(isa) << ", rule " << static_cast<int>(rule) << ", number " << i << ": " << s.p[i] << " for " << p;
      }
    }
}

TEST(Optimise, DoesNotDependOnWhoRunsThePieces) {
  const Executor backwards = [](std::int64_t n, const std::function<void(std::int64_t)>& task) {
    for (std::int64_t i = n - 1; i >= 0; --i) task(i);
  };
  for (const UpdateRule rule : kRules) {
    std::vector<std::vector<float>> results;
    for (const Executor* executor : {&serial_executor(), &backwards, &default_executor()}) {
      State large = state_for(rule, 50'021), small = state_for(rule, 7), middle = state_for(rule, 1'300);
      const std::vector<Update> all{call_of(large, rule), call_of(small, rule), call_of(middle, rule)};
      update(all, {default_isa(), executor});
      std::vector<float> one = large.p;
      one.insert(one.end(), small.p.begin(), small.p.end());
      one.insert(one.end(), middle.s0.begin(), middle.s0.end());
      results.push_back(one);
    }
    EXPECT_TRUE(results[0] == results[1]);
    EXPECT_TRUE(results[0] == results[2]);
  }
}

TEST(Optimise, OldMomentsDoNotBecomeSubnormal) {
  constexpr float kTiny = std::numeric_limits<float>::min();
  for (const Isa isa : supported_isas()) {
    State s = random_state(37, 5);
    for (float& g : s.g) g = 0;
    for (float& m : s.s0) m = kTiny;
    for (float& v : s.s1) v = kTiny;
    Update u = call_of(s, UpdateRule::adam);
    u.keep = 1, u.penalty = 0;
    update({&u, 1}, {isa, &serial_executor()});
#if defined(__SSE__) || defined(__aarch64__)
    for (const float m : s.s0) EXPECT_NE(std::fpclassify(m), FP_SUBNORMAL);
    for (const float v : s.s1) EXPECT_NE(std::fpclassify(v), FP_SUBNORMAL);
#endif
    EXPECT_GT(kTiny / 2, 0.0f);  // what the caller computes keeps its own rules
  }
}

TEST(Optimise, NormsBoundAndScaleAndBlend) {
  for (const Isa isa : supported_isas()) {
    const kernels::Run run{isa, &default_executor()};
    State s = random_state(35'011, 8);
    std::vector<Numbers> all{{s.p.data(), 35'011}, {s.g.data(), 19}};
    double squares = 0;
    for (std::size_t i = 0; i < s.p.size(); ++i)
      squares += double{s.p[i]} * double{s.p[i]} + (i < 19 ? double{s.g[i]} * double{s.g[i]} : 0);
    const std::vector<float> before = s.p;
    EXPECT_NEAR(bounded_norm(all, 0, run), std::sqrt(squares), 1e-10 * std::sqrt(squares));
    EXPECT_TRUE(s.p == before);
    bounded_norm(all, 0.5f, run);
    for (std::size_t i = 0; i < before.size(); ++i) ASSERT_EQ(s.p[i], std::min(0.5f, std::max(-0.5f, before[i])));
    scale(all, 0.25f, run);
    ASSERT_EQ(s.p[17], 0.25f * std::min(0.5f, std::max(-0.5f, before[17])));
    std::vector<float> average(before.size(), 2.0f);
    const Blend part{average.data(), before.data(), 35'011};
    blend({&part, 1}, 0.125f, run);
    for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(average[i], 2.0f + 0.125f * (before[i] - 2.0f), 1e-6f);
    s.p[12'345] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(std::isnan(bounded_norm(all, 0.5f, run)));
  }
}

}  // namespace
}  // namespace basewise::kernels
