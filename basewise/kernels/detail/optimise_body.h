// Steps of optimisers; part of micro_body.h. Plain loops, one statement per rule:
// the compiler makes registers of them.
#pragma once

#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/update.h"

namespace basewise::kernels::detail {
namespace {

// Subnormal numbers are zero within the scope: moments of weights whose gradient stays zero shrink
// into them, and processors then take a hundred times as long.
class FlushScope {
 public:
#if defined(__SSE__)
  FlushScope() : before_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(before_ | 0x8040u); }
  ~FlushScope() { __builtin_ia32_ldmxcsr(before_); }

 private:
  unsigned before_;
#elif defined(__aarch64__)
  FlushScope() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" ::"r"(before_ | (1ull << 24)) : "memory");
  }
  ~FlushScope() { asm volatile("msr fpcr, %0" ::"r"(before_) : "memory"); }

 private:
  std::uint64_t before_;
#endif
};

inline float gradient_at(const Update& u, Index i, float p) { return u.gradient[i] + u.penalty * p; }

template <bool Nesterov>
void update_sgd(const Update& u) {
  float* __restrict parameter = u.parameter;
  float* __restrict direction = u.slots[0];
  for (Index i = 0; i < u.n; ++i) {
    const float p = parameter[i] * u.keep, g = gradient_at(u, i, p);
    const float b = u.momentum * direction[i] + g;
    direction[i] = b;
    parameter[i] = p - u.rate * (Nesterov ? g + u.momentum * b : b);
  }
}

template <bool Centred>
void update_rmsprop(const Update& u) {
  float* __restrict parameter = u.parameter;
  float* __restrict square = u.slots[0];
  float* __restrict mean = u.slots[1];
  float* __restrict direction = u.slots[2];
  for (Index i = 0; i < u.n; ++i) {
    const float p = parameter[i] * u.keep, g = gradient_at(u, i, p);
    float v = u.memory * square[i] + u.rest * g * g;
    square[i] = v;
    if constexpr (Centred) {
      const float m = mean[i] + u.rest * (g - mean[i]);
      mean[i] = m;
      v -= m * m;
    }
    const float d = u.momentum * direction[i] + g / (__builtin_sqrtf(v) + u.epsilon);
    direction[i] = d;
    parameter[i] = p - u.rate * d;
  }
}

void update_adam(const Update& u) {
  float* __restrict parameter = u.parameter;
  float* __restrict first = u.slots[0];
  float* __restrict second = u.slots[1];
  for (Index i = 0; i < u.n; ++i) {
    const float p = parameter[i] * u.keep, g = gradient_at(u, i, p);
    const float m = first[i] + u.lag * (g - first[i]);
    const float v = u.memory * second[i] + u.rest * g * g;
    first[i] = m;
    second[i] = v;
    parameter[i] = p - u.rate * (m / (__builtin_sqrtf(v) * u.root + u.epsilon));
  }
}

void update(const Update& u) {
  const FlushScope flush;
  switch (u.rule) {
    case UpdateRule::sgd:
      return update_sgd<false>(u);
    case UpdateRule::nesterov:
      return update_sgd<true>(u);
    case UpdateRule::rmsprop:
      return update_rmsprop<false>(u);
    case UpdateRule::centred:
      return update_rmsprop<true>(u);
    case UpdateRule::adam:
      return update_adam(u);
  }
}

double bounded_squares(float* x, Index n, float bound) {
  constexpr int kLanes = 16;  // sums side by side, the same number for every instruction set
  double sums[kLanes] = {};
  const auto one = [&](Index i) {
    float v = x[i];
    if (bound > 0) {
      v = v > bound ? bound : v;
      v = v < -bound ? -bound : v;
      x[i] = v;
    }
    return static_cast<double>(v) * static_cast<double>(v);
  };
  Index i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) sums[lane] += one(i + lane);
  double sum = 0;
  for (const double s : sums) sum += s;
  for (; i < n; ++i) sum += one(i);
  return sum;
}

}  // namespace
}  // namespace basewise::kernels::detail
