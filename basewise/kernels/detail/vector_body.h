// Registers of numbers, for the sources that include micro_body.h;
// BASEWISE_VECTOR is the width of one.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {
namespace {

constexpr int kVector = BASEWISE_VECTOR;

// May be loaded from any address of numbers.
typedef float Vec __attribute__((vector_size(4 * BASEWISE_VECTOR), aligned(4), may_alias));
typedef std::int32_t Bits __attribute__((vector_size(4 * BASEWISE_VECTOR), aligned(4), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const Vec*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<Vec*>(p) = v; }
inline Vec largest(Vec a, Vec b) { return a > b ? a : b; }

// What is no number stays so: the largest of it and 0 would hide that a sum went wrong.
inline Vec rectified(Vec v) { return v <= Vec{} ? Vec{} : v; }

// The last columns go through a register of their own, so that every column sees the same
// arithmetic. By masks where there are any: copies of a few numbers through memory cost more than
// all full registers of a row.
#if defined(__AVX512F__) && BASEWISE_VECTOR == 16
inline __mmask16 first_columns(Index n) { return static_cast<__mmask16>((1U << n) - 1U); }
inline Vec load_some(const float* p, Index n) { return _mm512_maskz_loadu_ps(first_columns(n), p); }
inline void store_some(float* p, Vec v, Index n) { _mm512_mask_storeu_ps(p, first_columns(n), v); }
#elif defined(__AVX2__) && BASEWISE_VECTOR == 8
inline __m256i first_columns(Index n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Vec load_some(const float* p, Index n) { return _mm256_maskload_ps(p, first_columns(n)); }
inline void store_some(float* p, Vec v, Index n) { _mm256_maskstore_ps(p, first_columns(n), v); }
#else
inline Vec load_some(const float* p, Index n) {
  Vec v = {};
  for (Index i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
inline void store_some(float* p, Vec v, Index n) {
  for (Index i = 0; i < n; ++i) p[i] = v[i];
}
#endif

// A body called for every register of columns: full ones, then what is left.
template <class Body>
inline __attribute__((always_inline)) void over_columns(Index columns, Body body) {
  Index c = 0;
  for (; c + kVector <= columns; c += kVector)
    body(
        c, [](const float* p) { return load(p); }, [](float* p, Vec v) { store(p, v); });
  if (const Index rest = columns - c; rest > 0)
    body(
        c, [rest](const float* p) { return load_some(p, rest); }, [rest](float* p, Vec v) { store_some(p, v, rest); });
}

}  // namespace
}  // namespace basewise::kernels::detail
