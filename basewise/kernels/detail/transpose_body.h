// Rows become columns, for the sources that include micro_body.h.
#pragma once

#include <cstring>

#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

constexpr int kParts = kVector / 4;  // of four lanes in a register

// Four numbers of a row for every part of a register:
// rows[0] + offset to the first part, and so on.
inline __attribute__((always_inline)) Vec in_parts(const float* const (&rows)[kParts], Index offset) {
#if defined(__AVX512F__) && BASEWISE_VECTOR == 16
  // Masked broadcasts from memory leave the port of the shuffles alone.
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(rows[0] + offset));
  v = _mm512_mask_broadcast_f32x4(v, 0x00f0, _mm_loadu_ps(rows[1] + offset));
  v = _mm512_mask_broadcast_f32x4(v, 0x0f00, _mm_loadu_ps(rows[2] + offset));
  return _mm512_mask_broadcast_f32x4(v, 0xf000, _mm_loadu_ps(rows[3] + offset));
#elif defined(__AVX2__) && BASEWISE_VECTOR == 8
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(rows[0] + offset)), _mm_loadu_ps(rows[1] + offset), 1);
#else
  static_assert(kParts == 1);
  return load(rows[0] + offset);
#endif
}

// Within parts of four lanes: `Width` lanes of a and of b in turn, from the first or the second
// half.
template <int Width>
inline __attribute__((always_inline)) Vec zipped(Vec a, Vec b, int half) {
  Bits lanes;
  for (int i = 0; i < kVector; ++i) {
    const int at = i % 4;
    lanes[i] = i - at + 2 * half + (Width == 1 ? at / 2 + at % 2 * kVector : at % 2 + at / 2 * kVector);
  }
  return __builtin_shuffle(a, b, lanes);
}

// `depth` numbers, a multiple of four, of a register of rows.
__attribute__((noinline)) void transpose_fours(const float* x, Index step, Index depth, float* to, Index to_step) {
  const float* rows[kParts];
#pragma GCC unroll 4
  for (int i = 0; i < kParts; ++i) rows[i] = x + 4 * i * step;
  for (Index k = 0; k < depth; k += 4, to += 4 * to_step) {
    // As in rows_tile: pointers, not an offset for each row.
#pragma GCC unroll 4
    for (int i = 0; i < kParts; ++i) asm("" : "+r"(rows[i]));
    const Vec a = in_parts(rows, 0), b = in_parts(rows, step), c = in_parts(rows, 2 * step), d = in_parts(rows, 3 * step);
    const Vec low01 = zipped<1>(a, b, 0), high01 = zipped<1>(a, b, 1), low23 = zipped<1>(c, d, 0), high23 = zipped<1>(c, d, 1);
    store(to, zipped<2>(low01, low23, 0));
    store(to + to_step, zipped<2>(low01, low23, 1));
    store(to + 2 * to_step, zipped<2>(high01, high23, 0));
    store(to + 3 * to_step, zipped<2>(high01, high23, 1));
#pragma GCC unroll 4
    for (int i = 0; i < kParts; ++i) rows[i] += 4;
  }
}

void transpose(ConstRows x, Index rows, Index depth, MutableRows to) {
  const Index whole = depth / 4 * 4;
  for (Index first = 0; first < 2 * kVector; first += kVector) {
    const float* from = x.data + first * x.step;
    const Index valid = rows - first < 0 ? 0 : rows - first;
    float* columns = to.data + first;
    if (valid >= kVector) {
      transpose_fours(from, x.step, whole, columns, to.step);
    } else {
      for (Index k = 0; k < whole; k += 4) {
        float some[4 * kVector] = {};
        for (Index i = 0; i < valid; ++i) std::memcpy(some + 4 * i, from + i * x.step + k, 4 * sizeof(float));
        transpose_fours(some, 4, 4, columns + k * to.step, to.step);
      }
    }
    for (Index k = whole; k < depth; ++k)
      for (Index i = 0; i < kVector; ++i) columns[k * to.step + i] = i < valid ? from[i * x.step + k] : 0.0f;
  }
}

}  // namespace
}  // namespace basewise::kernels::detail
