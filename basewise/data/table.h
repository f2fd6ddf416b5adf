// The kind of data "table": sequences and labels in a table.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/kinds.h"
#include "basewise/data/sequences.h"

namespace basewise::data {

/// A table with a header line, one sequence per row (tab-separated; gzip allowed).
struct TableOptions {
  std::filesystem::path file = {};
  std::string sequence = "sequence";     ///< column with the letters
  std::string name = {};                 ///< column with names; empty: "name" if there is one, else the row number
  std::vector<std::string> labels = {};  ///< columns; empty: every column of numbers that has no other role
  std::string bits = {};                 ///< column with all labels of a row as digits 0 and 1 ("0101"), instead of `labels`
  std::string set = {};                  ///< column with train, validation, test
  std::vector<std::string> where = {};   ///< conditions "column=value": rows that meet all of them are kept
  seq::Ambiguity ambiguity = seq::Ambiguity::error;  ///< IUPAC codes other than N: error or as_n
  std::filesystem::path test_file = {};  ///< second table of the same columns: the test set
  LengthOptions length = {};
};
void describe(Visitor& v, TableOptions& o);

/// Labels that are empty, NA, NaN or "." are missing. Errors: DataError with file, line and column.
SequenceDataPtr read_table(const TableOptions& options);

extern const DataKind kTableKind;

}  // namespace basewise::data
