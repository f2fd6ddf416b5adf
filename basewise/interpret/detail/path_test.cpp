#include "basewise/interpret/detail/path.h"

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

namespace basewise::interpret::detail {
namespace {

using Function = std::function<double(double)>;

struct Walked {
  std::vector<double> places, weights;
  int rounds = 0;
  double sum(const Function& f) const {
    double all = 0;
    for (std::size_t i = 0; i < places.size(); ++i) all += weights[i] * f(places[i]);
    return all;
  }
};

Walked walk(std::int64_t steps, const Function& value, const Function& slope) {
  AdaptivePlaces path(steps);
  Walked walked;
  for (std::vector<double> places = path.next(); !places.empty(); places = path.next(), ++walked.rounds) {
    std::vector<double> values, slopes;
    for (const double at : places) values.push_back(value(at)), slopes.push_back(slope(at));
    path.add(places, values, slopes);
    walked.places.insert(walked.places.end(), places.begin(), places.end());
  }
  walked.weights = path.weights();
  return walked;
}

TEST(AdaptivePlaces, AreAsManyAsAskedForInNineRounds) {
  for (const std::int64_t steps : {4, 5, 6, 7, 8, 15, 16, 37, 100}) {
    const Walked walked = walk(steps, [](double t) { return std::exp(3 * t); }, [](double t) { return 3 * std::exp(3 * t); });
    EXPECT_EQ(std::ssize(walked.places), steps);
    EXPECT_LE(walked.rounds, 9) << steps;
    EXPECT_NEAR(std::accumulate(walked.weights.begin(), walked.weights.end(), 0.0), 1, 1e-12);
    // A slope that is a straight line is summed exactly wherever the places are.
    EXPECT_NEAR(walked.sum([](double t) { return 2 * t; }), 1, 1e-12) << steps;
  }
}

// Eight rounds halve the piece that holds the kink, and no other.
TEST(AdaptivePlaces, GatherWhereTheSlopeJumps) {
  const double kink = 0.377;
  const Function value = [&](double t) { return std::max(0.0, t - kink); }, slope = [&](double t) { return t > kink ? 1.0 : 0.0; };
  const Walked walked = walk(16, value, slope);
  const double piece = 1.0 / 7 / 256;
  EXPECT_LE(std::abs(walked.sum(slope) - value(1)), piece / 2);
  double left = 0, right = 1;
  for (const double t : walked.places) t < kink ? left = std::max(left, t) : right = std::min(right, t);
  EXPECT_NEAR(right - left, piece, 1e-12);
}

TEST(AdaptivePlaces, OfEqualErrorsTheFirstPieceIsHalved) {
  const Walked walked = walk(8, [](double) { return 2.0; }, [](double) { return 0.0; });
  const std::vector<double> third = {0, 1.0 / 3, 2.0 / 3, 1};
  for (std::size_t i = 0; i < third.size(); ++i) EXPECT_DOUBLE_EQ(walked.places[i], third[i]);
  EXPECT_DOUBLE_EQ(walked.places[4], 1.0 / 6);
}

TEST(AdaptivePlaces, AreThereForWhatIsNoNumber) {
  const Function nothing = [](double t) { return t > 0.6 ? std::numeric_limits<double>::quiet_NaN() : 1.0; };
  EXPECT_EQ(walk(16, nothing, nothing).places.size(), 16);
}

}  // namespace
}  // namespace basewise::interpret::detail
