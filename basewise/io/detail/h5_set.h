// One data set of an HDF5 file, opened and compared with what the file can hold.
// All functions are called under `H5Lock`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/detail/h5.h"
#include "basewise/io/detail/h5_chunks.h"
#include "basewise/io/hdf5.h"

namespace basewise::io::detail {

class H5Set {
 public:
  /// `path` may lead through links. Errors: DataError as `H5File`.
  H5Set(hid_t file, const std::string& file_name, std::string_view path);

  const H5Info& info() const { return info_; }
  hid_t type() const { return type_.get(); }
  std::int64_t rows() const { return info_.shape.empty() ? 1 : info_.shape[0]; }
  std::int64_t row_elements() const { return row_elements_; }
  std::int64_t elements() const { return rows() * row_elements_; }

  /// Bytes of an element in the file.
  std::size_t element_bytes() const { return element_bytes_; }

  /// Rows that lie in pieces of the file together: reading so many, or a multiple, from a multiple
  /// of them unpacks nothing twice.
  std::int64_t chunk_rows() const { return info_.chunk.empty() ? 1 : info_.chunk[0]; }

  /// Rows [begin, end) with elements as the memory type `type`.
  /// Errors: DataError also for filters that libhdf5 lacks.
  void read(hid_t type, std::int64_t begin, std::int64_t end, void* out) const;

  /// "FILE: data set 'PATH'".
  const std::string& where() const { return where_; }
  [[noreturn]] void fail(const std::string& message) const;

 private:
  void check_sizes(hid_t creation, std::int64_t file_bytes);
  void check_filters() const;
  void find_direct(hid_t creation);

  std::string where_;
  H5Handle set_;
  H5Handle type_;
  H5Handle space_;
  H5Info info_;
  std::vector<H5Filter> filters_;
  std::optional<H5ChunkForm> direct_;  // where pieces are unpacked here
  std::vector<std::byte> fill_;        // an element of what was never written
  std::int64_t row_elements_ = 1;
  std::size_t element_bytes_ = 0;
};

}  // namespace basewise::io::detail
