// The columns of a table with sequences, looked at row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/draft/detail/sequence_facts.h"

namespace basewise::draft::detail {

/// One column.
struct ColumnFacts {
  std::string name = {};
  bool letters = true;  ///< every field is a sequence of four letters or more
  bool counts = true;   ///< numbers the rows
  std::int64_t rows = 0;
  std::int64_t missing = 0;
  std::int64_t no_numbers = 0;  ///< fields that are neither a number, TRUE or FALSE, nor missing
  std::string first_word = {};  ///< the first of these
  std::string place = {};       ///< where it stands, "file:line"
  double sum = 0;
  double squares = 0;
  double least = 0;
  double most = 0;
  std::int64_t ones = 0;
  bool binary = true;                             ///< every number is 0 or 1
  bool digits = true;                             ///< every field is a word of digits 0 and 1, all of one length
  std::int64_t width = 0;                         ///< of the first field
  std::set<std::string, std::less<>> words = {};  ///< the first few different fields

  /// `place` is where the field stands, "file:line".
  void add(std::string_view field, const std::string& file, std::int64_t line);
  double mean() const;
  double deviation() const;
  std::int64_t measured() const { return rows - missing - no_numbers; }
  bool numeric() const { return no_numbers == 0; }
  /// Numbers but for some fields that look like mistakes.
  bool mostly_numeric() const { return measured() > 0 && measured() >= no_numbers; }
  bool constant() const { return measured() == 0 || least == most; }
  /// Several labels a row, a digit each: 010001.
  bool bits() const;
  /// 1 in every row.
  bool all_ones() const { return measured() > 0 && ones == rows; }
  /// train and test, perhaps validation, under the names that `data.split` knows.
  bool splits() const;
  /// Chromosomes, of which there are enough for three sets.
  bool says_chromosome() const;
  /// What pandas and R write in front of each row (`io::TsvReader`), or names.
  bool names_rows() const;
  /// The name says that it is no label: a place, a mark of rows, a prediction.
  bool is_bookkeeping() const;
};

/// The columns of all tables together; the first says which there are.
/// Errors: DataError for fewer than `fewest` rows, for a first line that holds no names but a
/// sequence, and those of the reader.
std::vector<ColumnFacts> look_at_columns(const std::vector<std::filesystem::path>& files, std::int64_t fewest = kFewestSequences);

}  // namespace basewise::draft::detail
