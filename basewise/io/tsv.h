// Tables as text: named columns, typed access, errors with file, line and column.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/line_reader.h"
#include "basewise/io/read_report.h"

namespace basewise::io {

/// How a table is read.
struct TsvOptions {
  bool header = true;                     ///< the first line names the columns; else they are named by `columns`, or "1", "2", ...
  std::string separator = "\t";           ///< one character
  std::string comment = "#";              ///< lines that start with it are passed over (not the heading, see TsvReader); empty: no comments
  std::vector<std::string> columns = {};  ///< names where there is no header
};
void describe(Visitor& v, TsvOptions& o);

/// Reads a table row by row; gzip is accepted. Fields are not quoted.
///
/// With `header`, the first line that is no comment names the columns; a line "#chrom<tab>start" (a
/// comment sign and at least two fields) before the first row is a heading too, as genomic tables
/// write it. Every row must have as many fields as there are columns. Blank lines and comments are
/// counted.
///
/// Errors: DataError "file:line: ..." for a row with another number of fields, a repeated or empty
/// column name, a table without heading; the typed getters name column and value as well.
class TsvReader {
 public:
  explicit TsvReader(const std::filesystem::path& path, TsvOptions options = {});
  /// Over lines that were opened elsewhere.
  explicit TsvReader(LineReader lines, TsvOptions options = {});
  ~TsvReader();
  TsvReader(TsvReader&&) noexcept;

  /// Names of the columns; without header and names, known after the first row.
  const std::vector<std::string>& columns() const;
  bool has(std::string_view column) const;

  /// Index of a column. Errors: DataError that lists the columns there are and the nearest name.
  std::size_t column(std::string_view name) const;

  /// Goes to the next row; false at the end.
  bool next();

  /// Fields of the current row.
  std::string_view text(std::size_t column) const;
  std::string_view text(std::string_view column) const { return text(this->column(column)); }
  std::int64_t integer(std::size_t column) const;
  std::int64_t integer(std::string_view column) const { return integer(this->column(column)); }
  double number(std::size_t column) const;
  double number(std::string_view column) const { return number(this->column(column)); }

  /// Nothing for an empty field, ".", "NA", "NaN", "null" or "-" (absence is not zero).
  std::optional<double> optional_number(std::size_t column) const;
  std::optional<double> optional_number(std::string_view column) const { return optional_number(this->column(column)); }

  std::int64_t line_number() const;
  const ReadReport& report() const;

  /// DataError at the current row.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a table with a heading row by row; bgzip if the name ends in .gz. The file appears at
/// `close`, destroyed before that it leaves nothing behind.
/// Errors: ArgumentError for a row of another length or a field that holds a tab or a line break.
class TsvWriter {
 public:
  TsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns);
  ~TsvWriter();
  TsvWriter(TsvWriter&&) noexcept;
  void add(const std::vector<std::string>& row);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A whole table.
void write_tsv(const std::filesystem::path& path, const std::vector<std::string>& columns,
               const std::vector<std::vector<std::string>>& rows);

}  // namespace basewise::io
