// The pieces that look at the bases around a base, against plain loops.
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/prepare/detail/chrom_counts.h"
#include "basewise/prepare/detail/event_store.h"
#include "basewise/prepare/detail/fragment_shift.h"
#include "basewise/prepare/detail/gaussian.h"
#include "basewise/prepare/detail/poisson_clip.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare::detail {
namespace {

using testing::HasSubstr;

/// The weighted mean around a base, over the bases within three standard deviations.
double mean_around(const std::vector<float>& values, std::int64_t at, double sd) {
  double sum = 0, weights = 0;
  const auto length = static_cast<std::int64_t>(values.size());
  for (std::int64_t i = 0; i < length; ++i) {
    const auto d = static_cast<double>(i - at);
    if (std::abs(i - at) > static_cast<std::int64_t>(3 * sd + 0.5)) continue;
    const double weight = std::exp(-d * d / (2 * sd * sd));
    weights += weight;
    sum += weight * static_cast<double>(values[static_cast<std::size_t>(i)]);
  }
  return sum / weights;
}

TEST(Gaussian, SmoothsAsPlainLoopsDoInPiecesToo) {
  std::mt19937 draw(7);
  for (const double sd : {0.4, 2.0, 16.0, 90.0}) {
    const Gaussian gaussian(sd);
    std::vector<float> values(131);
    for (float& v : values) v = draw() % 4 == 0 ? static_cast<float>(draw() % 9) : 0.0F;
    const std::int64_t length = 131, r = gaussian.radius();
    std::vector<float> whole(131);
    gaussian.smooth(values, 0, 0, length, whole);
    for (std::int64_t at = 0; at < length; ++at)
      EXPECT_NEAR(whole[static_cast<std::size_t>(at)], mean_around(values, at, sd), 1e-5) << sd << " " << at;
    for (std::int64_t start = 0; start < length; start += 37) {
      const std::int64_t end = std::min(length, start + 37), from = std::max<std::int64_t>(0, start - r), to = std::min(length, end + r);
      std::vector<float> piece(static_cast<std::size_t>(end - start));
      const auto part = std::span(values).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
      gaussian.smooth(part, from, start, length, piece);
      for (std::int64_t at = start; at < end; ++at)
        EXPECT_EQ(piece[static_cast<std::size_t>(at - start)], whole[static_cast<std::size_t>(at)]) << "not bit for bit";
    }
  }
  EXPECT_THAT(error_text<ArgumentError>([] { Gaussian(0); }), HasSubstr("standard deviation of 0"));
}

TEST(PoissonLimit, IsTheFirstCountWhoseTailIsSmallEnough) {
  // By hand: mean 0.01 has P(X > 0) = 0.00995, mean 0.0102 has 0.01015; mean 1 has
  // P(X > 3) = 0.01899, P(X > 4) = 0.00366.
  EXPECT_EQ(poisson_limit(0, 0.01), 0);
  EXPECT_EQ(poisson_limit(0.01, 0.01), 0);
  EXPECT_EQ(poisson_limit(0.0102, 0.01), 1);
  EXPECT_EQ(poisson_limit(1, 0.01), 4);
  for (const double mean : {0.3, 2.0, 7.7, 41.0, 300.0})
    for (const double tail : {0.5, 0.1, 0.01, 1e-6}) {
      double below = 0, k = 0;
      for (;; ++k) {
        below += std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
        if (1 - below <= tail) break;
      }
      EXPECT_EQ(poisson_limit(mean, tail), k) << mean << " " << tail;
      EXPECT_EQ(poisson_clipped(k + 3, mean, tail), k);
      EXPECT_EQ(poisson_clipped(k, mean, tail), k);
      EXPECT_EQ(poisson_clipped(0.5, mean, tail), std::min(0.5, k));
    }
  EXPECT_THAT(error_text<ArgumentError>([] { poisson_limit(-1, 0.01); }), HasSubstr("mean -1"));
  EXPECT_THAT(error_text<ArgumentError>([] { poisson_limit(1, 0.7); }), HasSubstr("a tail up to 0.5"));
}

TEST(ChromCounts, GiveAnyStretch) {
  std::mt19937 draw(11);
  const std::int64_t length = 200'003;
  std::vector<float> points(static_cast<std::size_t>(length)), covered(static_cast<std::size_t>(length));
  std::vector<Event> ends, steps;
  for (int i = 0; i < 3000; ++i) {
    const auto start = static_cast<std::uint32_t>(draw() % 200'000);
    const auto end = std::min(start + 1 + static_cast<std::uint32_t>(draw() % 9000), 200'003U);
    const float weight = 1 + static_cast<float>(draw() % 3);
    points[start] += weight;
    ends.push_back({start, weight});
    for (std::uint32_t at = start; at < end; ++at) covered[at] += weight;
    steps.push_back({start, weight});
    steps.push_back({end, -weight});
  }
  const ChromCounts by_point(ends, length, false), by_stretch(steps, length, true);
  const std::vector<std::pair<std::int64_t, std::int64_t>> stretches = {{0, 200'003}, {65'535, 3}, {131'072, 68'000}, {199'990, 13}};
  for (const auto& [start, size] : stretches) {
    std::vector<float> one(static_cast<std::size_t>(size), 0.5F), other(static_cast<std::size_t>(size), 0);
    by_point.add_to(start, one);
    by_stretch.add_to(start, other);
    for (std::int64_t i = 0; i < size; ++i) {
      ASSERT_EQ(one[static_cast<std::size_t>(i)], points[static_cast<std::size_t>(start + i)] + 0.5F) << start + i;
      ASSERT_EQ(other[static_cast<std::size_t>(i)], covered[static_cast<std::size_t>(start + i)]) << start + i;
    }
  }
}

TEST(EventStore, GivesBackWhatWaitedInMemoryAndInTheFile) {
  const testing_files::Folder folder;
  {
    EventStore store(3, folder.path() / "x.bw", 5);
    for (int i = 0; i < 17; ++i) store.add(static_cast<std::size_t>(i % 2 * 2), i, i * 0.5);
    EXPECT_EQ(folder.count(), 1U) << "a temporary file";
    for (int time = 0; time < 2; ++time) {
      const auto events = store.load(2);
      ASSERT_EQ(events.size(), 8U);
      for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(events[i].position, 2 * i + 1);
        EXPECT_EQ(events[i].weight, static_cast<float>(2 * i + 1) * 0.5F);
      }
      EXPECT_EQ(store.load(1).size(), 0U);
    }
    store.add(1, 99, 1);
    EXPECT_EQ(store.load(1).size(), 1U);
    EXPECT_EQ(store.load(0).size(), 9U);
  }
  EXPECT_EQ(folder.count(), 0U);
}

TEST(FragmentShift, FindsThePlantedDistance) {
  std::mt19937 draw(3);
  for (const std::int64_t planted : {61, 147, 333}) {
    std::vector<Event> forward, reverse;
    for (int i = 0; i < 4000; ++i) {
      const auto at = static_cast<std::uint32_t>(draw() % 100'000);
      forward.push_back({at, 1});
      reverse.push_back({at + static_cast<std::uint32_t>(planted) + static_cast<std::uint32_t>(draw() % 9) - 4, 1});
    }
    const auto found = estimate_fragment(forward, reverse, 101'000);
    ASSERT_TRUE(found.has_value());
    EXPECT_NEAR(static_cast<double>(*found), static_cast<double>(planted), 4);
  }
  EXPECT_FALSE(estimate_fragment({{5, 1}}, {}, 1000).has_value());
}

TEST(FragmentShift, CovarianceIsThatOfPlainLoops) {
  const std::vector<Event> forward = {{3, 1}, {3, 1}, {10, 2}}, reverse = {{13, 1}, {23, 4}, {5, 1}};
  std::vector<double> left(40), right(40);
  for (const Event& e : forward) left[e.position] += static_cast<double>(e.weight);
  for (const Event& e : reverse) right[e.position] += static_cast<double>(e.weight);
  const auto covariance = strand_covariance(forward, reverse, 40, 2, 21);
  ASSERT_EQ(covariance.size(), 20U);
  for (std::size_t d = 2; d <= 21; ++d) {
    double sum = 0;
    for (std::size_t i = 0; i + d < 40; ++i) sum += left[i] * right[i + d];
    EXPECT_NEAR(covariance[d - 2], sum / 40 - 4.0 / 40 * 6 / 40, 1e-12) << d;
  }
}

}  // namespace
}  // namespace basewise::prepare::detail
