#include "basewise/train/schedule.h"

#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/error_text.h"

namespace basewise::train {
namespace {

using testing::HasSubstr;

TEST(Schedule, OneCycleFollowsPyTorch) {
  std::ifstream file("tests/golden/optim.json");  // made by tests/golden/optim_golden.py
  const auto golden = nlohmann::json::parse(file);
  ASSERT_EQ(golden["one_cycle"].size(), 2u);
  for (const auto& cycle : golden["one_cycle"]) {
    const ScheduleOptions o{.name = ScheduleKind::one_cycle, .rise = cycle["rise"].get<double>(), .cycle_momentum = true};
    const auto total = cycle["total"].get<std::int64_t>();
    for (std::int64_t step = 0; step < total; ++step) {
      const SchedulePoint point{.step = step, .total_steps = total};
      const auto i = static_cast<std::size_t>(step);
      EXPECT_NEAR(schedule_factor(o, point), cycle["rates"][i].get<double>(), 1e-12) << step;
      EXPECT_NEAR(schedule_momentum(o, point).value(), cycle["momenta"][i].get<double>(), 1e-12) << step;
    }
  }
}

TEST(Schedule, FactorsAtChosenPoints) {
  const auto factor = [](const ScheduleOptions& o, std::int64_t step) {
    return schedule_factor(o, {.step = step, .total_steps = 101, .steps_per_epoch = 7});
  };
  EXPECT_EQ(factor({}, 50), 1);
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::step, .every = 2, .factor = 0.5}, 13), 1);
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::step, .every = 2, .factor = 0.5}, 14), 0.5);
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::exponential, .factor = 0.9}, 21), std::pow(0.9, 3));
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::cosine, .minimum = 0.2}, 0), 1);
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::cosine, .minimum = 0.2}, 50), 0.6);
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::cosine, .minimum = 0.2}, 100), 0.2);
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::cosine, .warmup_steps = 4}, 1), 0.5);
  EXPECT_DOUBLE_EQ(factor({.name = ScheduleKind::cosine, .warmup_steps = 4}, 4), 1);
  EXPECT_FALSE(schedule_momentum({.name = ScheduleKind::one_cycle}, {}).has_value());
}

TEST(Plateau, CutsAfterPatienceAndHasAFloor) {
  Plateau plateau({.name = ScheduleKind::plateau, .factor = 0.5, .patience = 1, .minimum = 0.3});
  plateau.observe(1.0, false);
  plateau.observe(0.9, false);
  plateau.observe(0.95, false);
  EXPECT_EQ(plateau.factor(), 1);
  plateau.observe(std::numeric_limits<double>::quiet_NaN(), false);
  EXPECT_EQ(plateau.factor(), 1) << "a value that is not defined says nothing";
  plateau.observe(0.95, false);
  EXPECT_EQ(plateau.factor(), 0.5);
  Plateau resumed({.name = ScheduleKind::plateau, .factor = 0.5, .patience = 1, .minimum = 0.3});
  resumed.set_state(plateau.state());
  for (int i = 0; i < 2; ++i) resumed.observe(0.95, false);
  EXPECT_EQ(resumed.factor(), 0.3);
}

TEST(Plateau, ThresholdsAreSharesOrDifferences) {
  const auto factor_after = [](ThresholdMode mode, double better) {
    Plateau plateau({.name = ScheduleKind::plateau, .factor = 0.5, .patience = 0, .threshold = 0.01, .threshold_mode = mode});
    plateau.observe(0.5, true);
    plateau.observe(better, true);
    return plateau.factor();
  };
  EXPECT_EQ(factor_after(ThresholdMode::relative, 0.5051), 1);
  EXPECT_EQ(factor_after(ThresholdMode::relative, 0.5049), 0.5);
  EXPECT_EQ(factor_after(ThresholdMode::absolute, 0.5101), 1);
  EXPECT_EQ(factor_after(ThresholdMode::absolute, 0.5099), 0.5);
}

TEST(Plateau, OtherSchedulesIgnoreValidation) {
  Plateau plateau({.name = ScheduleKind::constant, .patience = 0});
  for (int i = 0; i < 5; ++i) plateau.observe(1.0, true);
  EXPECT_EQ(plateau.factor(), 1);
}

