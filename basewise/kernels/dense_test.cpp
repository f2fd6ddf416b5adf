// Dense layers over length-major memory against sums in double:
// every instruction set, sizes around the blocks.
#include "basewise/kernels/dense.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/error.h"

namespace basewise::kernels {
namespace {

struct Problem {
  DenseShape s;
  std::int64_t sample = 0;  // numbers from example to example
  std::vector<float> x, weight, bias, dy;
};

Problem problem(const DenseShape& s) {
  std::mt19937 random(static_cast<unsigned>(s.batch + 100 * s.units));
  std::normal_distribution<float> normal;
  Problem p{s, s.length * s.channels + 5, {}, {}, {}, {}};
  const auto fill = [&](std::vector<float>& v, std::int64_t n) {
    v.resize(static_cast<std::size_t>(n));
    for (float& one : v) one = normal(random);
  };
  fill(p.x, s.batch * p.sample), fill(p.weight, s.units * s.channels * s.length), fill(p.bias, s.units), fill(p.dy, s.batch * s.units);
  return p;
}

struct Results {
  std::vector<float> y, dx, dweight, dbias;
  bool operator==(const Results&) const = default;
};

Results compute(const Problem& p, const kernels::Run& run) {
  Results r{std::vector<float>(p.dy.size()), std::vector<float>(p.x.size(), 7.0f), std::vector<float>(p.weight.size(), 7.0f),
            std::vector<float>(p.bias.size(), 7.0f)};
  const ConstBlock x{p.x.data(), p.sample, p.s.channels};
  dense_forward({p.s, x, p.weight.data(), p.bias.data(), r.y.data()}, run);
  dense_backward({p.s, p.dy.data(), x, p.weight.data(), {r.dx.data(), p.sample, p.s.channels}, r.dweight.data(), r.dbias.data()}, run);
  return r;
}

void expect_near(const std::vector<float>& found, const std::vector<double>& wanted, const char* what) {
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    largest = std::max(largest, std::abs(wanted[i])), error = std::max(error, std::abs(double{found[i]} - wanted[i]));
  EXPECT_LE(error, 2e-5 * largest) << what;
}

TEST(Dense, FollowsTheSumsInDouble) {
  for (const Isa isa : supported_isas())
    for (const DenseShape& s : {DenseShape{3, 5, 7, 11}, {37, 19, 65, 130}, {1, 1, 9, 2}, {100, 2, 33, 257}, {12, 33, 4, 32}}) {
      const Problem p = problem(s);
      std::vector<double> y(p.dy.size()), dx(p.x.size(), 7.0), dweight(p.weight.size()), dbias(p.bias.size());
      for (std::int64_t n = 0; n < s.batch; ++n)
        for (std::int64_t l = 0; l < s.length; ++l)
          for (std::int64_t c = 0; c < s.channels; ++c) dx[static_cast<std::size_t>(n * p.sample + l * s.channels + c)] = 0;
      for (std::int64_t n = 0; n < s.batch; ++n)
        for (std::int64_t u = 0; u < s.units; ++u) {
          const auto out = static_cast<std::size_t>(n * s.units + u);
          y[out] = p.bias[static_cast<std::size_t>(u)];
          dbias[static_cast<std::size_t>(u)] += double{p.dy[out]};
          for (std::int64_t l = 0; l < s.length; ++l)
            for (std::int64_t c = 0; c < s.channels; ++c) {
              const auto at = static_cast<std::size_t>(n * p.sample + l * s.channels + c),
                         w = static_cast<std::size_t>((u * s.channels + c) * s.length + l);
              y[out] += double{p.x[at]} * double{p.weight[w]};
              dx[at] += double{p.dy[out]} * double{p.weight[w]};
              dweight[w] += double{p.dy[out]} * double{p.x[at]};
            }
        }
      SCOPED_TRACE(format("{}: {} examples of ({}, {}) to {}", name(isa), s.batch, s.length, s.channels, s.units));
      const Results r = compute(p, {isa, &default_executor()});
      expect_near(r.y, y, "y"), expect_near(r.dx, dx, "dx"), expect_near(r.dweight, dweight, "dweight"),
          expect_near(r.dbias, dbias, "dbias");
    }
}

TEST(Dense, DoesNotDependOnWhoRunsThePieces) {
  const Problem p = problem({61, 35, 70, 140});
  const Executor backwards = [](std::int64_t n, const std::function<void(std::int64_t)>& task) {
    for (std::int64_t i = n - 1; i >= 0; --i) task(i);
  };
  const Results serial = compute(p, {default_isa(), &serial_executor()});
  EXPECT_TRUE(serial == compute(p, {default_isa(), &backwards}));
  EXPECT_TRUE(serial == compute(p, {default_isa(), &default_executor()}));
}

TEST(Dense, RefusesRowsWithGaps) {
  float number = 0;
  EXPECT_THROW(dense_forward({{1, 2, 3, 4}, {&number, 10, 5}, &number, nullptr, &number}), ArgumentError);
}

}  // namespace
}  // namespace basewise::kernels
