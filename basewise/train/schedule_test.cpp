#include "basewise/train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace basewise::train {
namespace {

TEST(Schedule, OneCycleFollowsPyTorch) {
  std::ifstream file("tests/golden/optim.json");  // made by tests/golden/optim_golden.py
  const auto golden = nlohmann::json::parse(file);
  ASSERT_EQ(golden["one_cycle"].size(), 2u);
  for (const auto& cycle : golden["one_cycle"]) {
    const ScheduleOptions o{.name = "one_cycle", .rise = cycle["rise"].get<double>(), .cycle_momentum = true};
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
  EXPECT_DOUBLE_EQ(factor({.name = "step", .every = 2, .factor = 0.5}, 13), 1);
  EXPECT_DOUBLE_EQ(factor({.name = "step", .every = 2, .factor = 0.5}, 14), 0.5);
  EXPECT_DOUBLE_EQ(factor({.name = "exponential", .factor = 0.9}, 21), std::pow(0.9, 3));
  EXPECT_DOUBLE_EQ(factor({.name = "cosine", .minimum = 0.2}, 0), 1);
  EXPECT_DOUBLE_EQ(factor({.name = "cosine", .minimum = 0.2}, 50), 0.6);
  EXPECT_DOUBLE_EQ(factor({.name = "cosine", .minimum = 0.2}, 100), 0.2);
  EXPECT_DOUBLE_EQ(factor({.name = "cosine", .warmup_steps = 4}, 1), 0.5);
  EXPECT_DOUBLE_EQ(factor({.name = "cosine", .warmup_steps = 4}, 4), 1);
  EXPECT_FALSE(schedule_momentum({.name = "one_cycle"}, {}).has_value());
}

TEST(Plateau, CutsAfterPatienceAndHasAFloor) {
  Plateau plateau({.name = "plateau", .factor = 0.5, .patience = 1, .minimum = 0.3});
  plateau.observe(1.0, false);
  plateau.observe(0.9, false);
  plateau.observe(0.95, false);
  EXPECT_EQ(plateau.factor(), 1);
  plateau.observe(std::numeric_limits<double>::quiet_NaN(), false);
  EXPECT_EQ(plateau.factor(), 0.5);
  Plateau resumed({.name = "plateau", .factor = 0.5, .patience = 1, .minimum = 0.3});
  resumed.set_state(plateau.state());
  for (int i = 0; i < 2; ++i) resumed.observe(0.95, false);
  EXPECT_EQ(resumed.factor(), 0.3);
}

TEST(Plateau, OtherSchedulesIgnoreValidation) {
  Plateau plateau({.name = "constant", .patience = 0});
  for (int i = 0; i < 5; ++i) plateau.observe(1.0, true);
  EXPECT_EQ(plateau.factor(), 1);
}

}  // namespace
}  // namespace basewise::train
