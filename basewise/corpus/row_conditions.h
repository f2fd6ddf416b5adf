// Conditions "column=value" on the rows of a table.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "basewise/io/tsv.h"

namespace basewise::corpus {

/// Rows that meet all conditions; several about one column are met by any of them.
class Conditions {
 public:
  /// Errors: ArgumentError for a text without '='; DataError for an unknown column.
  Conditions(const std::vector<std::string>& texts, const io::TsvReader& table);

  bool met(const io::TsvReader& table) const;

  /// The columns that the conditions are about.
  std::vector<std::size_t> columns() const;

 private:
  std::vector<std::pair<std::size_t, std::string>> conditions_;
};

}  // namespace basewise::corpus
