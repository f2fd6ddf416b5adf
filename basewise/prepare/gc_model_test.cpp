#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/prepare/detail/gc_model.h"

namespace basewise::prepare::detail {
namespace {

TEST(GcShares, AreWeightedMeansOverWhatIsKnown) {
  std::mt19937 draw(2);
  std::vector<seq::Token> tokens(83);
  for (auto& token : tokens) token = static_cast<seq::Token>(draw() % 5);
  const double sd = 5;
  const Gaussian gaussian(sd);
  const GcShares shares(tokens, 1000, gaussian);
  for (std::int64_t at = 0; at < 83; ++at) {
    double gc = 0, known = 0;
    for (std::int64_t i = 0; i < 83; ++i) {
      const auto d = static_cast<double>(i - at);
      const auto token = tokens[static_cast<std::size_t>(i)];
      if (std::abs(i - at) > 15 || token == seq::kN) continue;
      const double weight = std::exp(-d * d / (2 * sd * sd));
      known += weight;
      if (token == seq::kC || token == seq::kG) gc += weight;
    }
    EXPECT_NEAR(shares.at(1000 + at), gc / known, 1e-12) << at;
  }
  EXPECT_TRUE(std::isnan(GcShares(std::vector<seq::Token>(9, seq::kN), 0, gaussian).at(4)));
}

TEST(GcModel, FindsACubicAndDividesByIt) {
  const auto truth = [](double share) {
    const double x = share - 0.5;
    return 1.5 + 2 * x - 3 * x * x + 4 * x * x * x;
  };
  GcPoints one, two;
  double mean = 0;
  constexpr int kPoints = 400'000;
  for (int i = 0; i < kPoints; ++i) {
    const double share = 0.2 + 0.5 * i / kPoints;
    (i % 3 == 0 ? one : two).add(share, truth(share));
    mean += truth(share) / kPoints;
  }
  one.merge(two);
  EXPECT_EQ(one.count(), kPoints);
  const GcModel model(one);
  EXPECT_NEAR(model.coefficients()[0], 1.5, 0.005) << "the penalty draws it a little";
  EXPECT_NEAR(model.coefficients()[1], 2, 0.1);
  for (const double share : {0.21, 0.4, 0.5, 0.69}) EXPECT_NEAR(model.factor(share), std::exp2(truth(share) - mean), 0.01) << share;
  EXPECT_EQ(model.factor(0.05), model.factor(0.1)) << "outside of what was seen";
  EXPECT_NEAR(model.factor(0.95), std::exp2(truth(0.7) - mean), 0.02);
  EXPECT_EQ(model.factor(std::nan("")), 1);
}

}  // namespace
}  // namespace basewise::prepare::detail
