// The filter for avx512; see CMakeLists.txt for the flags of this source.
#include <immintrin.h>

#include "basewise/motifs/detail/site_filter_body.h"

namespace basewise::motifs::detail {
namespace {

struct Vector {
  using Register = __m512i;
  static constexpr std::int64_t kBytes = 64;

  static Register load(const std::uint8_t* from) { return _mm512_loadu_si512(from); }
  static Register repeat(const std::uint8_t* table) {
    // The form without a mask reads what GCC 12 calls uninitialised.
    return _mm512_maskz_broadcast_i32x4(static_cast<__mmask16>(-1), _mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
  }
  static Register look_up(Register table, Register codes) { return _mm512_shuffle_epi8(table, codes); }
  static Register add(Register a, Register b) { return _mm512_adds_epu8(a, b); }
  static std::uint64_t passing(Register sum) { return _mm512_cmple_epu8_mask(sum, _mm512_set1_epi8(static_cast<char>(kCut))); }
};

}  // namespace

std::int64_t find_windows_avx512(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out);
std::int64_t find_windows_avx512(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out) {
  return find_windows_with<Vector>(filter, codes, n, out);
}

}  // namespace basewise::motifs::detail
