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
  std::string separator = {};             ///< one character; empty: told by the first line, a tab, a comma or a semicolon
  std::string comment = "#";              ///< lines that start with it are passed over (not the heading, see TsvReader); empty: no comments
  std::vector<std::string> columns = {};  ///< names where there is no header
  bool plain = false;                     ///< quotes are letters and every column has a name, as in tables that basewise writes
};
void describe(Visitor& v, TsvOptions& o);

/// For tables that basewise wrote itself: tabs, no quotes, every column with a name.
inline TsvOptions plain_table() { return {.separator = "\t", .plain = true}; }

/// Whether a field says that nothing was measured: empty, ".", "-", or NA, N/A,
/// NaN, null, None in any case.
bool is_missing(std::string_view field);

/// Reads a table row by row, as tools, pandas, R and spreadsheets write them; gzip is accepted.
///
/// With `header`, the first line that is no comment names the columns; a line "#chrom<tab>start" (a
/// comment sign and at least two fields) before the first row is a heading too, as genomic tables
/// write it. Every row must have as many fields as there are columns. Blank lines and comments are
/// counted. Fields may stand in double quotes (RFC 4180): with commas or semicolons such a field
/// may hold line breaks; between tabs what is no quoted field as a whole is taken as it stands.
///
/// One column may lack a name: the first, where the heading begins with an empty field (the index
/// of pandas) or is one field shorter than the first row (row names of R). It is called "name", or
/// "row" where another column has that name; `index_column` says which it is.
///
/// Errors: DataError "file:line: ..." for a row with another number of fields, a repeated or empty
/// column name, a quote that does not close, a table without heading;
/// the typed getters name column and value as well.
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

  /// The column without a name in the heading; nothing where all have one.
  std::optional<std::size_t> index_column() const;

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

  /// Nothing for a field that `is_missing` (absence is not zero).
  std::optional<double> optional_number(std::size_t column) const;
  std::optional<double> optional_number(std::string_view column) const { return optional_number(this->column(column)); }

  /// The line in which the current row begins.
  std::int64_t line_number() const;
  /// The file.
  const std::string& name() const;
  const ReadReport& report() const;

  /// DataError at the current row.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a table with a heading row by row; bgzip if the name ends in .gz. The file appears at
/// `close`, destroyed before that it leaves nothing behind. A field that would be read as one in
/// quotes is put into quotes.
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
