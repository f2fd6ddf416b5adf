// A FASTA file by its index: any stretch of it without reading the rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "basewise/seq/alphabet.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::io {

/// Whether an index that was built is written to the disk.
enum class WriteIndex { never, beside };

/// Random access by the index of samtools (x.fa.fai, and x.fa.gz.gzi for bgzip). Safe for use by
/// several threads, which take turns.
///
/// An index beside the file is used and checked against the headers in the file as records are
/// first touched; without one, or with one that is older than the file, the index is built in
/// memory by one pass over the file. `WriteIndex::beside` also writes it, whole or not at all; a
/// folder that cannot be written is no error (the index stays in memory).
class IndexedFasta {
 public:
  /// Errors: DataError naming file and line: gzip that is not bgzip, lines of unequal length within
  /// a record, repeated names, no record, blocks of bgzip that are damaged, an index that does not
  /// fit the file. A bgzip file without its end-of-file block is warned of.
  explicit IndexedFasta(const std::filesystem::path& path, WriteIndex write = WriteIndex::never);
  ~IndexedFasta();
  IndexedFasta(IndexedFasta&&) noexcept;

  /// Names, lengths and aliases; mutable for `add_aliases` and `set_circular`.
  const seq::ChromSizes& sizes() const;
  seq::ChromSizes& sizes();

  /// The bases of an interval, case kept, 5' to 3' on its strand;
  /// across the origin of a circular sequence.
  /// Errors: DataError for an unknown name, positions outside, or a file that does not hold what
  /// its index says.
  std::string fetch(const seq::Interval& interval) const;

  /// The bases from `start` of sequence number `i` (in `sizes()`) on, as many as `tokens` holds;
  /// IUPAC codes become N. In an uncompressed file, threads do not wait for each other.
  /// Errors: as for `fetch`.
  void read(std::size_t i, std::int64_t start, std::span<seq::Token> tokens) const;

  /// Whether the file is compressed, so that a window costs the inflation of its block.
  bool compressed() const;

  bool index_was_built() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
