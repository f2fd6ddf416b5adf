// Letters, tokens and one-hot arrays of DNA.
//
// Tokens: A 0, C 1, G 2, T 3, N 4. In one-hot arrays N is all zeros.
// Lower case equals upper case; U is read as T.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"

namespace basewise::seq {

/// One base as a number: A 0, C 1, G 2, T 3, N 4.
using Token = std::uint8_t;

inline constexpr Token kA = 0;
inline constexpr Token kC = 1;
inline constexpr Token kG = 2;
inline constexpr Token kT = 3;
inline constexpr Token kN = 4;
inline constexpr std::int64_t kChannels = 4;  ///< rows of a one-hot array: A, C, G, T
inline constexpr std::string_view kLetters = "ACGTN";

/// What the IUPAC codes R Y S W K M B D H V become. (N is always N;
/// a letter outside IUPAC is always an error.)
enum class Ambiguity {
  error,   ///< a DataError naming letter and position
  as_n,    ///< N, counted in the report
  expand,  ///< one-hot arrays only: equal shares of the bases that the code stands for (R = 0.5 A + 0.5 G)
};
constexpr auto words_of(Ambiguity) {
  return words<Ambiguity>({{Ambiguity::error, "error", "an error that names letter and place"},
                           {Ambiguity::as_n, "n", "N, and they are counted"},
                           {Ambiguity::expand, "expand", "in one-hot arrays: shares of the bases that they stand for"}});
}

/// How the axes of a one-hot array lie in memory.
enum class Layout {
  channel_major,  ///< (4, L): all of A, then all of C, ...; the layout of tensors (N, C, L)
  length_major,   ///< (L, 4): the four channels of a position side by side
};

/// What an encoding met.
struct EncodeReport {
  std::int64_t n = 0;                 ///< letters N
  std::int64_t ambiguous = 0;         ///< IUPAC codes other than N that became N or were expanded
  std::int64_t first_ambiguous = -1;  ///< 0-based position of the first of them
};

/// Letters (L) to tokens (L). `tokens` must have the length of `letters` (ArgumentError).
/// Errors: DataError naming the first letter that is not allowed and its position (counted from 1);
/// ArgumentError for `expand`.
EncodeReport encode(std::string_view letters, std::span<Token> tokens, Ambiguity ambiguity = Ambiguity::error);

/// The same into a fresh vector.
std::vector<Token> encode(std::string_view letters, Ambiguity ambiguity = Ambiguity::error);

/// Index of the first letter that no rule of `ambiguity` accepts, or -1.
std::int64_t find_invalid(std::string_view letters, Ambiguity ambiguity = Ambiguity::error);

/// Tokens to upper-case letters. Errors: ArgumentError for a token above 4.
std::string decode(std::span<const Token> tokens);

/// Tokens (L) to one-hot, 4 x L numbers in `layout`. `out` must hold 4 L values (ArgumentError).
/// Errors: ArgumentError for a token above 4.
void one_hot(std::span<const Token> tokens, std::span<float> out, Layout layout = Layout::channel_major);
void one_hot(std::span<const Token> tokens, std::span<std::int8_t> out, Layout layout = Layout::channel_major);

/// Letters (L) to one-hot, 4 x L numbers; every rule of `ambiguity` is possible.
/// Errors: as `encode`.
EncodeReport one_hot(std::string_view letters, std::span<float> out, Ambiguity ambiguity = Ambiguity::error,
                     Layout layout = Layout::channel_major);

/// One-hot (exactly one 1 per position, or all zeros for N) back to tokens (L).
/// Errors: DataError naming the first other position.
std::vector<Token> tokens_of_one_hot(std::span<const float> values, Layout layout = Layout::channel_major);
std::vector<Token> tokens_of_one_hot(std::span<const std::int8_t> values, Layout layout = Layout::channel_major);

/// G and C among the bases that are not N; 0 for a sequence of N only.
double gc_fraction(std::span<const Token> tokens);

}  // namespace basewise::seq
