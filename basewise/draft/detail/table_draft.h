// The columns of a table with sequences, and what each is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/draft/detail/sequence_facts.h"

namespace basewise::draft::detail {

/// One column, looked at row by row.
struct ColumnFacts {
  std::string name = {};
  bool letters = true;  ///< every field is a sequence of four letters or more
  bool numeric = true;  ///< every field is a number, TRUE or FALSE, or missing
  bool counts = true;   ///< numbers the rows
  std::int64_t rows = 0;
  std::int64_t missing = 0;
  double sum = 0;
  double squares = 0;
  double least = 0;
  double most = 0;
  std::int64_t ones = 0;
  bool binary = true;                             ///< every number is 0 or 1
  std::set<std::string, std::less<>> words = {};  ///< the first few different fields

  void add(std::string_view field);
  double mean() const;
  double deviation() const;
  std::int64_t measured() const { return rows - missing; }
  bool constant() const { return measured() == 0 || least == most; }
  /// train and test, perhaps validation, under the names that `data.split` knows.
  bool splits() const;
  /// Chromosomes, of which there are enough for three sets.
  bool says_chromosome() const;
};

/// The columns of all tables together; the first says which there are.
/// Errors: DataError for fewer than 20 rows, and those of the reader.
std::vector<ColumnFacts> look_at_columns(const std::vector<std::filesystem::path>& files);

}  // namespace basewise::draft::detail
