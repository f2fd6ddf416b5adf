// Losses against their formulas in double: every instruction set, strides,
// masks, sizes around a register.
#include "basewise/kernels/loss.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace basewise::kernels {
namespace {

constexpr std::int64_t kBatch = 3, kRows = 45;

struct Numbers3 {
  std::vector<float> x, y, weight;
  std::vector<std::uint8_t> measured;
};

struct Pair {
  double value;
  double slope;
};

Pair expected(const LossCall& c, double x, double y, double w) {
  switch (c.kind) {
    case PointLoss::square:
      return {(x - y) * (x - y), 2 * (x - y)};
    case PointLoss::poisson:
      return {x - y * std::log(x + double{c.epsilon}), 1 - y / (x + double{c.epsilon})};
    case PointLoss::log_poisson:
      return {std::exp(x) - y * x, std::exp(x) - y};
    case PointLoss::cross_entropy:
      break;
  }
  const double label = y * (1 - double{c.smoothing}) + double{c.smoothing} / 2, s = 1 / (1 + std::exp(-x));
  return {w * label * std::log1p(std::exp(-x)) + (1 - label) * std::log1p(std::exp(x)), -w * label * (1 - s) + (1 - label) * s};
}

Numbers3 numbers(PointLoss kind, std::int64_t columns) {
  std::mt19937 random(static_cast<unsigned>(columns) + 7);
  std::normal_distribution<float> normal(0.0f, 3.0f);
  Numbers3 n;
  const bool rate = kind == PointLoss::poisson;
  for (std::int64_t i = 0; i < kBatch * kRows * columns; ++i) {
    const float z = normal(random);
    n.x.push_back(rate ? std::exp(z) : z);
    n.y.push_back(kind == PointLoss::square          ? normal(random)
                  : kind == PointLoss::cross_entropy ? static_cast<float>(i % 3 == 0)
                                                     : static_cast<float>(i % 5));
    n.measured.push_back(static_cast<std::uint8_t>(i % 7 != 2));
  }
  for (std::int64_t c = 0; c < columns; ++c) n.weight.push_back(0.5f + 0.25f * static_cast<float>(c % 9));
  return n;
}

// Target and mask with neighbouring rows, as a loader makes them, under an output with neighbouring
// columns.
LossCall across(Numbers3& n, PointLoss kind, std::int64_t columns, bool masked) {
  LossCall c;
  c.kind = kind;
  c.shape = {kBatch, kRows, columns};
  c.x = {n.x.data(), kRows * columns, columns};
  c.y = {n.y.data(), kRows * columns, 1, kRows};
  if (masked) c.measured = {n.measured.data(), kRows * columns, 1, kRows};
  if (kind == PointLoss::cross_entropy) c.weight = {n.weight.data(), 0, 0, 1}, c.smoothing = 0.1f;
  c.epsilon = 1e-3f, c.factor = 0.125f;
  return c;
}

constexpr PointLoss kKinds[] = {PointLoss::square, PointLoss::poisson, PointLoss::log_poisson, PointLoss::cross_entropy};

TEST(PointLoss, ValueAndGradientFollowTheFormulas) {
  for (const Isa isa : supported_isas())
    for (const PointLoss kind : kKinds)
      for (const std::int64_t columns : {1, 5, 33, 300})
        for (const bool masked : {false, true}) {
          Numbers3 n = numbers(kind, columns);
          LossCall c = across(n, kind, columns, masked);
          std::vector<float> gradient(n.x.size(), -77.0f);
          c.gradient = {gradient.data(), kRows * columns, columns};
          const double found = point_loss(c, {isa, &default_executor()});
          double sum = 0, size = 0;
          for (std::int64_t i = 0; i < kBatch * kRows * columns; ++i) {
            const std::int64_t sample = i / (kRows * columns), row = i / columns % kRows, column = i % columns;
            const auto at = static_cast<std::size_t>(i), other = static_cast<std::size_t>(sample * kRows * columns + column * kRows + row);
            const bool counts = !masked || n.measured[other] != 0;
            const Pair p = expected(c, n.x[at], n.y[other], c.weight.data != nullptr ? n.weight[static_cast<std::size_t>(column)] : 1.0);
            if (counts) sum += p.value, size += std::abs(p.value);
            if (!counts)
              ASSERT_EQ(gradient[at], 0.0f);
            else
              ASSERT_NEAR(gradient[at], 0.125 * p.slope, 2e-6 * std::max(1.0, std::abs(p.slope)))
                  << name(isa) << ", kind " << static_cast<int>(kind) << ", x " << n.x[at];
          }
          EXPECT_NEAR(found, sum, 1e-6 * size) << name(isa) << ", kind " << static_cast<int>(kind) << ", " << columns << " columns";
        }
}

TEST(PointLoss, IsTheSameForAnyOrderOfPiecesAndOfTheTarget) {
  const std::int64_t columns = 37;
  for (const PointLoss kind : kKinds) {
    Numbers3 n = numbers(kind, columns);
    const LossCall c = across(n, kind, columns, true);
    const Executor backwards = [](std::int64_t count, const std::function<void(std::int64_t)>& task) {
      for (std::int64_t i = count - 1; i >= 0; --i) task(i);
    };
    const double serial = point_loss(c, {default_isa(), &serial_executor()});
    EXPECT_EQ(serial, point_loss(c, {default_isa(), &backwards}));
    EXPECT_EQ(serial, point_loss(c, {default_isa(), &default_executor()}));
    std::vector<float> turned(n.y.size());
    for (std::int64_t i = 0; i < kBatch * kRows * columns; ++i)
      turned[static_cast<std::size_t>(i)] =
          n.y[static_cast<std::size_t>(i / (kRows * columns) * kRows * columns + i % columns * kRows + i / columns % kRows)];
    LossCall along = c;
    along.y = {turned.data(), kRows * columns, columns, 1};
    EXPECT_EQ(serial, point_loss(along, {default_isa(), &default_executor()}));
  }
}

TEST(PointLoss, WhatIsNotMeasuredMayBeAnything) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInf = std::numeric_limits<float>::infinity();
  for (const Isa isa : supported_isas())
    for (const PointLoss kind : kKinds) {
      std::vector<float> x(21, 0.5f), y(21, 1.0f), gradient(21);
      std::vector<std::uint8_t> measured(21, 1);
      x[3] = kNan, x[19] = -kInf, y[7] = kNan, y[20] = kInf;
      for (const std::size_t i : {3, 19, 7, 20}) measured[i] = 0;
      LossCall c;
      c.kind = kind;
      c.shape = {1, 1, 21};
      c.x = {x.data(), 21, 21}, c.y = {y.data(), 21, 21, 1}, c.measured = {measured.data(), 21, 21, 1};
      c.epsilon = 1e-8f, c.gradient = {gradient.data(), 21, 21};
      const double one = expected(c, 0.5, 1.0, 1.0).value;
      EXPECT_NEAR(point_loss(c, {isa, &serial_executor()}), 17 * one, 1e-5);
      for (const std::size_t i : {3, 19, 7, 20}) EXPECT_EQ(gradient[i], 0.0f);
    }
}

