#include "basewise/motifs/q_values.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace basewise::motifs {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

// R: p.adjust(c(0.04, 0.001, 0.03, 0.5, 0.001), "BH")
TEST(QValues, AreBenjaminiAndHochbergs) {
  const std::vector<double> p = {0.04, 0.001, 0.03, 0.5, 0.001};
  EXPECT_THAT(q_values(p), ElementsAre(DoubleEq(0.05), DoubleEq(0.0025), DoubleEq(0.05), DoubleEq(0.5), DoubleEq(0.0025)));
  EXPECT_THAT(q_values(p, 0.5), ElementsAre(DoubleEq(0.025), DoubleEq(0.00125), DoubleEq(0.025), DoubleEq(0.25), DoubleEq(0.00125)));
  EXPECT_TRUE(q_values({}).empty());
  EXPECT_THAT(q_values(std::vector{1e-300}), ElementsAre(1e-300));
}

TEST(QValues, ShareOfTrueNulls) {
  std::vector<double> even, half;
  for (int i = 0; i < 1000; ++i) {
    even.push_back((i + 0.5) / 1000);
    half.push_back(i % 2 ? (i + 0.5) / 1000 : 1e-9);
  }
  EXPECT_NEAR(true_null_share(even), 1, 0.01);
  EXPECT_NEAR(true_null_share(half), 0.5, 0.01);
  EXPECT_EQ(true_null_share(std::vector<double>(100, 0.01)), 1);   // too few to say
  EXPECT_EQ(true_null_share(std::vector<double>(200, 0.001)), 1);  // no threshold is reached
}

}  // namespace
}  // namespace basewise::motifs
