// Pairs of bfloat16 numbers multiplied and added in single precision;
// see CMakeLists.txt for the flags of this source.
#include <immintrin.h>

#include "basewise/kernels/detail/bfloat16_micro.h"

namespace basewise::kernels::detail {
namespace {

constexpr int kTile = 12;  // rows of a tile: 24 accumulators, two registers of weights

template <int NR>
__attribute__((noinline)) void tile(const Bfloat16RowsCall& c, const Bfloat16* rows, float* out) {
  __m512 acc[NR][2];
#pragma GCC unroll 12
  for (int r = 0; r < NR; ++r)
    for (int m = 0; m < 2; ++m) acc[r][m] = c.bias != nullptr ? _mm512_loadu_ps(c.bias + 16 * m) : _mm512_setzero_ps();
  const Index step = c.row_step;
  for (Index s = 0; s < c.segment_count; ++s) {
    const Bfloat16* a = c.panel + c.segments[s].panel * 32;
    const Bfloat16* b = rows + c.segments[s].offset;
    for (Index k = 0; k < c.segments[s].length; k += 2, a += 64, b += 2) {
      const auto low = reinterpret_cast<__m512bh>(_mm512_loadu_si512(a)), high = reinterpret_cast<__m512bh>(_mm512_loadu_si512(a + 32));
#pragma GCC unroll 12
      for (int r = 0; r < NR; ++r) {
        int pair;
        __builtin_memcpy(&pair, b + r * step, sizeof pair);
        const auto x = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
        acc[r][0] = _mm512_dpbf16_ps(acc[r][0], low, x);
        acc[r][1] = _mm512_dpbf16_ps(acc[r][1], high, x);
      }
    }
  }
  const auto masks = static_cast<std::uint32_t>(c.valid == 32 ? ~0u : (1u << c.valid) - 1);
#pragma GCC unroll 12
  for (int r = 0; r < NR; ++r)
    for (int m = 0; m < 2; ++m) {
      const auto mask = static_cast<__mmask16>(masks >> (16 * m));
      float* to = out + r * c.out_step + 16 * m;
      __m512 v = acc[r][m];
      if (c.accumulate) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, to));
      const __m512 zero = {};
      if (c.relu) v = v <= zero ? zero : v;  // NaN stays NaN
      _mm512_mask_storeu_ps(to, mask, v);
    }
}

template <int NR>
void rest(const Bfloat16RowsCall& c, Index left, const Bfloat16* rows, float* out) {
  if constexpr (NR > 0) {
    if (left == NR) return tile<NR>(c, rows, out);
    rest<NR - 1>(c, left, rows, out);
  }
}

void rows(const Bfloat16RowsCall& c) {
  Index r = 0;
  for (; r + kTile <= c.row_count; r += kTile) tile<kTile>(c, c.rows + r * c.row_step, c.out + r * c.out_step);
  rest<kTile - 1>(c, c.row_count - r, c.rows + r * c.row_step, c.out + r * c.out_step);
}

void round(const float* from, Index n, Bfloat16* to) {
  Index i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m256bh v = _mm512_cvtneps_pbh(_mm512_loadu_ps(from + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), reinterpret_cast<__m256i>(v));
  }
  if (i == n) return;
  const auto mask = static_cast<__mmask16>((1u << (n - i)) - 1);
  const __m256bh v = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from + i));
  _mm256_mask_storeu_epi16(to + i, mask, reinterpret_cast<__m256i>(v));
}

}  // namespace

extern const Bfloat16Micro bfloat16_micro_avx512;
const Bfloat16Micro bfloat16_micro_avx512 = {rows, round};

}  // namespace basewise::kernels::detail
