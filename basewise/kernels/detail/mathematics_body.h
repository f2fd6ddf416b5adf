// Exponentials, logarithms and what is made of them, a register at a time; part of micro_body.h.
#pragma once

#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

// e^x to about 1 unit in the last place: x = n ln 2 + r with |r| <= ln 2 / 2, e^r by a polynomial
// of degree 6 (Taylor, last coefficients adjusted to the interval), 2^n by building the exponent.
// Zero below -87.3, infinity above 88.7, NaN stays NaN.
inline Vec exponential_of(Vec x) {
  const Vec zero = {};
  const Vec low = zero - 87.3365448f, high = zero + 88.7228394f;
  Vec clamped = x < low ? low : x;
  clamped = clamped > high ? high : clamped;
  const Vec magic = zero + 12582912.0f;  // 1.5 * 2^23: adding it rounds to the nearest integer
  const Vec shifted = clamped * 1.44269504f + magic;
  const Vec n = shifted - magic;
  Vec r = clamped - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Vec p = zero + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  // In two halves, so that 2^128 does not overflow before the product is known to fit.
  const Bits whole = __builtin_convertvector(n, Bits);
  const Bits half = whole >> 1, rest = whole - half;
  const Bits first = (half + 127) << 23, second = (rest + 127) << 23;
  const Vec result = p * (Vec)first * (Vec)second;  // a cast between vectors keeps the bits
  const Vec below = x < low ? zero : result;
  const Vec above = x > high ? zero + __builtin_inff() : below;
  return x == x ? above : x;
}

// log x to about 1 unit in the last place (Cephes): x = 2^n m with sqrt(1/2) <= m < sqrt(2), log m
// by a polynomial. -inf for 0, NaN below.
inline Vec logarithm_of(Vec x) {
  const Vec zero = {};
  const Vec least = zero + 1.17549435e-38f;
  const Bits small = x < least;  // subnormal, zero or negative
  const Vec scaled = small ? x * 8388608.0f : x;
  const Bits bits = (Bits)scaled;
  Bits n = ((bits >> 23) & 255) - 126;
  n = small ? n - 23 : n;
  Vec m = (Vec)((bits & 0x007fffff) | 0x3f000000);  // [1/2, 1)
  const Bits low = m < zero + 0.707106781f;
  n = low ? n - 1 : n;
  m = (low ? m + m : m) - 1.0f;
  const Vec e = __builtin_convertvector(n, Vec), z = m * m;
  Vec p = zero + 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const Vec rest = m * z * p + e * -2.12194440e-4f - 0.5f * z;
  Vec result = m + rest + e * 0.693359375f;
  result = x == zero ? zero - __builtin_inff() : result;
  result = x < zero ? zero + __builtin_nanf("") : result;
  result = x == zero + __builtin_inff() ? x : result;
  return x == x ? result : x;
}

// log(1 + u) for u >= 0 without loss near 0: the rounding of 1 + u is taken back by a division
// (Higham 2002, section 1.14.1).
inline Vec logarithm_of_one_and(Vec u) {
  const Vec w = u + 1.0f, d = w - 1.0f;
  const Vec quotient = logarithm_of(w) * (u / d);
  return d == Vec{} ? u : quotient;
}

inline Vec magnitude(Vec x) { return x < Vec{} ? -x : x; }

// e^x - 1 without loss near 0, where a polynomial takes over.
inline Vec exponential_less_one(Vec x) {
  Vec p = Vec{} + 1.98412698e-4f;
  p = p * x + 1.38888889e-3f;
  p = p * x + 8.33333333e-3f;
  p = p * x + 4.16666667e-2f;
  p = p * x + 1.66666667e-1f;
  p = p * x + 0.5f;
  p = p * x * x + x;
  return magnitude(x) < Vec{} + 0.4f ? p : exponential_of(x) - 1.0f;
}

// The hyperbolic tangent, without loss near 0 either:
// with e = e^-2|x| - 1, it is -e / (2 + e) in magnitude.
inline Vec tangent_of(Vec x) {
  const Vec e = exponential_less_one(-2.0f * magnitude(x)), t = -e / (2.0f + e);
  return x < Vec{} ? -t : t;
}

}  // namespace
}  // namespace basewise::kernels::detail
