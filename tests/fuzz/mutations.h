// Damage to bytes, a function of a number alone.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>

namespace basewise::fuzz {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  /// 0 to n - 1; 0 for n = 0.
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(next() % n); }
  template <class T, std::size_t N>
  const T& of(const std::array<T, N>& all) {
    return all[below(N)];
  }

 private:
  std::uint64_t state_;
};

inline constexpr std::array<std::string_view, 22> kNumbers = {
    "0", "-1", "1", "00", "", "-0", "255", "65536", "2147483647", "2147483648", "-2147483649", "4294967296", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e308", "1e999", "1e-999", "nan", "inf", "-inf"};
inline constexpr std::array<std::uint64_t, 10> kWords = {
    0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff};
inline constexpr std::array<std::string_view, 18> kPieces = {
    "\n", "\r\n", "\t", " ", ">", "#", "\"", "'", "[", "{", "]", "}", "=", ",", ":", "\\", std::string_view("\0", 1), "\xff\xfe"};

/// A digit run at or behind `at` becomes another number.
inline void edit_number(std::string& bytes, Draw& draw) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(draw.below(bytes.size()));
  const auto begin = std::find_if(from, bytes.end(), digit);
  const auto end = std::find_if_not(begin, bytes.end(), digit);
  bytes.replace(begin, end, draw.of(kNumbers));
}

/// A number of 1, 2, 4 or 8 bytes becomes another one.
inline void edit_word(std::string& bytes, Draw& draw) {
  const std::size_t width = std::size_t{1} << draw.below(4), at = draw.below(bytes.size());
  const std::uint64_t word = draw.of(kWords);
  for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<char>(word >> (8 * i));
}

inline void damage_once(std::string& bytes, std::string_view other, Draw& draw) {
  const std::size_t at = draw.below(bytes.size()), length = 1 + draw.below(1 + draw.below(64));
  switch (draw.below(10)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << draw.below(8)));
      return;
    case 1:
      bytes[at] = static_cast<char>(draw.below(256));
      return;
    case 2:
      bytes.erase(at, length);
      return;
    case 3:
      bytes.insert(draw.below(bytes.size()), bytes.substr(at, length));
      return;
    case 4:
      bytes.resize(at);
      return;
    case 5:
      return edit_number(bytes, draw);
    case 6:
      return edit_word(bytes, draw);
    case 7:
      bytes.insert(at, draw.of(kPieces));
      return;
    case 8:
      bytes.replace(at, length, other.substr(std::min(other.size(), draw.below(other.size() + 1)), length));
      return;
    default:
      // Deep nesting is rare, as it makes the file long.
      bytes.insert(at, std::string(draw.below(16) == 0 ? 20000 : 3, draw.of(std::array{'[', '{', '(', '"'})));
  }
}

/// `bytes` damaged in one to four places; pieces may come from `other`.
inline std::string damaged(std::string bytes, std::string_view other, Draw& draw) {
  for (std::size_t left = 1 + draw.below(1 + draw.below(4)); left > 0 && !bytes.empty(); --left)
    damage_once(bytes, other, draw);
  return bytes;
}

}  // namespace basewise::fuzz
