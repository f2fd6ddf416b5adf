// A genome in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/seq/alphabet.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/token_buffer.h"

namespace basewise::seq {

/// What happens where an interval reaches over the end of a linear chromosome.
enum class Edges {
  error,  ///< a DataError that names interval and length
  pad,    ///< N, and 0 in the mask
};

/// A piece of a genome, read 5' to 3' on its strand.
struct Piece {
  std::vector<Token> tokens;         ///< (L)
  std::vector<std::uint8_t> inside;  ///< (L) 1 where the chromosome is, 0 where it was padded; empty if nothing was padded
};

/// Sequences by name, one byte (a token) per base: 3.1 GB for a human genome. Immutable once
/// filled, so threads may share it.
///
/// Intervals are 0-based half-open. On a circular chromosome of length n, an interval of at most n
/// bases may start anywhere in [-n, n) and run over the origin. On the reverse strand a piece is
/// the reverse complement of the same bases; `Strand::none` reads forward.
class Genome {
 public:
  /// `source` names the file, for errors.
  explicit Genome(std::string source = "the genome");

  /// Errors: DataError for an empty or repeated name; ArgumentError for a token above 4.
  void add(std::string name, std::vector<Token> tokens, bool circular = false);
  void adopt(std::string name, TokenBuffer tokens, bool circular = false);

  /// Names, lengths, circularity and aliases; mutable for `add_aliases` and `set_circular`.
  const ChromSizes& sizes() const { return sizes_; }
  ChromSizes& sizes() { return sizes_; }
  const std::string& source() const { return sizes_.source(); }

  /// All tokens of chromosome i.
  std::span<const Token> sequence(std::size_t i) const { return sequences_[i]; }
  /// By name or alias. Errors: DataError naming both sides.
  std::span<const Token> sequence(std::string_view name) const { return sequences_[sizes_.index(name, "the request")]; }

  /// Bases of an interval.
  /// Errors: DataError for an unknown chromosome, for positions outside (with `Edges::error`), and
  /// for more than one round of a circular chromosome.
  Piece fetch(const Interval& interval, Edges edges = Edges::error) const;

  /// The same into memory of the caller (L tokens); `inside` may be empty or hold L values. Returns
  /// the number of padded positions.
  std::int64_t fetch(const Interval& interval, std::span<Token> tokens, std::span<std::uint8_t> inside, Edges edges) const;

  /// Bases as upper-case letters.
  std::string letters(const Interval& interval, Edges edges = Edges::error) const;

  /// One-hot (4, L), channel-major, into memory of the caller.
  /// Returns the number of padded positions.
  std::int64_t one_hot(const Interval& interval, std::span<float> out, Edges edges = Edges::error) const;

  /// The L = tokens.size() bases from `start` of chromosome number `chrom` on, read 5' to 3' on
  /// `strand`; over the origin of a circular chromosome, N outside of a linear one. No name is
  /// looked up and nothing is allocated, as loaders like it. Returns the number of padded
  /// positions.
  /// Errors: DataError for more than one round of a circular chromosome.
  std::int64_t read(std::size_t chrom, std::int64_t start, Strand strand, std::span<Token> tokens) const;

  /// The same as one-hot (4, length): row c begins at out + c * stride.
  std::int64_t read_one_hot(std::size_t chrom, std::int64_t start, Strand strand, std::int64_t length, float* out,
                            std::int64_t stride) const;
  std::int64_t read_one_hot(std::size_t chrom, std::int64_t start, Strand strand, std::int64_t length, std::int8_t* out,
                            std::int64_t stride) const;

 private:
  template <class T>
  std::int64_t read_rows(std::size_t chrom, std::int64_t start, Strand strand, std::int64_t length, T* out, std::int64_t stride) const;
  std::int64_t copy(std::size_t chrom, std::int64_t start, std::span<Token> tokens) const;
  void store(std::string name, std::shared_ptr<const void> owner, std::span<const Token> tokens, bool circular);
  void copy_circular(const Interval& interval, std::size_t chrom, std::span<Token> tokens) const;
  std::int64_t copy_linear(const Interval& interval, std::size_t chrom, std::span<Token> tokens, std::span<std::uint8_t> inside,
                           Edges edges) const;

  ChromSizes sizes_;
  std::vector<std::span<const Token>> sequences_;
  std::vector<std::shared_ptr<const void>> owners_;  // what the spans lie in; copies of a genome share it
};

using GenomePtr = std::shared_ptr<const Genome>;

}  // namespace basewise::seq
