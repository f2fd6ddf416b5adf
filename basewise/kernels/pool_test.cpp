// Pooling and dropout against their definitions.
#include "basewise/kernels/pool.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace basewise::kernels {
namespace {

std::vector<float> numbers(std::int64_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> all(static_cast<std::size_t>(n));
  for (float& v : all) v = std::round(4 * normal(random)) / 4;  // coarse, so that there are ties
  return all;
}

TEST(Pool, EqualsItsDefinitionForRandomShapes) {
  for (const Isa isa : supported_isas())
    EXPECT_TRUE(rc::check([&] {
      PoolShape s;
      s.batch = *rc::gen::inRange<std::int64_t>(1, 4);
      s.channels = *rc::gen::inRange<std::int64_t>(1, 40);
      s.width = *rc::gen::inRange<std::int64_t>(1, 9);
      s.stride = *rc::gen::inRange<std::int64_t>(1, 11);
      s.pad_left = *rc::gen::inRange<std::int64_t>(0, s.width);
      s.pad_right = *rc::gen::inRange<std::int64_t>(0, s.width);
      s.length = s.width + *rc::gen::inRange<std::int64_t>(0, 300);
      const std::int64_t out = s.output_length();
      const auto x = numbers(s.batch * s.length * s.channels, 1), dy = numbers(s.batch * out * s.channels, 2);
      for (const Pooling kind : {Pooling::largest, Pooling::mean}) {
        std::vector<float> y(dy.size()), dx(x.size(), 99.0f), expected_y(dy.size()), expected_dx(x.size());
        std::vector<std::uint8_t> which(dy.size());
        const kernels::Run run{isa, &default_executor()};
        pool_forward(s, kind, {x.data(), s.length * s.channels, s.channels}, {y.data(), out * s.channels, s.channels}, which.data(), run);
        pool_backward(s, kind, {dy.data(), out * s.channels, s.channels}, which.data(),
                      {dx.data(), s.length * s.channels, s.channels}, run);
        for (std::int64_t n = 0; n < s.batch; ++n)
          for (std::int64_t i = 0; i < out; ++i)
            for (std::int64_t c = 0; c < s.channels; ++c) {
              std::vector<std::int64_t> inside;
              for (std::int64_t l = i * s.stride - s.pad_left; l < i * s.stride - s.pad_left + s.width; ++l)
                if (l >= 0 && l < s.length) inside.push_back(l);
              const auto at = [&](std::int64_t l) { return static_cast<std::size_t>((n * s.length + l) * s.channels + c); };
              const auto o = static_cast<std::size_t>((n * out + i) * s.channels + c);
              std::int64_t best = inside.front();
              double sum = 0;
              for (const std::int64_t l : inside) {
                sum += double{x[at(l)]};
                if (x[at(l)] > x[at(best)]) best = l;
              }
              const auto count = static_cast<double>(inside.size());
              expected_y[o] = kind == Pooling::largest ? x[at(best)] : static_cast<float>(sum / count);
              if (kind == Pooling::largest) expected_dx[at(best)] += dy[o];
              else
                for (const std::int64_t l : inside) expected_dx[at(l)] += static_cast<float>(double{dy[o]} / count);
            }
        for (std::size_t i = 0; i < y.size(); ++i) RC_ASSERT(std::abs(y[i] - expected_y[i]) <= 1e-5f);
        for (std::size_t i = 0; i < dx.size(); ++i) RC_ASSERT(std::abs(dx[i] - expected_dx[i]) <= 1e-5f);
      }
    }));
}

TEST(Dropout, IsAPureFunctionOfKeyAndPlaceWithTheRateAskedFor) {
  constexpr std::int64_t kCount = 200'003;
  const std::vector<float> x(kCount, 1.0f);
  std::vector<float> first(x.size()), again(x.size()), other(x.size());
  dropout(x.data(), first.data(), kCount, 0.3, 12345, {default_isa(), &default_executor()});
  for (const Isa isa : supported_isas()) {
    dropout(x.data(), again.data(), kCount, 0.3, 12345, {isa, &serial_executor()});
    EXPECT_EQ(first, again);
  }
  dropout(x.data(), other.data(), kCount, 0.3, 12346, {default_isa(), &serial_executor()});
  std::int64_t kept = 0, both = 0, neighbours = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_TRUE(first[i] == 0.0f || std::abs(first[i] - 1.0f / 0.7f) < 1e-6f);
    kept += first[i] != 0, both += first[i] != 0 && other[i] != 0;
    neighbours += i > 0 && first[i] != 0 && first[i - 1] != 0;
  }
  // Five standard deviations of a binomial count.
  const auto near = [](std::int64_t count, double share) {
    return std::abs(static_cast<double>(count) - kCount * share) < 5 * std::sqrt(kCount * share * (1 - share)) + 1;
  };
  EXPECT_TRUE(near(kept, 0.7)) << kept;
  EXPECT_TRUE(near(both, 0.49)) << both;
  EXPECT_TRUE(near(neighbours, 0.49)) << neighbours;
}

}  // namespace
}  // namespace basewise::kernels
