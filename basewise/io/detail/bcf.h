// BCF through htslib, given and taken as lines of VCF.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace basewise::io::detail {

/// Whether a file begins as BCF does. Of a pipe nothing is taken; a named one is not looked into.
/// Errors: DataError for a file that cannot be read.
bool is_bcf_file(const std::filesystem::path& path);

/// Header lines, then a line for each record.
/// Errors: DataError naming the file, and the record that is damaged or cut short.
class BcfLines {
 public:
  explicit BcfLines(const std::filesystem::path& path);
  ~BcfLines();
  BcfLines(BcfLines&&) noexcept;

  /// Valid until the next call; false at the end.
  bool next(std::string_view& line);

  std::int64_t records() const;  ///< that were given out

  /// At the end: the file is compressed and its last block is not the empty one that ends such
  /// files.
  bool is_cut_short() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes to a file that the caller puts into place; `name` is told in errors.
/// Errors: DataError for a header that is none, for rows that it does not describe, and for a full
/// disk.
class BcfWriter {
 public:
  BcfWriter(const std::filesystem::path& file, std::string name, std::string header);
  ~BcfWriter();
  BcfWriter(BcfWriter&&) noexcept;
  void add(std::string_view line);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io::detail
