// The columns of a table by what they are for.
#pragma once

#include <string>
#include <vector>

#include "basewise/draft/detail/column_facts.h"
#include "basewise/draft/draft.h"

namespace basewise::draft::detail {

struct TableColumns {
  std::string sequence = {};
  std::string set = {};                          ///< says which row trains and which tests; empty: none does
  std::string chromosome = {};                   ///< empty: none does
  std::vector<const ColumnFacts*> classes = {};  ///< labels 0 and 1
  std::vector<const ColumnFacts*> numbers = {};
  const ColumnFacts* bits = nullptr;          ///< holds all labels of a row; then there are no others
  std::vector<std::string> passed_over = {};  ///< columns of numbers that are no labels

  bool both() const { return !classes.empty() && !numbers.empty(); }
  /// Positives alone: negatives are to be made up.
  bool all_positive() const { return classes.size() == 1 && numbers.empty() && classes.front()->all_ones(); }
};

/// The labels that were asked for, else all columns of numbers that may be some. `columns` must
/// outlive what is returned; `file` is for messages.
/// Errors: ArgumentError for a label that is no column; DataError for a table without sequences or
/// labels, labels that are all the same, or numbers among which one is none.
TableColumns choose_columns(const std::vector<ColumnFacts>& columns, const std::vector<std::string>& labels, const std::string& file);

}  // namespace basewise::draft::detail
