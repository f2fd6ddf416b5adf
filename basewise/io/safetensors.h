// safetensors: named arrays behind a JSON header (https://github.com/huggingface/safetensors,
// format of version 0.4 and later).
#pragma once

#include <filesystem>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/io/array.h"

namespace basewise::io {

/// Free text by key: the `__metadata__` of a file.
using Metadata = std::map<std::string, std::string>;

/// Arrays by name, in the order of the caller.
using NamedTensors = std::vector<std::pair<std::string, TensorView>>;

/// A safetensors file, mapped into memory; nothing is copied until the views are read.
///
/// The whole header is checked when the file is opened: its length against the file, JSON and
/// UTF-8, duplicate names, types, shapes against byte ranges, and that the ranges cover the rest of
/// the file without gap, overlap or excess. Types that basewise has no use for (F8_*, ...) are
/// refused. Safe to read from several threads. The file must not be shortened in place while it is
/// open (basewise itself replaces files by rename).
class SafetensorsFile {
 public:
  /// Errors: DataError that names the file, the array and both sides of the contradiction.
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

  const std::filesystem::path& path() const;

  /// Names in the order of the data in the file.
  const std::vector<std::string>& names() const;
  bool contains(std::string_view name) const;

  /// The array's bytes in the file; valid as long as this object.
  /// Errors: DataError with the nearest name there is.
  const TensorView& at(std::string_view name) const;

  const Metadata& metadata() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a file that the Python package reads, atomically. Equal input gives equal bytes, the same
/// ones as the Python package (version 0.8): arrays are laid out by type, large elements first,
/// then by name; the header is padded with blanks to a multiple of 8 bytes.
/// Errors: ArgumentError (duplicate or reserved name, name or metadata that is no UTF-8, bytes that
/// do not fit the shape), DataError (disk).
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors, const Metadata& metadata = {});

/// The same bytes onto a stream, whose state the caller checks.
void write_safetensors(std::ostream& out, const NamedTensors& tensors, const Metadata& metadata = {});

}  // namespace basewise::io
