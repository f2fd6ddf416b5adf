// Functions of each value and their derivatives, over rows; part of micro_body.h.
#pragma once

#include "basewise/kernels/detail/mathematics_body.h"
#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

// ---- functions of each value --------------------------------------------------------------------

// What e^-x^2/2 and a polynomial give (Abramowitz and Stegun 1964, 7.1.26): the normal distribution
// to 1e-7, and x times its density.
struct Normal {
  Vec below;    // P(Z < x)
  Vec density;  // of Z at x
};
inline Normal normal_at(Vec x) {
  const Vec bell = exponential_of(-0.5f * x * x), t = 1.0f / (1.0f + 0.23164189f * magnitude(x));
  Vec p = Vec{} + 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const Vec tail = 0.5f * p * t * bell;
  return {x < Vec{} ? tail : 1.0f - tail, 0.398942280f * bell};
}

// 1 / (1 + e^-x)
inline Vec sigmoid_of(Vec x) { return 1.0f / (1.0f + exponential_of(-x)); }

// gelu_tanh is x s(u) with u = 2 sqrt(2 / pi) (x + 0.044715 x^3).
inline Vec gelu_argument(Vec x) { return x * (1.59576912f + 0.0713548162f * x * x); }

constexpr float kLeak = 0.01f;  // slope of leaky_relu below zero

template <Function F>
inline Vec apply(Vec v) {
  if constexpr (F == Function::relu)
    return rectified(v);
  else if constexpr (F == Function::exponential)
    return exponential_of(v);
  else if constexpr (F == Function::gelu)
    return v * normal_at(v).below;
  else if constexpr (F == Function::gelu_tanh)
    return v * sigmoid_of(gelu_argument(v));
  else if constexpr (F == Function::silu)
    return v * sigmoid_of(v);
  else if constexpr (F == Function::sigmoid)
    return sigmoid_of(v);
  else if constexpr (F == Function::tanh)
    return tangent_of(v);
  else if constexpr (F == Function::softplus)
    return largest(v, Vec{}) + logarithm_of_one_and(exponential_of(-magnitude(v)));
  else if constexpr (F == Function::elu)
    return v > Vec{} ? v : exponential_less_one(v > Vec{} ? Vec{} : v);
  else if constexpr (F == Function::leaky_relu)
    return v > Vec{} ? v : v * kLeak;
  else
    return v;
}

// Whether the derivative is known from what the function gave. Others need what it got.
template <Function F>
constexpr bool kFromValue = F != Function::gelu && F != Function::gelu_tanh && F != Function::silu;

// The gradient before the function, from the value z after it.
template <Function F>
inline Vec through(Vec dy, Vec z) {
  static_assert(kFromValue<F>);
  if constexpr (F == Function::relu)
    return z > Vec{} ? dy : Vec{};
  else if constexpr (F == Function::exponential)
    return dy * z;
  else if constexpr (F == Function::sigmoid)
    return dy * z * (1.0f - z);
  else if constexpr (F == Function::tanh)
    return dy * (1.0f - z * z);
  else if constexpr (F == Function::softplus)
    return -dy * exponential_less_one(-z);
  else if constexpr (F == Function::elu)
    return z > Vec{} ? dy : dy * (z + 1.0f);
  else if constexpr (F == Function::leaky_relu)
    return z > Vec{} ? dy : dy * kLeak;
  else
    return dy;
}

// The same, from the value x before the function.
template <Function F>
inline Vec through_input(Vec dy, Vec x) {
  if constexpr (F == Function::gelu) {
    const Normal n = normal_at(x);
    return dy * (n.below + x * n.density);
  } else if constexpr (F == Function::gelu_tanh) {
    const Vec s = sigmoid_of(gelu_argument(x));
    return dy * (s + x * s * (1.0f - s) * (1.59576912f + 0.214064449f * x * x));
  } else if constexpr (F == Function::silu) {
    const Vec s = sigmoid_of(x);
    return dy * (s + x * s * (1.0f - s));
  } else {
    return through<F>(dy, apply<F>(x));
  }
}

