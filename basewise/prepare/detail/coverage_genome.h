// The chromosomes that are counted on, and their bases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/io/bigwig.h"
#include "basewise/prepare/coverage_options.h"
#include "basewise/prepare/detail/genome_reader.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::prepare::detail {

/// Longest chromosome that positions of 32 bits hold.
inline constexpr std::int64_t kLongestChromosome = 4'294'967'294;

/// Names of files in messages: some of them.
std::string shown_files(const std::vector<std::filesystem::path>& files);

class CoverageGenome {
 public:
  /// Chromosomes are those of `sizes`, else of `genome`, else of the header of the first alignment
  /// file; of these the ones that are asked for.
  /// Errors: ArgumentError where nothing names them, or none is left; DataError for an unknown
  /// name, a chromosome longer than `kLongestChromosome`, one that the FASTA lacks or has in
  /// another length where its bases are needed.
  explicit CoverageGenome(const CoverageOptions& options);

  const seq::ChromSizes& sizes() const { return sizes_; }
  io::TrackChromosomes chromosomes() const;

  /// Bases [start, end) of a chromosome. Only where the correction by G and C is asked for.
  std::vector<seq::Token> bases(std::size_t chrom, std::int64_t start, std::int64_t end) const;

 private:
  void match_bases();

  seq::ChromSizes sizes_;
  std::optional<GenomeReader> fasta_;
  std::vector<std::size_t> in_fasta_;  // by chromosome
};

}  // namespace basewise::prepare::detail
