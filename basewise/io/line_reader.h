// Text files line by line, plain, gzip or bgzip, with line numbers for errors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "basewise/core/error.h"

namespace basewise::io {

/// Longest line of a table, in bytes: a longer one means that the file is no table.
inline constexpr std::int64_t kLongestLine = std::int64_t{1} << 26;

/// Reads lines in order. LF and CRLF end a line; the last one may lack its end;
/// a UTF-8 byte order mark is passed over.
///
/// Errors: DataError that starts with the file (and line): cannot open or read, damaged or
/// truncated gzip data, a NUL byte (the file is no text), a line longer than `longest_line` bytes.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& path, std::int64_t longest_line = kLongestLine);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// Lines of a text in memory; `name` takes the place of the file in errors.
  static LineReader over(std::string text, std::string name, std::int64_t longest_line = kLongestLine);

  /// The next line without its end, valid until the next call; false at the end of the file.
  bool next(std::string_view& line);

  /// Gives the line of the last `next` out once more.
  void put_back();

  /// Number of the last line given out, from 1; 0 before the first.
  std::int64_t line_number() const;
  const std::string& name() const;

  /// The last line, for errors; `column` counts from 1, 0 means none.
  FilePosition where(std::int64_t column = 0) const;

  /// DataError at the last line.
  [[noreturn]] void fail(const std::string& message, std::int64_t column = 0) const;

 private:
  struct State;
  explicit LineReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