TEST(PointLoss, FarFromZeroNothingOverflowsThatNeedNot) {
  for (const Isa isa : supported_isas()) {
    for (const float x : {-150.0f, -30.0f, -1e-6f, 0.0f, 1e-6f, 30.0f, 150.0f})
      for (const float y : {0.0f, 1.0f}) {
        float gradient = 0;
        LossCall c;
        c.kind = PointLoss::cross_entropy;
        c.shape = {1, 1, 1};
        c.x = {&x, 1, 1}, c.y = {&y, 1, 1, 1}, c.gradient = {&gradient, 1, 1};
        const double found = point_loss(c, {isa, &serial_executor()}), wanted = expected(c, x, y, 1.0).value;
        EXPECT_NEAR(found, wanted, 1e-6 * std::max(wanted, 1e-12)) << x << " " << y << " " << name(isa);
        EXPECT_NEAR(gradient, expected(c, x, y, 1.0).slope, 1e-6);
      }
    const float rate = 0.0f, count = 2.0f;
    LossCall c;
    c.kind = PointLoss::poisson;
    c.shape = {1, 1, 1};
    c.x = {&rate, 1, 1}, c.y = {&count, 1, 1, 1};
    EXPECT_EQ(point_loss(c, {isa, &serial_executor()}), std::numeric_limits<double>::infinity());  // no rate and yet a count
  }
}

}  // namespace
}  // namespace basewise::kernels
