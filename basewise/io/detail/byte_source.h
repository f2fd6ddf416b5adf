// Bytes of a file, decompressed on the way if it is gzip or bgzip.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace basewise::io::detail {

/// Reads a plain or gzip-compressed file (told by its first bytes, not by its name) from beginning
/// to end. Several gzip members in a row, as bgzip writes them, are one stream.
/// Errors: DataError naming the file: cannot open or read, truncated or damaged gzip data, bytes
/// behind its end, another compression.
class ByteSource {
 public:
  explicit ByteSource(const std::filesystem::path& path);
  ~ByteSource();
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;

  /// Fills as much of `out` as there is; 0 only at the end.
  std::size_t read(std::span<char> out);

  bool compressed() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io::detail
