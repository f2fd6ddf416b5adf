// .npz files: NumPy arrays in a zip archive.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/array.h"

namespace basewise::io {

/// An .npz file: a zip archive of .npy members, stored or deflated, zip64 included. The directory
/// is checked when the file is opened; a member's sizes and CRC-32 when it is read.
/// Safe to read from several threads.
class NpzFile {
 public:
  /// Errors: DataError naming the file and what is wrong with it.
  explicit NpzFile(const std::filesystem::path& path);
  ~NpzFile();
  NpzFile(NpzFile&&) noexcept;
  NpzFile& operator=(NpzFile&&) noexcept;

  /// Names without ".npy", in the order of the archive.
  const std::vector<std::string>& names() const;
  bool contains(std::string_view name) const;

  /// Errors: DataError naming file and member; an unknown name is answered with the nearest one
  /// there is.
  Array read(std::string_view name) const;

  /// Rows [begin, end) along the first axis as float, row by row: of an array that is stored and
  /// not in Fortran order only their bytes are read, unchecked by a sum; of another the whole.
  /// Errors: as `read`; DataError for no axis, rows that are not there.
  std::vector<float> rows(std::string_view name, std::int64_t begin, std::int64_t end) const;

  /// Type and extents, and whether `rows` reads no more than it gives. Errors: as `read`.
  struct Layout {
    DType dtype = DType::f32;
    std::vector<std::int64_t> shape;
    bool by_rows = false;
  };
  Layout layout(std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
