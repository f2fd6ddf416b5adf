// FASTA: plain, gzip or bgzip; streaming, by index, as a genome in memory, and written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/read_report.h"
#include "basewise/seq/genome.h"

namespace basewise::io {

/// One sequence. The name ends at the first blank of the header; the letters are those of the file, case kept.
struct FastaRecord {
  std::string name;
  std::string description;  ///< what follows the name in the header
  std::string sequence;
  std::int64_t line = 0;  ///< of the header, from 1
};

/// How a FASTA file is read.
struct FastaOptions {
  seq::Ambiguity ambiguity = seq::Ambiguity::error;  ///< IUPAC codes other than N; all but `error` let them through
  bool allow_duplicates = false;                     ///< several records of one name
  bool allow_empty = false;                          ///< records without any base
};
void describe(Visitor& v, FastaOptions& o);

/// Reads records in order. Blank lines are counted and passed over; blanks at the end of a line too.
///
/// Errors: DataError "file:line:column: ..." for sequence before the first header, an empty name, a repeated name, a letter that is not
/// allowed, a record without sequence, a file without records, FASTQ; and those of `LineReader` (truncated gzip).
class FastaReader {
 public:
  explicit FastaReader(const std::filesystem::path& path, FastaOptions options = {});
  ~FastaReader();
  FastaReader(FastaReader&&) noexcept;

  /// The next record; false at the end of the file.
  bool next(FastaRecord& record);

  const ReadReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All records of a file.
struct FastaResult {
  std::vector<FastaRecord> records;
  ReadReport report;
};
FastaResult read_fasta(const std::filesystem::path& path, const FastaOptions& options = {});

/// How a FASTA file becomes a genome.
struct GenomeOptions {
  std::filesystem::path path = {};                    ///< FASTA file
  seq::Ambiguity ambiguity = seq::Ambiguity::error;   ///< error or n
  std::vector<std::string> chroms = {};               ///< sequences to keep, by name or alias; empty keeps all
  std::vector<std::string> circular = {};             ///< sequences that are circular, by name or alias
  std::optional<std::filesystem::path> aliases = {};  ///< table of names of equal meaning
};
void describe(Visitor& v, GenomeOptions& o);

/// A genome with what was met on the way: `report.skipped` counts sequences that `chroms` left out, `report.notes` IUPAC codes that became
/// N.
struct GenomeResult {
  seq::Genome genome;
  ReadReport report;
  std::int64_t n = 0;  ///< bases N, IUPAC codes included
};

/// Reads a whole FASTA file into memory, one byte per base. Errors: those of `FastaReader`; a name in `chroms` or `circular` that the file
/// does not have; an alias that stands for two sequences.
GenomeResult load_genome(const GenomeOptions& options);
GenomeResult load_genome(const std::filesystem::path& path);

/// Whether an index that was built is written to the disk.
enum class WriteIndex { never, beside };

/// Random access by the index of samtools (x.fa.fai, and x.fa.gz.gzi for bgzip). Safe for use by several threads, which take turns.
///
/// An index beside the file is used and checked against the headers in the file as records are first touched; without one, or with one that
/// is older than the file, the index is built in memory by one pass over the file. `WriteIndex::beside` also writes it, whole or not at
/// all; a folder that cannot be written is no error (the index stays in memory).
class IndexedFasta {
 public:
  /// Errors: DataError naming file and line: gzip that is not bgzip, lines of unequal length within a record, repeated names, no record, an
  /// index that does not fit the file.
  explicit IndexedFasta(const std::filesystem::path& path, WriteIndex write = WriteIndex::never);
  ~IndexedFasta();
  IndexedFasta(IndexedFasta&&) noexcept;

  /// Names, lengths and aliases; mutable for `add_aliases` and `set_circular`.
  const seq::ChromSizes& sizes() const;
  seq::ChromSizes& sizes();

  /// The bases of an interval, case kept, 5' to 3' on its strand; across the origin of a circular sequence. Errors: DataError for an
  /// unknown name, positions outside, or a file that does not hold what its index says.
  std::string fetch(const seq::Interval& interval) const;

  /// The bases from `start` of sequence number `i` (in `sizes()`) on, as many as `tokens` holds; IUPAC codes become N. In an uncompressed
  /// file, threads do not wait for each other. Errors: as for `fetch`.
  void read(std::size_t i, std::int64_t start, std::span<seq::Token> tokens) const;

  /// Whether the file is compressed, so that a window costs the inflation of its block.
  bool compressed() const;

  bool index_was_built() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes records in order; bgzip (which is gzip) if the name ends in .gz. The file appears whole at `close`.
class FastaWriter {
 public:
  /// Errors: ArgumentError for a line width below 1; DataError if the file cannot be made.
  explicit FastaWriter(const std::filesystem::path& path, std::int64_t line_width = 60);
  ~FastaWriter();

  /// Errors: ArgumentError for an empty name or one with white space, a line break in the description, or a letter that FASTA of DNA does
  /// not have.
  void write(std::string_view name, std::string_view sequence, std::string_view description = {});
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

void write_fasta(const std::filesystem::path& path, const std::vector<FastaRecord>& records, std::int64_t line_width = 60);

}  // namespace basewise::io
