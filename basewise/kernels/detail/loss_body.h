// Losses of number against number, a row at a time; part of micro_body.h.
#pragma once

#include "basewise/kernels/detail/loss_row.h"
#include "basewise/kernels/detail/mathematics_body.h"
#include "basewise/kernels/loss_kind.h"

namespace basewise::kernels::detail {
namespace {

struct ValueAndSlope {
  Vec value;
  Vec slope;  // d value / dx
};

template <PointLoss K>
inline __attribute__((always_inline)) ValueAndSlope loss_at(const LossRow& c, Vec x, Vec y, Vec w) {
  if constexpr (K == PointLoss::square) {
    const Vec d = x - y;
    return {d * d, d + d};
  } else if constexpr (K == PointLoss::poisson) {
    const Vec rate = x + c.epsilon;
    return {x - y * logarithm_of(rate), 1.0f - y / rate};
  } else if constexpr (K == PointLoss::log_poisson) {
    const Vec rate = exponential_of(x);
    return {rate - y * x, rate - y};
  } else {
    // (1 - y) x + f (log(1 + e^-|x|) + max(-x, 0)), f = 1 + (w - 1) y; the linear parts are added
    // first, where they cancel.
    const Vec label = y * (1.0f - c.smoothing) + 0.5f * c.smoothing;
    const Vec e = exponential_of(-magnitude(x)), share = e / (1.0f + e);  // s(-|x|)
    const Vec factor = 1.0f + (w - 1.0f) * label, rest = 1.0f - label;
    const Vec linear = x < Vec{} ? rest - factor : rest;
    const Vec curve = factor * share;
    return {linear * x + factor * logarithm_of_one_and(e), x < Vec{} ? linear + curve : linear - curve};
  }
}

inline double total_of(Vec v) {
  double total = 0;
  for (int lane = 0; lane < kVector; ++lane) total += static_cast<double>(v[lane]);
  return total;
}

template <PointLoss K>
double loss_row_of(const LossRow& c) {
  constexpr Index kBetween = 16 * kVector;  // numbers that are summed in single precision before they join the total
  Vec sum = {};
  double total = 0;
  over_columns(c.n, [&](Index i, auto get, auto put) {
    const Vec one = Vec{} + 1.0f, weight = c.weight != nullptr ? get(c.weight + i) : one;
    ValueAndSlope v = loss_at<K>(c, get(c.x + i), get(c.y + i), weight);
    if (c.measured != nullptr) {
      const Bits counts = get(c.measured + i) != Vec{};
      v.value = counts ? v.value : Vec{};
      v.slope = counts ? v.slope : Vec{};
    } else if (i + kVector > c.n) {
      for (Index lane = c.n - i; lane < kVector; ++lane) v.value[lane] = 0;  // what a register holds beyond the row
    }
    sum += v.value;
    if (i % kBetween == kBetween - kVector) total += total_of(sum), sum = Vec{};
    if (c.gradient != nullptr) put(c.gradient + i, v.slope * c.factor);
  });
  return total + total_of(sum);
}

double loss_row(const LossRow& c) {
  switch (c.kind) {
    case PointLoss::square:
      return loss_row_of<PointLoss::square>(c);
    case PointLoss::poisson:
      return loss_row_of<PointLoss::poisson>(c);
    case PointLoss::log_poisson:
      return loss_row_of<PointLoss::log_poisson>(c);
    case PointLoss::cross_entropy:
      return loss_row_of<PointLoss::cross_entropy>(c);
  }
  return 0;
}

}  // namespace
}  // namespace basewise::kernels::detail
