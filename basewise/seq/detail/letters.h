// Tables of letters: what each byte stands for.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace basewise::seq::detail {

/// Codes of letters: 0 to 3 A C G T, 4 N, then one for each IUPAC code, then kBad for everything
/// else.
inline constexpr std::string_view kCodes = "ACGTNRYSWKMBDHV";
inline constexpr std::uint8_t kBad = 16;

/// The bases of each code as bits (A 1, C 2, G 4, T 8), in the order of `kCodes`. N stands for no
/// base: absence, not a mixture.
inline constexpr std::array<unsigned, 15> kIupac = {1,     2,     4,     8,         0,         1 | 4,     2 | 8,    2 | 4,
                                                    1 | 8, 4 | 8, 1 | 2, 2 | 4 | 8, 1 | 4 | 8, 1 | 2 | 8, 1 | 2 | 4};

constexpr char lower(char upper) { return static_cast<char>(upper - 'A' + 'a'); }

constexpr std::array<std::uint8_t, 256> make_codes() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    table[static_cast<unsigned char>(kCodes[i])] = static_cast<std::uint8_t>(i);
    table[static_cast<unsigned char>(lower(kCodes[i]))] = static_cast<std::uint8_t>(i);
  }
  table['U'] = table['u'] = 3;
  return table;
}
inline constexpr std::array<std::uint8_t, 256> kCode = make_codes();

/// The letter on the other strand with its case kept; 0 for a byte that is no nucleotide.
constexpr std::array<char, 256> make_complements() {
  constexpr std::string_view from = "ACGTURYKMBVDHSWN";
  constexpr std::string_view to = "TGCAAYRMKVBHDSWN";
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < from.size(); ++i) {
    table[static_cast<unsigned char>(from[i])] = to[i];
    table[static_cast<unsigned char>(lower(from[i]))] = lower(to[i]);
  }
  return table;
}
inline constexpr std::array<char, 256> kComplement = make_complements();

}  // namespace basewise::seq::detail
