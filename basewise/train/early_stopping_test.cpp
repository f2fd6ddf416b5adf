#include "basewise/train/early_stopping.h"

#include <gtest/gtest.h>

#include <limits>

namespace basewise::train {
namespace {

TEST(Selection, StopsAfterPatienceWithoutImprovement) {
  Selection s({.patience = 2, .min_delta = 0.1}, true);
  EXPECT_TRUE(s.observe(0.5, 1));
  EXPECT_FALSE(s.observe(0.55, 2));  // better by less than min_delta
  EXPECT_FALSE(s.exhausted());
  EXPECT_FALSE(s.observe(std::numeric_limits<double>::quiet_NaN(), 3));
  EXPECT_TRUE(s.exhausted());
  EXPECT_EQ(s.state().best_epoch, 1);
}

TEST(Selection, LowerIsBetterForLosses) {
  Selection s({}, false);
  EXPECT_FALSE(s.observe(std::numeric_limits<double>::infinity(), 1));
  EXPECT_TRUE(s.observe(0.5, 2));
  EXPECT_TRUE(s.observe(0.4, 3));
  EXPECT_FALSE(s.observe(0.6, 4));
  EXPECT_EQ(s.state().best, 0.4);
  EXPECT_FALSE(s.exhausted());  // patience 0 never stops
}

}  // namespace
}  // namespace basewise::train
