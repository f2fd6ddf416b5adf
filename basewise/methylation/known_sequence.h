// What is known of the sequence of a genome: whole chromosomes, or stretches of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/seq/genome.h"

namespace basewise::methylation {

/// The bases of a FASTA file by chromosome and position. A record whose name is
/// "chromosome:start-end" (0-based half-open, as bedtools getfasta names them) and that has
/// end - start bases is that stretch of the chromosome; any other record is a whole chromosome.
class KnownSequence {
 public:
  explicit KnownSequence(seq::Genome genome);

  /// Names of the chromosomes of which anything is known.
  const std::vector<std::string>& chromosomes() const { return names_; }

  /// The places of names, by any spelling, in `chromosomes()`; -1 for one that is not there.
  std::vector<std::int64_t> places_of(const std::vector<std::string>& names) const;

  /// The base at a 0-based position of chromosome number `place`; N where nothing is known.
  seq::Token at(std::int64_t place, std::int64_t position) const;

  /// Bases from `start` on, which may be negative; N where nothing is known.
  void read(std::int64_t place, std::int64_t start, std::span<seq::Token> tokens) const;

 private:
  struct Piece {
    std::int64_t start = 0;
    std::int64_t furthest = 0;  // largest end of this piece and those before it
    std::span<const seq::Token> bases = {};
    std::int64_t end() const { return start + std::ssize(bases); }
  };
  std::size_t behind(const std::vector<Piece>& pieces, std::int64_t position) const;

  seq::Genome genome_;
  std::vector<std::string> names_ = {};
  std::vector<std::vector<Piece>> pieces_ = {};  // by chromosome, by rising start
};

}  // namespace basewise::methylation
