// Letters, tokens and one-hot arrays of DNA, and their reverse complements.
//
// Tokens: A 0, C 1, G 2, T 3, N 4. In one-hot arrays N is all zeros. Lower case equals upper case; U is read as T.
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

/// What the IUPAC codes R Y S W K M B D H V become. (N is always N; a letter outside IUPAC is always
/// an error.)
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
/// Errors: DataError naming the first letter that is not allowed and its position (counted from 1); ArgumentError for `expand`.
EncodeReport encode(std::string_view letters, std::span<Token> tokens, Ambiguity ambiguity = Ambiguity::error);

/// The same into a fresh vector.
std::vector<Token> encode(std::string_view letters, Ambiguity ambiguity = Ambiguity::error);

/// Index of the first letter that no rule of `ambiguity` accepts, or -1.
std::int64_t find_invalid(std::string_view letters, Ambiguity ambiguity = Ambiguity::error);

/// Tokens to upper-case letters. Errors: ArgumentError for a token above 4.
std::string decode(std::span<const Token> tokens);

/// Tokens (L) to one-hot, 4 x L numbers in `layout`. `out` must hold 4 L values (ArgumentError). Errors: ArgumentError for a token above 4.
void one_hot(std::span<const Token> tokens, std::span<float> out, Layout layout = Layout::channel_major);
void one_hot(std::span<const Token> tokens, std::span<std::int8_t> out, Layout layout = Layout::channel_major);

/// Letters (L) to one-hot, 4 x L numbers; every rule of `ambiguity` is possible. Errors: as `encode`.
EncodeReport one_hot(std::string_view letters, std::span<float> out, Ambiguity ambiguity = Ambiguity::error,
                     Layout layout = Layout::channel_major);

/// One-hot (exactly one 1 per position, or all zeros for N) back to tokens (L). Errors: DataError naming the first other position.
std::vector<Token> tokens_of_one_hot(std::span<const float> values, Layout layout = Layout::channel_major);
std::vector<Token> tokens_of_one_hot(std::span<const std::int8_t> values, Layout layout = Layout::channel_major);

/// The base on the other strand: A-T, C-G, N-N.
constexpr Token complement(Token token) { return token < kN ? static_cast<Token>(3 - token) : token; }

/// Complement of a letter with its case kept; IUPAC codes by their sets (R-Y, K-M, B-V, D-H; S, W and N stay), U gives A.
/// Errors: DataError for any other letter.
char complement(char letter);

/// Other strand, read 5' to 3'. Errors: DataError naming the letter and its position.
std::string reverse_complement(std::string_view letters);
void reverse_complement_in_place(std::span<Token> tokens);
std::vector<Token> reverse_complement(std::span<const Token> tokens);

/// Reverse complement of a one-hot array (4, L) channel-major: positions and channels reversed.
void reverse_complement_one_hot(std::span<float> values);
void reverse_complement_one_hot(std::span<std::int8_t> values);

/// The order of channels after a reverse complement when strands come in pairs (+, -): 1, 0, 3, 2, ... An odd number of channels
/// is an ArgumentError; one unstranded channel has the order {0}.
std::vector<std::int64_t> swapped_strands(std::int64_t channels);

/// Stranded profile (C, L) as seen from the other strand: positions reversed, channel c of the result is channel order[c] of the input.
/// `order` must be a permutation of 0..C-1 and `values`, `out` must hold C x L numbers without overlap (ArgumentError).
void reverse_complement_profile(std::span<const float> values, std::span<const std::int64_t> order, std::span<float> out);

/// The same with strands swapped in pairs, or kept for a single channel; a fresh array.
std::vector<float> reverse_complement_profile(std::span<const float> values, std::int64_t channels);

/// G and C among the bases that are not N; 0 for a sequence of N only.
double gc_fraction(std::span<const Token> tokens);

}  // namespace basewise::seq
