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

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct NpzOptions {
  bool compress = false;                   ///< deflate the members; floating-point predictions shrink little and slowly
  std::uint64_t zip64_from = 0xffffffffu;  ///< members and offsets of at least so many bytes are written with zip64 fields
};

/// Writes an .npz member by member; the file appears at `close`, destroyed before that it leaves
/// nothing behind.
class NpzWriter {
 public:
  explicit NpzWriter(const std::filesystem::path& path, NpzOptions options = {});
  ~NpzWriter();
  NpzWriter(const NpzWriter&) = delete;
  NpzWriter& operator=(const NpzWriter&) = delete;

  /// Errors: ArgumentError (name used before or empty, bytes that do not fit the shape), DataError
  /// (disk).
  void add(const std::string& name, const TensorView& array);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
