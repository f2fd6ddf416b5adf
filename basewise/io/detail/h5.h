// libhdf5: its lock, its handles, its reasons, its types.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hdf5.h>

#include "basewise/io/array.h"

namespace basewise::io::detail {

/// Stands for the whole of a function that calls libhdf5, which is not safe for threads. Within,
/// the library prints nothing: reasons are asked for by `h5_reason`. Not to be taken twice.
class H5Lock {
 public:
  H5Lock();
  ~H5Lock();
  H5Lock(const H5Lock&) = delete;
  H5Lock& operator=(const H5Lock&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// An object of libhdf5 that is given back; all of it under `H5Lock`.
class H5Handle {
 public:
  using Close = herr_t (*)(hid_t);
  H5Handle() = default;
  H5Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~H5Handle() { reset(); }
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    if (this == &other) return *this;
    reset();
    id_ = std::exchange(other.id_, -1);
    close_ = other.close_;
    return *this;
  }

  explicit operator bool() const { return id_ >= 0; }
  hid_t get() const { return id_; }

  /// Gives the object back now. Whether libhdf5 could.
  bool reset() { return id_ < 0 || close_(std::exchange(id_, -1)) >= 0; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// The innermost reason of the last failure ("truncated file: eof = 96, ..."), and forgets it.
std::string h5_reason();

/// A DataError "WHERE: MESSAGE (libhdf5: REASON)".
[[noreturn]] void h5_fail(const std::string& where, const std::string& message);

/// The type of numbers in files: little-endian; truth values are h5py's enumeration.
/// Errors: ArgumentError (bfloat16: HDF5 has no word for it).
H5Handle h5_type(DType dtype);

/// What a type of a file is, where it is one of ours in either order of bytes.
std::optional<DType> h5_dtype(hid_t type);

/// "float16", "text of 12 bytes", "text", "compound", "integer of 3 bytes".
std::string h5_type_text(hid_t type);

/// A filter of a data set: its number, and what people call it.
struct H5Filter {
  H5Z_filter_t id = 0;
  std::string name;
};
std::vector<H5Filter> h5_filters(hid_t creation);

/// The extents of a space; nothing for one that holds no element by its kind is (0).
/// Errors: DataError for an extent beyond 2^62.
std::vector<std::int64_t> h5_shape(hid_t space);

}  // namespace basewise::io::detail
