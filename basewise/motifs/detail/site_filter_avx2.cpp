// The filter for avx2; see CMakeLists.txt for the flags of this source.
#include <immintrin.h>

#include "basewise/motifs/detail/site_filter_body.h"

namespace basewise::motifs::detail {
namespace {

struct Vector {
  using Register = __m256i;
  static constexpr std::int64_t kBytes = 32;

  static Register load(const std::uint8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static Register repeat(const std::uint8_t* table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
  }
  static Register look_up(Register table, Register codes) { return _mm256_shuffle_epi8(table, codes); }
  static Register add(Register a, Register b) { return _mm256_adds_epu8(a, b); }
  static std::uint64_t passing(Register sum) {
    const Register cut = _mm256_set1_epi8(static_cast<char>(kCut));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(sum, cut), sum)));
  }
};

}  // namespace

std::int64_t find_windows_avx2(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out);
std::int64_t find_windows_avx2(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out) {
  return find_windows_with<Vector>(filter, codes, n, out);
}

}  // namespace basewise::motifs::detail
