// Rows of attention: softmax and its gradient, a register at a time; part of micro_body.h.
#pragma once

#include "basewise/kernels/detail/mathematics_body.h"

namespace basewise::kernels::detail {
namespace {

inline float sum_of(Vec v) {
  float total = 0;
  for (int lane = 0; lane < kVector; ++lane) total += v[lane];
  return total;
}

float largest_number(const float* x, Index n) {
  Vec best = Vec{} - __builtin_inff();
  Index i = 0;
  for (; i + kVector <= n; i += kVector) best = largest(load(x + i), best);
  float top = best[0];
  for (int lane = 1; lane < kVector; ++lane) top = best[lane] > top ? best[lane] : top;
  for (; i < n; ++i) top = x[i] > top ? x[i] : top;
  return top;
}

float exponential_row(float* x, Index n, float scale, float less) {
  Vec sum = {};
  over_columns(n, [&](Index i, auto get, auto put) {
    Vec e = exponential_of(get(x + i) * scale - less);
    put(x + i, e);
    if (i + kVector > n)
      for (Index lane = n - i; lane < kVector; ++lane) e[lane] = 0;  // what a register holds beyond the row
    sum += e;
  });
  return sum_of(sum);
}

void softmax_gradient_row(const float* p, float* dp, Index n, float mean, float scale) {
  over_columns(n, [&](Index i, auto get, auto put) { put(dp + i, get(p + i) * (get(dp + i) - mean) * scale); });
}

}  // namespace
}  // namespace basewise::kernels::detail
