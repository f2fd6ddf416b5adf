#include "basewise/motifs/detail/byte_products.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace basewise::motifs::detail {
namespace {

constexpr std::int64_t kStep = kUnitRows * kGroupBytes;  // bytes of a group

#if defined(__x86_64__)

[[gnu::target("avx2")]] void byte_products_avx2(const std::uint8_t* unit, const std::uint16_t* group, std::int64_t count,
                                                  const std::uint8_t* queries, std::int32_t* sums) {
  constexpr std::int64_t kLanes = 8, kParts = 2;  // two vectors of rows with four queries fill half of the registers
  const __m256i ones = _mm256_set1_epi16(1);
  for (std::int64_t part = 0; part < kUnitRows; part += kLanes * kParts) {
    __m256i sum[kByteQueries][kParts] = {};
    for (std::int64_t i = 0; i < count; ++i) {
      const auto* rows = reinterpret_cast<const __m256i*>(unit + group[i] * kStep + part * kGroupBytes);
      const __m256i row[kParts] = {_mm256_loadu_si256(rows), _mm256_loadu_si256(rows + 1)};
#pragma GCC unroll 4
      for (std::int64_t q = 0; q < kByteQueries; ++q) {
        std::int32_t bytes;
        std::memcpy(&bytes, queries + (i * kByteQueries + q) * kGroupBytes, sizeof bytes);
        const __m256i query = _mm256_set1_epi32(bytes);
#pragma GCC unroll 2
        for (std::int64_t p = 0; p < kParts; ++p)  // two products of bytes up to 127 fit 16 bits
          sum[q][p] = _mm256_add_epi32(sum[q][p], _mm256_madd_epi16(_mm256_maddubs_epi16(row[p], query), ones));
      }
    }
    for (std::int64_t q = 0; q < kByteQueries; ++q)
      for (std::int64_t p = 0; p < kParts; ++p)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + q * kUnitRows + part + p * kLanes), sum[q][p]);
  }
}

[[gnu::target("avx512f,avx512bw,avx512vnni")]] void byte_products_vnni(const std::uint8_t* unit, const std::uint16_t* group,
                                                                         std::int64_t count, const std::uint8_t* queries,
                                                                         std::int32_t* sums) {
  constexpr std::int64_t kLanes = 16, kParts = 2;
  __m512i sum[kByteQueries][kParts] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint8_t* rows = unit + group[i] * kStep;
    const __m512i row[kParts] = {_mm512_loadu_si512(rows), _mm512_loadu_si512(rows + kLanes * kGroupBytes)};
#pragma GCC unroll 4
    for (std::int64_t q = 0; q < kByteQueries; ++q) {
      std::int32_t bytes;
      std::memcpy(&bytes, queries + (i * kByteQueries + q) * kGroupBytes, sizeof bytes);
      const __m512i query = _mm512_set1_epi32(bytes);
#pragma GCC unroll 2
      for (std::int64_t p = 0; p < kParts; ++p) sum[q][p] = _mm512_dpbusd_epi32(sum[q][p], row[p], query);
    }
  }
  for (std::int64_t q = 0; q < kByteQueries; ++q)
    for (std::int64_t p = 0; p < kParts; ++p) _mm512_storeu_si512(sums + q * kUnitRows + p * kLanes, sum[q][p]);
}

#endif

}  // namespace

void byte_products_portable(const std::uint8_t* unit, const std::uint16_t* group, std::int64_t count, const std::uint8_t* queries,
                              std::int32_t* sums) {
  std::fill_n(sums, kByteQueries * kUnitRows, 0);
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t q = 0; q < kByteQueries; ++q) {
      const std::uint8_t* query = queries + (i * kByteQueries + q) * kGroupBytes;
      const std::uint8_t* rows = unit + group[i] * kStep;
      for (std::int64_t row = 0; row < kUnitRows; ++row)
        for (std::int64_t b = 0; b < kGroupBytes; ++b) sums[q * kUnitRows + row] += query[b] * rows[row * kGroupBytes + b];
    }
}

ByteProducts byte_products(kernels::Isa isa) {
#if defined(__x86_64__)
  if (isa == kernels::Isa::avx512 && __builtin_cpu_supports("avx512vnni")) return byte_products_vnni;
  if (isa != kernels::Isa::portable) return byte_products_avx2;
#endif
  static_cast<void>(isa);
  return byte_products_portable;
}

}  // namespace basewise::motifs::detail
