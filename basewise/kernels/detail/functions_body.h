// Functions of each value and their derivatives, over rows; part of micro_body.h.
#pragma once

#include "basewise/kernels/detail/mathematics_body.h"
#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

// ---- functions of each value --------------------------------------------------------------------------------------------

template <Function F>
inline Vec apply(Vec v) {
  if constexpr (F == Function::relu) return largest(v, Vec{});
  else if constexpr (F == Function::exponential) return exponential_of(v);
  else return v;
}

// Derivative from the value z after the function.
template <Function F>
inline Vec through(Vec dy, Vec z) {
  if constexpr (F == Function::relu) return z > Vec{} ? dy : Vec{};
  else if constexpr (F == Function::exponential) return dy * z;
  else return dy;
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
  switch (c.function) {
    case Function::identity: return map_of<Function::identity>(c);
    case Function::relu: return map_of<Function::relu>(c);
    case Function::exponential: return map_of<Function::exponential>(c);
  }
}

// The gradient before the function for columns i ... of a row.
template <Function F, class Get>
inline __attribute__((always_inline)) Vec before(const GradientCall& c, const float* dy, const float* value, const float* x, Index i, Get get) {
  if constexpr (F == Function::identity) return get(dy + i);
  if (value != nullptr) return through<F>(get(dy + i), get(value + i));
  return through<F>(get(dy + i), apply<F>((get(x + i) - get(c.centre + i)) * get(c.scale + i) + get(c.shift + i)));
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
  switch (c.function) {
    case Function::identity: return gradient_of<Function::identity>(c);
    case Function::relu: return gradient_of<Function::relu>(c);
    case Function::exponential: return gradient_of<Function::exponential>(c);
  }
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
  switch (c.function) {
    case Function::identity: return gradient_moments_of<Function::identity>(c, sum, product);
    case Function::relu: return gradient_moments_of<Function::relu>(c, sum, product);
    case Function::exponential: return gradient_moments_of<Function::exponential>(c, sum, product);
  }
}

}  // namespace
}  // namespace basewise::kernels::detail
