// .npz files written array by array, or an array piece by piece.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/array.h"

namespace basewise::io {

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

  /// An array whose elements come piece by piece, stored; nothing else may be added before `end`. A
  /// first extent of -1 is told by what was appended. With `parts`, the array is that many equal
  /// stretches one behind the other, each filled by pieces of its own, as the channels of (S, N)
  /// are that grow side by side; then every extent must be known.
  /// Errors of all three: ArgumentError for a name as in `add`, a type that NumPy lacks, and bytes
  /// that do not fill the shape; DataError (disk).
  void begin(const std::string& name, DType type, std::vector<std::int64_t> shape, std::int64_t parts = 1);
  void append(std::span<const std::byte> bytes, std::int64_t part = 0);
  void end();

  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
