// What sequences and profiles look like from the other strand of the DNA.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/seq/alphabet.h"

namespace basewise::seq {

/// The base on the other strand: A-T, C-G, N-N.
constexpr Token complement(Token token) { return token < kN ? static_cast<Token>(3 - token) : token; }

/// Complement of a letter with its case kept; IUPAC codes by their sets (R-Y, K-M, B-V, D-H;
/// S, W and N stay), U gives A.
/// Errors: DataError for any other letter.
char complement(char letter);

/// Other strand, read 5' to 3'. Errors: DataError naming the letter and its position.
std::string reverse_complement(std::string_view letters);
void reverse_complement_in_place(std::span<Token> tokens);
std::vector<Token> reverse_complement(std::span<const Token> tokens);

/// Reverse complement of a one-hot array (4, L) channel-major: positions and channels reversed.
void reverse_complement_one_hot(std::span<float> values);
void reverse_complement_one_hot(std::span<std::int8_t> values);

/// Stranded profile (C, L) as seen from the other strand: positions reversed, channel c of the
/// result is channel order[c] of the input. `order` must be a permutation of 0..C-1 and `values`,
/// `out` must hold C x L numbers without overlap (ArgumentError).
void reverse_complement_profile(std::span<const float> values, std::span<const std::int64_t> order, std::span<float> out);

/// The same for channels that come in pairs (+, -), which swap, or a single one,
/// which is kept; a fresh array.
/// Errors: ArgumentError for another odd number of channels.
std::vector<float> reverse_complement_profile(std::span<const float> values, std::int64_t channels);

}  // namespace basewise::seq
