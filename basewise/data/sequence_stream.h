// Sequences of a file a part at a time, for predictions:
// a file of any size needs the memory of one part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "basewise/data/sequences.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

struct SequenceStreamOptions {
  std::filesystem::path fasta = {};  ///< one of both
  std::filesystem::path table = {};
  std::string sequence = "sequence";  ///< table: column with the letters
  seq::Ambiguity ambiguity = seq::Ambiguity::as_n;
  LengthOptions length = {};
};

/// Some sequences that follow each other in the file, N of them.
struct SequencePart {
  SequenceDataPtr data = {};                        ///< sequences and names, without labels
  std::vector<std::vector<std::string>> kept = {};  ///< table: (N, columns) fields as they stand in the file
};

/// Reads in order. Names are those of the FASTA headers (which may repeat), or of the column "name"
/// of a table, else "row_1" and so on.
/// Errors: DataError with file and line, as the kinds of data "fasta" and "table" have them.
class SequenceStream {
 public:
  explicit SequenceStream(const SequenceStreamOptions& options);
  ~SequenceStream();

  /// Columns of a table besides names and letters; a FASTA file has none.
  const std::vector<std::string>& columns() const;

  /// Up to `most` sequences; nothing at the end.
  /// Errors also: DataError for a file without any sequence.
  std::optional<SequencePart> next(std::int64_t most);

  /// What was cut, filled up, made N or passed over so far.
  std::vector<std::string> notes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::data
