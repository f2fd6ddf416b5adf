// HDF5 files written data set by data set, or a data set row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/array.h"

namespace basewise::io {

/// How the elements of a data set are kept.
struct H5Options {
  std::optional<DType> dtype = {};  ///< in the file; nothing: the type of the values
  int gzip = 0;                     ///< 1 (fast) to 9 (small); 0: not compressed
  bool shuffle = true;              ///< bytes of equal rank side by side before gzip: smaller
  std::int64_t chunk_rows = 0;      ///< rows of a piece of what is compressed or grows; 0: about 256 kB
};

/// Writes an HDF5 file that any version since 1.8 reads (h5py, MATLAB, R). The file appears at
/// `close`, destroyed before that it leaves nothing behind.
/// Equal calls give equal bytes: times are not kept.
///
/// Groups of a path are made where they lack. T is float, double, std::int8_t, std::uint8_t,
/// std::int32_t or std::int64_t; 0 and 1 become truth values with `DType::boolean` (an enumeration,
/// as h5py writes it).
///
/// Errors: ArgumentError for a name used before, values that do not fill the shape, a gzip level
/// outside 0 to 9, or a finite number that the type in the file does not hold (its index is named);
/// DataError (disk) with the reason that libhdf5 gives. One lock guards all calls (see `H5File`).
class H5Writer {
 public:
  explicit H5Writer(const std::filesystem::path& path);
  ~H5Writer();
  H5Writer(const H5Writer&) = delete;
  H5Writer& operator=(const H5Writer&) = delete;

  void group(std::string_view path);

  template <class T>
  void write(std::string_view path, std::span<const T> values, const std::vector<std::int64_t>& shape, const H5Options& options = {});

  /// Strings as UTF-8, of the length of the longest (`fixed`) or each of its own.
  void write_text(std::string_view path, std::span<const std::string> values, bool fixed = false);

  /// A data set of shape (rows, row_shape...) that grows from no rows; several may grow side by
  /// side. `options.dtype` must be given.
  void begin(std::string_view path, const std::vector<std::int64_t>& row_shape, const H5Options& options);
  /// Whole rows of a data set that was begun.
  template <class T>
  void append(std::string_view path, std::span<const T> rows);

  /// Attributes of a group or data set that is there ("": the root).
  void attribute(std::string_view path, std::string_view name, std::int64_t value);
  void attribute(std::string_view path, std::string_view name, double value);
  void attribute(std::string_view path, std::string_view name, const std::string& value);

  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
