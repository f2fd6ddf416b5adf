#include "basewise/seq/alphabet.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "basewise/seq/detail/lanes.h"
#include "basewise/seq/detail/letters.h"

namespace basewise::seq {
namespace {

using detail::kBad;
using detail::kCode;
using detail::kIupac;

// Long enough to amortise the check, short enough to stay in the first-level cache.
constexpr std::size_t kBlock = 4096;

[[noreturn]] void refuse(char letter, std::int64_t position) {
  const auto byte = static_cast<unsigned char>(letter);
  const bool known = kCode[byte] != kBad;
  const std::string shown = std::isprint(byte) ? format("'{}'", letter) : format("byte 0x{:02x}", byte);
  if (known) {
    throw DataError(
        format("letter {} at position {} is an IUPAC ambiguity code; expected A, C, G, T or N (ambiguity = \"n\" "
               "makes N of such codes)",
               shown, position + 1));
  }
  throw DataError(format("letter {} at position {} is no nucleotide; expected A, C, G, T or N", shown, position + 1));
}

void check_size(std::size_t have, std::size_t want, std::string_view what) {
  if (have != want) throw ArgumentError(format("{}: the output holds {} values, expected {}", what, have, want));
}

// Every class above `limit` is refused: N is 4, IUPAC codes lie above it, kBad is the largest.
std::uint8_t highest_allowed(Ambiguity ambiguity) { return ambiguity == Ambiguity::error ? kN : static_cast<std::uint8_t>(kBad - 1); }

std::size_t first_above(std::string_view letters, std::uint8_t limit) {
  std::size_t i = 0;
  while (i < letters.size() && kCode[static_cast<unsigned char>(letters[i])] <= limit) ++i;
  return i;
}

void count_unusual(std::string_view letters, std::size_t offset, EncodeReport& report) {
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const std::uint8_t code = kCode[static_cast<unsigned char>(letters[i])];
    if (code == kN) ++report.n;
    if (code > kN && ++report.ambiguous == 1) report.first_ambiguous = static_cast<std::int64_t>(offset + i);
  }
}

[[noreturn]] void refuse_token(std::span<const Token> tokens) {
  const auto bad = std::find_if(tokens.begin(), tokens.end(), [](Token t) { return t > kN; });
  throw ArgumentError(format("token {} at position {}; expected 0 to 4", *bad, bad - tokens.begin() + 1));
}

template <class T>
void one_hot_any(std::span<const Token> tokens, std::span<T> out, Layout layout) {
  check_size(out.size(), 4 * tokens.size(), "one_hot");
  if (!detail::all_tokens(tokens.data(), tokens.size())) refuse_token(tokens);
  if (layout == Layout::channel_major) return detail::one_hot_rows(tokens.data(), tokens.size(), out.data(), tokens.size());
  static constexpr T kRows[5][4] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}};
  for (std::size_t i = 0; i < tokens.size(); ++i) std::memcpy(out.data() + 4 * i, kRows[tokens[i]], 4 * sizeof(T));
}

template <class T>
std::vector<Token> tokens_of(std::span<const T> values, Layout layout) {
  if (values.size() % 4 != 0) throw ArgumentError(format("a one-hot array holds 4 x L values, got {}", values.size()));
  const std::size_t length = values.size() / 4;
  std::vector<Token> tokens(length, kN);
  for (std::size_t i = 0; i < length; ++i) {
    int ones = 0;
    for (Token c = 0; c < 4; ++c) {
      const T value = layout == Layout::channel_major ? values[c * length + i] : values[4 * i + c];
      if (value == T(1)) tokens[i] = c, ++ones;
      if ((value != T(0) && value != T(1)) || ones > 1) {
        throw DataError(format("position {} is not one-hot: channel {} holds {}", i + 1, kLetters[c], static_cast<double>(value)));
      }
    }
  }
  return tokens;
}

}  // namespace

