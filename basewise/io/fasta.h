// FASTA: plain, gzip or bgzip; read record by record, and written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/read_report.h"
#include "basewise/seq/alphabet.h"

namespace basewise::io {

/// One sequence. The name ends at the first blank of the header;
/// the letters are those of the file, case kept.
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

/// Reads records in order. Blank lines are counted and passed over;
/// blanks at the end of a line too.
///
/// Errors: DataError "file:line:column: ..." for sequence before the first header, an empty name, a
/// repeated name, a letter that is not allowed, a record without sequence, a file without records,
/// FASTQ; and those of `LineReader` (truncated gzip).
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

/// Writes records in order; bgzip (which is gzip) if the name ends in .gz.
/// The file appears whole at `close`.
class FastaWriter {
 public:
  /// Errors: ArgumentError for a line width below 1; DataError if the file cannot be made.
  explicit FastaWriter(const std::filesystem::path& path, std::int64_t line_width = 60);
  ~FastaWriter();

  /// Errors: ArgumentError for an empty name or one with white space, a line break in the
  /// description, or a letter that FASTA of DNA does not have.
  void write(std::string_view name, std::string_view sequence, std::string_view description = {});
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

void write_fasta(const std::filesystem::path& path, const std::vector<FastaRecord>& records, std::int64_t line_width = 60);

}  // namespace basewise::io
