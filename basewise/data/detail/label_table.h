// Labels of sequences by name: tables that stand beside FASTA files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/data/sequences.h"

namespace basewise::data::detail {

/// Where labels by name stand.
struct LabelTableOptions {
  FileList files = {};
  std::string name = {};                 ///< column with the names of sequences
  std::vector<std::string> labels = {};  ///< columns; empty: as `LabelColumns` chooses
  SplitColumns split = {};
};

/// The rows of one or several tables of the same columns, looked up by name.
class LabelTable {
 public:
  /// Errors: DataError with file and line: a name that has two rows, and as `LabelColumns`.
  explicit LabelTable(const LabelTableOptions& options);

  const std::vector<std::string>& label_names() const { return label_names_; }

  /// The labels of a sequence; all missing where it has no row.
  std::vector<float> labels(std::string_view name);

  /// Its words for a split; empty where it has no row, or no column was asked for.
  SplitColumns words(std::string_view name) const;

  /// What did not meet: sequences without a row, rows without a sequence.
  /// Errors: DataError where no sequence of `source` has a row.
  std::vector<std::string> notes(const std::string& source) const;

 private:
  struct Row {
    std::size_t number = 0;
    SplitColumns words;
    bool used = false;
  };
  void read(const std::filesystem::path& path, const LabelTableOptions& options);

  std::string source_;
  std::vector<std::string> label_names_;
  std::vector<float> values_;  ///< (rows, labels)
  std::map<std::string, Row, std::less<>> rows_;
  std::vector<std::string> in_order_;    ///< names of the rows
  std::vector<std::string> unlabelled_;  ///< sequences without a row
  std::int64_t asked_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace basewise::data::detail