EncodeReport encode(std::string_view letters, std::span<Token> tokens, Ambiguity ambiguity) {
  if (ambiguity == Ambiguity::expand) throw ArgumentError("tokens cannot hold shares of bases: ambiguity \"expand\" needs a one-hot array");
  check_size(tokens.size(), letters.size(), "encode");
  EncodeReport report;
  const std::uint8_t limit = highest_allowed(ambiguity);
  for (std::size_t begin = 0; begin < letters.size(); begin += kBlock) {
    const std::string_view block = letters.substr(begin, kBlock);
    const detail::PlainLetters plain = detail::encode_plain(block.data(), tokens.data() + begin, block.size());
    if (!plain.others) {
      report.n += static_cast<std::int64_t>(plain.n);
      continue;
    }
    if (const std::size_t bad = first_above(block, limit); bad < block.size()) refuse(block[bad], static_cast<std::int64_t>(begin + bad));
    count_unusual(block, begin, report);
    for (std::size_t i = 0; i < block.size(); ++i) tokens[begin + i] = std::min(kCode[static_cast<unsigned char>(block[i])], kN);
  }
  return report;
}

std::vector<Token> encode(std::string_view letters, Ambiguity ambiguity) {
  std::vector<Token> tokens(letters.size());
  encode(letters, tokens, ambiguity);
  return tokens;
}

std::int64_t find_invalid(std::string_view letters, Ambiguity ambiguity) {
  std::array<Token, kBlock> unused;
  for (std::size_t begin = 0; begin < letters.size(); begin += kBlock) {
    const std::string_view block = letters.substr(begin, kBlock);
    if (!detail::encode_plain(block.data(), unused.data(), block.size()).others) continue;
    const std::size_t bad = first_above(block, highest_allowed(ambiguity));
    if (bad < block.size()) return static_cast<std::int64_t>(begin + bad);
  }
  return -1;
}

std::string decode(std::span<const Token> tokens) {
  std::string letters(tokens.size(), 'N');
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] > kN) throw ArgumentError(format("token {} at position {}; expected 0 to 4", tokens[i], i + 1));
    letters[i] = kLetters[tokens[i]];
  }
  return letters;
}

void one_hot(std::span<const Token> tokens, std::span<float> out, Layout layout) { one_hot_any(tokens, out, layout); }
void one_hot(std::span<const Token> tokens, std::span<std::int8_t> out, Layout layout) { one_hot_any(tokens, out, layout); }

EncodeReport one_hot(std::string_view letters, std::span<float> out, Ambiguity ambiguity, Layout layout) {
  check_size(out.size(), 4 * letters.size(), "one_hot");
  std::vector<Token> tokens(letters.size());
  const EncodeReport report = encode(letters, tokens, ambiguity == Ambiguity::error ? Ambiguity::error : Ambiguity::as_n);
  one_hot_any(std::span<const Token>(tokens), out, layout);
  if (ambiguity != Ambiguity::expand || report.ambiguous == 0) return report;
  for (std::size_t i = static_cast<std::size_t>(report.first_ambiguous); i < letters.size(); ++i) {
    const std::uint8_t code = kCode[static_cast<unsigned char>(letters[i])];
    if (code <= kN) continue;
    const unsigned bases = kIupac[code];
    const float share = 1.0f / static_cast<float>(std::popcount(bases));
    for (std::size_t c = 0; c < 4; ++c) {
      out[layout == Layout::channel_major ? c * letters.size() + i : 4 * i + c] = (bases >> c & 1u) ? share : 0.0f;
    }
  }
  return report;
}

std::vector<Token> tokens_of_one_hot(std::span<const float> values, Layout layout) { return tokens_of(values, layout); }
std::vector<Token> tokens_of_one_hot(std::span<const std::int8_t> values, Layout layout) { return tokens_of(values, layout); }

double gc_fraction(std::span<const Token> tokens) {
  std::array<std::int64_t, 256> counts{};
  for (const Token t : tokens) ++counts[t];
  const std::int64_t known = counts[kA] + counts[kC] + counts[kG] + counts[kT];
  return known == 0 ? 0.0 : static_cast<double>(counts[kC] + counts[kG]) / static_cast<double>(known);
}

}  // namespace basewise::seq