TEST(Schedule, WhatAnotherCourseUsesIsRefused) {
  const auto refusal = [](const std::string& toml) {
    ScheduleOptions o;
    return error_text<ArgumentError>([&] { read_toml(described(o), toml, "recipe.toml"); });
  };
  EXPECT_THAT(refusal("name = \"cosine\"\nevery = 3"), HasSubstr("every means nothing with name = \"cosine\"; name = \"step\" uses it"));
  EXPECT_THAT(refusal("name = \"one_cycle\"\nwarmup_steps = 3"), HasSubstr("warmup_steps means nothing with name = \"one_cycle\""));
  EXPECT_THAT(refusal("name = \"one_cycle\"\nmomentum_low = 0.5"), HasSubstr("momentum_low means nothing with cycle_momentum = false"));
  ScheduleOptions o;
  read_toml(described(o), "name = \"plateau\"\nminimum = 0.25\nfactor = 0.5", "recipe.toml");
  EXPECT_EQ(o.minimum, 0.25);
}

// Triangles (Smith 2017), and the single one of Basenji with the rate that follows it.
TEST(Schedule, CyclicalRisesAndFallsInStraightLines) {
  const ScheduleOptions o{.name = ScheduleKind::cyclical, .start_divisor = 4, .end_divisor = 10, .half_cycle = 5};
  const auto factor = [](const ScheduleOptions& s, std::int64_t step) { return schedule_factor(s, {.step = step, .total_steps = 100}); };
  EXPECT_DOUBLE_EQ(factor(o, 0), 0.25);
  EXPECT_DOUBLE_EQ(factor(o, 1), 0.25 + 0.75 / 5);
  EXPECT_DOUBLE_EQ(factor(o, 5), 1);
  EXPECT_DOUBLE_EQ(factor(o, 8), 0.25 + 0.75 * 2 / 5);
  for (std::int64_t step = 0; step < 10; ++step) EXPECT_DOUBLE_EQ(factor(o, step + 30), factor(o, step));
  ScheduleOptions once = o;
  once.cycles = 1;
  EXPECT_DOUBLE_EQ(factor(once, 9), factor(o, 9));
  EXPECT_DOUBLE_EQ(factor(once, 10), 1.0 / 40);
  EXPECT_DOUBLE_EQ(factor(once, 77), 1.0 / 40);
  ScheduleOptions warm = o;
  warm.warmup_steps = 4;
  EXPECT_DOUBLE_EQ(factor(warm, 1), factor(o, 1) / 2);
}

// Basset's rule: x 2/3 where (before - now) / before is below 0.0001;
// Basenji's: 0.0002, at most 8 times.
TEST(Stall, CutsWhereTheTrainingLossFallsTooLittle) {
  const ScheduleOptions o{.name = ScheduleKind::stall, .factor = 0.5, .threshold = 0.01, .most_cuts = 2};
  Plateau stall(o);
  const auto after = [&](double loss) {
    stall.observe_training(loss);
    return stall.factor();
  };
  EXPECT_EQ(after(10), 1);
  EXPECT_EQ(after(9), 1);
  EXPECT_EQ(after(8.9), 1) << "1.1 % are enough";
  EXPECT_EQ(after(8.85), 0.5) << "0.56 % are not";
  EXPECT_EQ(after(8), 0.5) << "each epoch is compared with the one before";
  Plateau resumed(o);
  resumed.set_state(stall.state());
  resumed.observe_training(9);
  EXPECT_EQ(resumed.factor(), 0.25) << "a rise is too little as well";
  resumed.observe_training(9);
  EXPECT_EQ(resumed.factor(), 0.25) << "no more than two cuts";
  stall.observe(1, false);
  EXPECT_EQ(stall.factor(), 0.5) << "validation means nothing to it";

  Plateau absolute({.name = ScheduleKind::stall, .factor = 0.5, .threshold = 0.01, .threshold_mode = ThresholdMode::absolute});
  absolute.observe_training(0.1);
  absolute.observe_training(0.095);
  EXPECT_EQ(absolute.factor(), 0.5);
  Plateau other({.name = ScheduleKind::plateau});
  other.observe_training(1);
  other.observe_training(1);
  EXPECT_EQ(other.factor(), 1);
}

}  // namespace
}  // namespace basewise::train
