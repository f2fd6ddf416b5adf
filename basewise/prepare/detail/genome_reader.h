// The sequences of windows, by the index of a plain FASTA file or from a whole genome in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "basewise/io/fasta_index.h"
#include "basewise/seq/genome.h"

namespace basewise::prepare::detail {

/// How a file that is compressed in blocks (bgzip) is read: as a whole, where many windows of a
/// chromosome would inflate their blocks again and again, or by its index, where memory counts.
enum class Blocks { whole, indexed };

/// Threads may share one. A file that is compressed without blocks is read as a whole.
class GenomeReader {
 public:
  /// Errors: those of `io::IndexedFasta` and `io::load_genome`.
  explicit GenomeReader(const std::filesystem::path& fasta, Blocks blocks = Blocks::whole);

  const seq::ChromSizes& sizes() const { return indexed_ ? indexed_->sizes() : whole_->sizes(); }

  /// Tokens from `start` on, which may be negative; N beyond the chromosome and for IUPAC codes.
  void read(std::size_t chrom, std::int64_t start, std::span<seq::Token> tokens) const;

 private:
  std::unique_ptr<io::IndexedFasta> indexed_;
  std::optional<seq::Genome> whole_ = {};
};

}  // namespace basewise::prepare::detail
