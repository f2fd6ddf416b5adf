// The kind of data "table": sequences and labels in tables.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/kinds.h"
#include "basewise/data/sequences.h"

namespace basewise::data {

/// Tables with a header line, one sequence per row (io::TsvReader says which forms are read).
struct TableOptions {
  FileList file = {};
  std::string sequence = "sequence";                 ///< column with the letters
  std::string name = {};                             ///< column with names; empty: "name" if there is one, else the row number
  std::vector<std::string> labels = {};              ///< columns; empty: columns of numbers that have no other role (detail::LabelColumns)
  std::vector<TargetOptions> targets = {};           ///< instead of `labels`: labels of several targets
  std::string bits = {};                             ///< column with all labels of a row as digits 0 and 1 ("0101"), instead of `labels`
  std::string set = {};                              ///< column with train, validation, test
  std::vector<std::string> where = {};               ///< conditions "column=value": rows that meet all of them are kept
  seq::Ambiguity ambiguity = seq::Ambiguity::error;  ///< IUPAC codes other than N: error or as_n
  FileList validation_file = {};                     ///< further tables of the same columns: the validation set
  FileList test_file = {};                           ///< further tables of the same columns: the test set
  LengthOptions length = {};
  bool with_labels = true;  ///< false: names and sequences alone, as for prediction
};
void describe(Visitor& v, TableOptions& o);

/// The rows of all files. Labels that are empty, NA, NaN or "." are missing. `group`: column whose
/// words become the groups of rows; empty: none.
/// Errors: DataError with file, line and column; ArgumentError for options that do not fit each
/// other.
SequenceDataPtr read_table(const TableOptions& options, const std::string& group = {});

extern const DataKind kTableKind;

}  // namespace basewise::data
