// Little-endian numbers in byte strings, and files read at a position.
// For the binary formats of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "basewise/core/error.h"

namespace basewise::io::detail {

/// Appends the bytes of a number.
template <class T>
void put(std::string& out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

/// The number at `offset`; the caller has checked that it is there.
template <class T>
T get(const char* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// A local file that is read at positions; no cursor, so that threads may share it.
class PositionedFile {
 public:
  /// Errors: DataError naming the file and the system's reason (not there, a folder, no
  /// permission).
  explicit PositionedFile(std::filesystem::path path);
  ~PositionedFile();
  PositionedFile(const PositionedFile&) = delete;
  PositionedFile& operator=(const PositionedFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }

  /// Exactly `size` bytes at `offset`.
  /// Errors: DataError "PATH: WHAT at byte OFFSET needs SIZE bytes, but the file ends at ...".
  std::string read(std::uint64_t offset, std::uint64_t size, std::string_view what) const;
  void read(std::uint64_t offset, std::span<char> out, std::string_view what) const;

  /// A DataError "PATH: message".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace basewise::io::detail
