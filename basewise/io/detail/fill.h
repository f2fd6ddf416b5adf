// Runs of equal numbers, a vector at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

namespace basewise::io::detail {

/// Results of more bytes do not stay in any cache until somebody reads them.
inline constexpr std::size_t kCaches = std::size_t{16} << 20;

/// As std::fill; the compiler leaves that one number at a time.
inline void fill_floats(std::span<float> out, float value) {
  using Four [[gnu::vector_size(16)]] = float;
  const Four four = {value, value, value, value};
  std::size_t i = 0;
  for (; i + 16 <= out.size(); i += 16)
    for (std::size_t k = 0; k < 16; k += 4) std::memcpy(out.data() + i + k, &four, sizeof(Four));
  for (; i + 4 <= out.size(); i += 4) std::memcpy(out.data() + i, &four, sizeof(Four));
  for (; i < out.size(); ++i) out[i] = value;
}

/// Copies `from` past the caches to memory that nobody reads soon: the lines that are written are
/// not read first, which halves the traffic. Call `finish_streaming` before another thread looks.
inline void stream_floats(std::span<const float> from, float* to) {
#ifdef __SSE2__
  std::size_t i = 0;
  for (; i < from.size() && reinterpret_cast<std::uintptr_t>(to + i) % 16 != 0; ++i) to[i] = from[i];
  for (; i + 4 <= from.size(); i += 4) _mm_stream_ps(to + i, _mm_loadu_ps(from.data() + i));
  for (; i < from.size(); ++i) to[i] = from[i];
#else
  std::memcpy(to, from.data(), from.size_bytes());
#endif
}

inline void finish_streaming() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

}  // namespace basewise::io::detail
