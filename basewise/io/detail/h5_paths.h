// Names in an HDF5 file, and links between them. All functions are called under `H5Lock`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/detail/h5.h"
#include "basewise/io/hdf5.h"

namespace basewise::io::detail {

/// An object that was found: its path without soft links ("" is the root), what it is, and a number
/// that it alone has in its file.
struct H5Object {
  std::string path;
  H5Kind kind = H5Kind::other;
  std::vector<unsigned long> number = {};

  /// Where its header begins, counted from the superblock.
  std::uint64_t address() const { return number.at(2); }
};

/// Follows the links of a path inside the file.
/// Errors: DataError "FILE: ..." for a name that is not there (with the nearest one), a link that
/// leaves the file, leads to nothing, or back to itself.
H5Object h5_resolve(hid_t file, const std::string& file_name, std::string_view path);

/// `list` of `H5File`; `group` is a path that was resolved.
std::vector<H5Entry> h5_list(hid_t file, const std::string& file_name, const std::string& group);

/// All data sets in and below a resolved group, each object once, by paths without soft links.
std::vector<std::string> h5_walk(hid_t file, const std::string& file_name, const std::string& group);

/// Whether the path can be followed to its end, or to a link that is refused.
bool h5_contains(hid_t file, const std::string& file_name, std::string_view path);

/// "a" and "b" as "a/b".
std::string h5_join(std::string_view group, std::string_view name);

}  // namespace basewise::io::detail