// The function as a type, for loops that are made for each.
template <Function F>
struct Of {
  static constexpr Function function = F;
};
template <class Body>
inline __attribute__((always_inline)) void for_function(Function f, Body body) {
  switch (f) {
    case Function::identity:
      return body(Of<Function::identity>{});
    case Function::relu:
      return body(Of<Function::relu>{});
    case Function::exponential:
      return body(Of<Function::exponential>{});
    case Function::gelu:
      return body(Of<Function::gelu>{});
    case Function::gelu_tanh:
      return body(Of<Function::gelu_tanh>{});
    case Function::silu:
      return body(Of<Function::silu>{});
    case Function::sigmoid:
      return body(Of<Function::sigmoid>{});
    case Function::tanh:
      return body(Of<Function::tanh>{});
    case Function::softplus:
      return body(Of<Function::softplus>{});
    case Function::elu:
      return body(Of<Function::elu>{});
    case Function::leaky_relu:
      return body(Of<Function::leaky_relu>{});
  }
}

template <Function F>
void map_of(const MapCall& c) {
  for (Index r = 0; r < c.rows; ++r) {
    const float* x = c.x.data + r * c.x.step;
    const float* skip = c.skip.data != nullptr ? c.skip.data + r * c.skip.step : nullptr;
    float* value = c.value.data != nullptr ? c.value.data + r * c.value.step : nullptr;
    float* out = c.out.data + r * c.out.step;
    over_columns(c.columns, [&](Index i, auto get, auto put) {
      Vec v = get(x + i);
      if (c.scale != nullptr) v = (v - get(c.centre + i)) * get(c.scale + i) + get(c.shift + i);
      v = apply<F>(v);
      if (value != nullptr) put(value + i, v);
      if (skip != nullptr) v += get(skip + i);
      put(out + i, v);
    });
  }
}

void map(const MapCall& c) {
  for_function(c.function, [&](auto f) { map_of<decltype(f)::function>(c); });
}

// The gradient before the function for columns i ... of a row.
template <Function F, class Get>
inline __attribute__((always_inline)) Vec before(const GradientCall& c, const float* dy, const float* value, const float* x, Index i,
                                                 Get get) {
  if constexpr (F == Function::identity) return get(dy + i);
  if constexpr (kFromValue<F>)
    if (value != nullptr) return through<F>(get(dy + i), get(value + i));
  const Vec at = get(x + i);
  return through_input<F>(get(dy + i), c.scale != nullptr ? (at - get(c.centre + i)) * get(c.scale + i) + get(c.shift + i) : at);
}

template <Function F>
void gradient_of(const GradientCall& c) {
  for (Index r = 0; r < c.rows; ++r) {
    const float* dy = c.dy.data + r * c.dy.step;
    const float* value = c.value.data != nullptr ? c.value.data + r * c.value.step : nullptr;
    const float* x = c.x.data != nullptr ? c.x.data + r * c.x.step : nullptr;
    float* out = c.out.data + r * c.out.step;
    over_columns(c.columns, [&](Index i, auto get, auto put) {
      Vec g = before<F>(c, dy, value, x, i, get);
      if (c.gain != nullptr) g = get(c.gain + i) * g + (get(c.slope + i) * (get(x + i) - get(c.centre + i)) + get(c.offset + i));
      put(out + i, g);
    });
  }
}

void gradient(const GradientCall& c) {
  for_function(c.function, [&](auto f) { gradient_of<decltype(f)::function>(c); });
}

template <Function F>
void gradient_moments_of(const GradientCall& c, float* sum, float* product) {
  over_columns(c.columns, [&](Index i, auto get, auto put) {
    const Vec centre = get(c.centre + i);
    Vec s = {}, p = {};
    for (Index r = 0; r < c.rows; ++r) {
      const float* x = c.x.data + r * c.x.step;
      const Vec g = before<F>(c, c.dy.data + r * c.dy.step, c.value.data != nullptr ? c.value.data + r * c.value.step : nullptr, x, i, get);
      s += g;
      p += g * (get(x + i) - centre);
    }
    put(sum + i, get(sum + i) + s);
    put(product + i, get(product + i) + p);
  });
}

void gradient_moments(const GradientCall& c, float* sum, float* product) {
  for_function(c.function, [&](auto f) { gradient_moments_of<decltype(f)::function>(c, sum, product); });
}

}  // namespace
}  // namespace basewise::kernels::detail
