// Sixteen or thirty-two bases at a time: vectors of the compiler (GCC and Clang on every machine,
// no instruction set named).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace basewise::seq::detail {

inline constexpr std::size_t kLanes = 16;
using Lanes [[gnu::vector_size(16)]] = std::uint8_t;
using SignedLanes [[gnu::vector_size(16)]] = std::int8_t;

inline Lanes load_lanes(const void* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, kLanes);
  return lanes;
}
inline void store_lanes(void* to, Lanes lanes) { std::memcpy(to, &lanes, kLanes); }
inline Lanes all_lanes(std::uint8_t value) { return Lanes{} + value; }

inline bool any(Lanes lanes) {
  std::uint64_t halves[2];
  std::memcpy(halves, &lanes, kLanes);
  return (halves[0] | halves[1]) != 0;
}

inline std::size_t sum(Lanes lanes) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kLanes; ++i) total += lanes[i];
  return total;
}

/// What a stretch of letters held besides A, C, G and T.
struct PlainLetters {
  std::size_t n = 0;     ///< letters N
  bool others = false;   ///< anything that is not one of ACGTN in either case: the tokens there are not to be used
};

/// Letters ACGTN in either case to tokens; `tokens` may be `letters`.
inline PlainLetters encode_plain(const char* letters, std::uint8_t* tokens, std::size_t length) {
  PlainLetters found;
  Lanes others{};
  Lanes n{};
  unsigned rounds = 0;
  const auto encode = [&](Lanes c) {
    const Lanes upper = c & 0xdf;
    // Bits 1 and 2 tell A, C, T, G apart (00, 01, 10, 11); their exclusive or puts G before T.
    const Lanes code = ((c >> 1) ^ (c >> 2)) & 3;
    const auto is = [&](char letter) { return reinterpret_cast<Lanes>(upper == static_cast<std::uint8_t>(letter)); };
    const Lanes base = is('A') | is('C') | is('G') | is('T');
    const Lanes gap = is('N');
    others |= ~(base | gap);
    n -= gap;
    return (code & base) | (gap & 4);
  };
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    store_lanes(tokens + i, encode(load_lanes(letters + i)));
    if (++rounds == 255) {
      found.n += sum(n);
      n = Lanes{};
      rounds = 0;
    }
  }
  if (i < length) {
    char rest[kLanes];
    std::memset(rest, 'A', kLanes);
    std::memcpy(rest, letters + i, length - i);
    store_lanes(rest, encode(load_lanes(rest)));
    std::memcpy(tokens + i, rest, length - i);
  }
  found.n += sum(n);
  found.others = any(others);
  return found;
}

/// One-hot rows of 16 tokens: channel `c` is 1 where the token is `c`.
inline void store_row(Lanes tokens, std::uint8_t channel, std::int8_t* out) {
  store_lanes(out, reinterpret_cast<Lanes>(tokens == channel) & 1);
}
inline void store_row(Lanes tokens, std::uint8_t channel, float* out) {
  // 1.0f is 0x3f800000: its two upper bytes are put in place by interleaving,
  // from bytes to 16 bits to 32.
  const Lanes here = reinterpret_cast<Lanes>(tokens == channel);
  const Lanes low = here & 0x80;
  const Lanes high = here & 0x3f;
  const Lanes halves[2] = {__builtin_shufflevector(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
                           __builtin_shufflevector(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)};
  const Lanes zero{};
  for (std::size_t h = 0; h < 2; ++h) {
    store_lanes(out + 8 * h, __builtin_shufflevector(zero, halves[h], 0, 0, 16, 17, 0, 0, 18, 19, 0, 0, 20, 21, 0, 0, 22, 23));
    store_lanes(out + 8 * h + 4, __builtin_shufflevector(zero, halves[h], 0, 0, 24, 25, 0, 0, 26, 27, 0, 0, 28, 29, 0, 0, 30, 31));
  }
}

/// Tokens to four one-hot rows that lie `stride` values apart; tokens above 3 leave zeros.
template <class T>
void one_hot_rows(const std::uint8_t* tokens, std::size_t length, T* out, std::size_t stride) {
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    const Lanes here = load_lanes(tokens + i);
    for (std::uint8_t c = 0; c < 4; ++c) store_row(here, c, out + c * stride + i);
  }
  for (; i < length; ++i)
    for (std::uint8_t c = 0; c < 4; ++c) out[c * stride + i] = static_cast<T>(tokens[i] == c);
}

/// The other strand of `from`, read 5' to 3'; `to` must not overlap it.
inline void reverse_complement(const std::uint8_t* from, std::size_t length, std::uint8_t* to) {
  std::size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, from + length - 8 - i, 8);
    const std::uint64_t gaps = eight >> 2 & 0x0101010101010101u;  // token 4
    eight = __builtin_bswap64(eight ^ 0x0303030303030303u ^ (gaps | gaps << 1));
    std::memcpy(to + i, &eight, 8);
  }
  for (; i < length; ++i) {
    const std::uint8_t token = from[length - 1 - i];
    to[i] = token < 4 ? static_cast<std::uint8_t>(3 - token) : token;
  }
}

/// Whether every token is at most 4.
inline bool all_tokens(const std::uint8_t* tokens, std::size_t length) {
  Lanes bad{};
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) bad |= reinterpret_cast<Lanes>(load_lanes(tokens + i) > 4);
  bool good = !any(bad);
  for (; i < length; ++i) good = good && tokens[i] <= 4;
  return good;
}

}  // namespace basewise::seq::detail
