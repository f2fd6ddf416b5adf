// Headers of objects in an HDF5 file, read before libhdf5 reads them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/h5.h"

namespace basewise::io::detail {

/// Bytes that are taken from the front; what is not there is an error.
class H5Bytes {
 public:
  /// `where` is named in errors and outlives this.
  H5Bytes(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  /// Other bytes of the same place.
  H5Bytes(std::string_view bytes, const H5Bytes& of) : bytes_(bytes), where_(of.where_) {}

  /// A DataError "WHERE has WHAT; it is damaged".
  [[noreturn]] void fail(std::string_view what = "a message that does not fit its header") const;

  std::size_t left() const { return bytes_.size(); }
  std::string_view take(std::uint64_t n) {
    if (n > bytes_.size()) fail();
    const std::string_view taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }
  template <class T>
  T number() {
    return get<T>(take(sizeof(T)).data());
  }
  /// A word that ends with a zero byte, filled to a multiple of 8 where `padded`.
  void word(bool padded);

 private:
  std::string_view bytes_;
  const std::string& where_;
};

/// Kinds of messages in a header (format specification, IV.A.2); others are numbers without a name.
enum class H5Message : unsigned {
  space = 1,
  type = 3,
  fill = 5,
  layout = 8,
  filters = 11,
  attribute = 12,
  continuation = 16,
  symbol_table = 17
};

/// A file that is read beside libhdf5: at addresses that count from its superblock.
class H5Raw {
 public:
  H5Raw(hid_t file, const std::string& file_name);

  /// Whether addresses and sizes have 8 bytes, as every program writes them;
  /// nothing is read of other files.
  bool usual() const { return usual_; }

  /// Errors: DataError for bytes outside the file, named as `what`.
  std::string read(std::uint64_t address, std::uint64_t size, const std::string& where, std::string_view what) const;

 private:
  PositionedFile file_;
  std::uint64_t base_ = 0;
  bool usual_ = true;
};

/// Calls `visit(kind, body)` for every message of the header at `address` that stands in it and is
/// not shared with other headers. A header of an unknown form has no messages: libhdf5 says what it
/// is.
/// (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, IV.A.1)
/// Errors: DataError "WHERE ..." for blocks that lie outside the file.
void h5_visit_messages(const H5Raw& file, const std::string& where, std::uint64_t address,
                       const std::function<void(H5Message, H5Bytes)>& visit);

}  // namespace basewise::io::detail
