// Registers of floats and what C++ has no words for, for the sources that include compare_body.h.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "basewise/motifs/detail/compare_loops.h"

namespace basewise::motifs::detail {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Floats __attribute__((vector_size(4 * kLanes)));
typedef std::int32_t Ints __attribute__((vector_size(4 * kLanes)));
typedef float FloatsAnywhere __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef std::int32_t IntsAnywhere __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef std::int16_t ShortsAnywhere __attribute__((vector_size(2 * kLanes), aligned(2), may_alias));
typedef std::uint8_t BytesAnywhere __attribute__((vector_size(kLanes), aligned(1), may_alias));

inline Floats load(const float* from) { return *reinterpret_cast<const FloatsAnywhere*>(from); }
inline Ints load_ints(const std::uint32_t* from) { return *reinterpret_cast<const IntsAnywhere*>(from); }
inline void store(float* to, Floats x) { *reinterpret_cast<FloatsAnywhere*>(to) = x; }
inline Floats repeat(float x) { return Floats{} + x; }
inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }
inline Ints larger(Ints a, Ints b) { return a > b ? a : b; }
inline Floats magnitude(Floats x) { return reinterpret_cast<Floats>(reinterpret_cast<Ints>(x) & 0x7fffffff); }

/// The lowest byte of each number.
inline void store_bytes(std::uint8_t* to, Ints x) {
#if defined(__AVX512F__)
  *reinterpret_cast<BytesAnywhere*>(to) = __builtin_convertvector(x, BytesAnywhere);
#elif defined(__AVX2__)
  // What GCC 12 makes of the conversion takes byte after byte.
  const __m256i first = _mm256_set1_epi32(0x0c080400);
  const __m256i bytes = _mm256_shuffle_epi8(reinterpret_cast<__m256i>(x), first);
  _mm_storeu_si32(to, _mm256_castsi256_si128(bytes));
  _mm_storeu_si32(to + 4, _mm256_extracti128_si256(bytes, 1));
#else
  for (int l = 0; l < kLanes; ++l) to[l] = static_cast<std::uint8_t>(x[l]);
#endif
}

/// Bit l says whether a <= b in lane l.
inline std::uint64_t at_most(Floats a, Floats b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ);
#elif defined(__AVX2__)
  return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LE_OQ)));
#else
  const Ints holds = a <= b;
  std::uint64_t bits = 0;
  for (int l = 0; l < kLanes; ++l) bits |= static_cast<std::uint64_t>(holds[l] & 1) << l;
  return bits;
#endif
}

/// Appends columns to others, for which there is room for all.
class Appender {
 public:
  explicit Appender(NearColumns& near) : near_(near) {}

  /// Lanes whose bits are set, of the register that begins `lane` columns after the block does.
  void add(std::int64_t block, std::int64_t lane, Floats x, std::uint64_t bits) {
#if defined(__AVX512F__)
    const auto mask = static_cast<__mmask16>(bits);
    const Ints at = Ints{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} + static_cast<std::int32_t>(block + lane);
    _mm512_storeu_ps(near_.squares + count_, _mm512_maskz_compress_ps(mask, x));
    _mm512_storeu_si512(near_.at + count_, _mm512_maskz_compress_epi32(mask, reinterpret_cast<__m512i>(at)));
    count_ += static_cast<std::size_t>(std::popcount(bits));
#else
    (void)block;
    store(values_ + lane, x);
    bits_ |= bits << lane;
#endif
  }

  /// After the last register of a block.
  void end(std::int64_t block) {
    for (; bits_ != 0; bits_ &= bits_ - 1) {
      const int lane = std::countr_zero(bits_);
      near_.at[count_] = static_cast<std::uint32_t>(block + lane);
      near_.squares[count_++] = values_[lane];
    }
  }

  void finish() { near_.count = count_; }

 private:
  NearColumns& near_;
  std::size_t count_ = near_.count;
  std::uint64_t bits_ = 0;
  float values_[kBlock];
};

/// The square root, within some 1e-6 of it: where there is an estimate of the inverse, that and one
/// step of Newton's, in a third of the time.
inline Floats root(Floats x) {
#if defined(__AVX512F__)
  x += 1e-30f;  // of 0 the inverse would be infinite
  // The form without a mask reads what GCC 12 calls uninitialised.
  const Floats inverse = _mm512_maskz_rsqrt14_ps(static_cast<__mmask16>(-1), x);
#elif defined(__AVX2__)
  x += 1e-30f;
  const Floats inverse = _mm256_rsqrt_ps(x);
#endif
#if defined(__AVX2__)
  const Floats first = x * inverse;
  return first + 0.5f * inverse * (x - first * first);
#else
  for (int l = 0; l < kLanes; ++l) x[l] = std::sqrt(x[l]);
  return x;
#endif
}

}  // namespace
}  // namespace basewise::motifs::detail
