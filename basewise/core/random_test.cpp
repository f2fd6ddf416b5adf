#include "basewise/core/random.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/detail/philox.h"
#include "basewise/core/detail/test_support.h"
#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Known answers of the authors: kat_vectors of Random123 1.14, lines "philox4x32 10".
TEST(Random, PhiloxGivesThePublishedAnswers) {
  EXPECT_EQ(detail::philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t f = 0xffffffff;
  EXPECT_EQ(detail::philox({f, f, f, f}, {f, f}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(detail::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// From a second implementation: tests/golden/core_stream.py.
// A change here changes every trained model.
TEST(Random, AStreamNeverChangesItsNumbers) {
  Stream s(7, 1, 2, 3);
  EXPECT_EQ(s.bits64(), 0x7372efb65e7b1853u);
  EXPECT_EQ(Stream(7).fork(5).bits64(), 0xda1776cefbe3b9aau);
}

TEST(Random, AStreamIsAFunctionOfItsKey) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    Stream one(seed, a, b, c), two(seed, a, b, c);
    for (int i = 0; i < 9; ++i) RC_ASSERT(one() == two());
    RC_ASSERT(Stream(seed, a, b, c).bits64() != Stream(seed, a, b, c + 1).bits64());
    RC_ASSERT(Stream(seed, a, b, c).bits64() != Stream(seed + 1, a, b, c).bits64());
  }));
}

TEST(Random, FillAndDiscardAreDraws) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Stream one(seed), many(seed), jumping(seed);
    for (int round = 0; round < 6; ++round) {
      std::vector<std::uint32_t> words(*rc::gen::inRange<std::size_t>(0, 40));
      many.fill(words);
      jumping.discard(words.size());
      for (const std::uint32_t word : words) RC_ASSERT(word == one());
    }
    const std::uint64_t after = one.bits64();
    RC_ASSERT(many.bits64() == after);
    RC_ASSERT(jumping.bits64() == after);
  }));
}

TEST(Random, AForkDoesNotDependOnWhatWasDrawn) {
  Stream parent(11, 4);
  const std::uint64_t before = parent.fork(9).bits64();
  parent();
  EXPECT_EQ(parent.fork(9).bits64(), before);
  std::set<std::uint64_t> children;
  for (std::uint64_t id = 0; id < 1000; ++id) children.insert(parent.fork(id).bits64());
  EXPECT_EQ(children.size(), 1000u);
  EXPECT_NE(parent.fork(1).fork(2).bits64(), parent.fork(2).fork(1).bits64());
}

TEST(Random, UniformHasTheRightMeanAndVariance) {
  Stream s(1);
  double sum = 0, squares = 0;
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = s.uniform();
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.004);  // 4.4 standard errors
  EXPECT_NEAR(squares / n, 1.0 / 3, 0.005);
}

TEST(Random, UniformStaysBelowItsOpenEnd) {
  Stream s(2);
  const double low = 1.0, high = std::nextafter(1.0, 2.0);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(s.uniform(low, high), low);
}

TEST(Random, BelowIsUnbiased) {
  Stream s(3);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts[s.below(7)];
  double chi2 = 0;
  for (const int c : counts) chi2 += (c - 10000.0) * (c - 10000.0) / 10000.0;
  EXPECT_LT(chi2, 22.5);  // p = 0.001 with 6 degrees of freedom
}

TEST(Random, IntegersReachBothEnds) {
  Stream s(4);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(s.integer(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(s.integer(5, 5), 5);
  const auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  EXPECT_NE(s.integer(least, most), s.integer(least, most));
}

TEST(Random, NormalHasTheRightMoments) {
  Stream s(5);
  const int n = 100000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < n; ++i) {
    const double x = s.normal();
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / n, 0, 0.014);
  EXPECT_NEAR(squares / n, 1, 0.02);
  EXPECT_NEAR(fourth / n, 3, 0.15);
}

TEST(Random, PoissonHasMeanAndVarianceOnBothSidesOfTheSwitch) {
  for (const double mean : {0.3, 4.0, 9.99, 10.0, 37.0, 1200.0}) {
    Stream s(6, static_cast<std::uint64_t>(mean * 100));
    const int n = 40000;
    double sum = 0, squares = 0;
    for (int i = 0; i < n; ++i) {
      const auto x = static_cast<double>(s.poisson(mean));
      ASSERT_GE(x, 0);
      sum += x;
      squares += x * x;
    }
    const double average = sum / n, variance = squares / n - average * average;
    EXPECT_NEAR(average, mean, 4.5 * std::sqrt(mean / n)) << mean;
    EXPECT_NEAR(variance / mean, 1, 0.06) << mean;
  }
  EXPECT_EQ(Stream(1).poisson(0), 0);
}

TEST(Random, ChoiceFollowsItsWeightsAndSkipsZeros) {
  Stream s(8);
  const std::vector<double> weights = {0, 1, 0, 3, 0};
  std::array<int, 5> counts{};
  for (int i = 0; i < 20000; ++i) ++counts[s.choice(weights)];
  EXPECT_EQ(counts[0] + counts[2] + counts[4], 0);
  EXPECT_NEAR(counts[3] / 20000.0, 0.75, 0.014);
}

TEST(Random, PermutationsHoldEveryNumberOnce) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const auto n = *rc::gen::inRange<std::int64_t>(0, 300);
    auto order = Stream(seed).permutation(n);
    std::sort(order.begin(), order.end());
    RC_ASSERT(static_cast<std::int64_t>(order.size()) == n);
    for (std::int64_t i = 0; i < n; ++i) RC_ASSERT(order[static_cast<std::size_t>(i)] == i);
  }));
}

TEST(Random, EveryOrderOfThreeIsEquallyLikely) {
  std::map<std::vector<std::int64_t>, int> counts;
  for (std::uint64_t i = 0; i < 12000; ++i) ++counts[Stream(9, i).permutation(3)];
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 2000, 180);
}

TEST(Random, ErrorsNameTheValue) {
  Stream s(1);
  EXPECT_EQ(error_text<ArgumentError>([&] { s.below(0); }), "Stream::below(0): there is no integer below 0; pass a positive bound");
  EXPECT_EQ(error_text<ArgumentError>([&] { s.integer(3, 2); }), "Stream::integer(3, 2): the low end is above the high end");
  EXPECT_EQ(error_text<ArgumentError>([&] { s.poisson(-1); }), "Stream::poisson: the mean is -1; it must be finite and >= 0");
  EXPECT_EQ(error_text<ArgumentError>([&] {
              s.choice(std::vector<double>{0, 0});
            }),
            "Stream::choice: the weights sum to 0; a positive finite sum is needed");
  EXPECT_EQ(error_text<ArgumentError>([&] {
              s.choice(std::vector<double>{1, -2});
            }),
            "Stream::choice: a weight is -2; weights must be >= 0");
  EXPECT_EQ(error_text<ArgumentError>([&] { s.permutation(-1); }), "Stream::permutation(-1): the length must be >= 0");
}

}  // namespace
}  // namespace basewise
