// HDF5 files: named arrays ("data sets") in groups, with attributes
// (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html).
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

/// What lies behind a name in a group.
enum class H5Kind { group, data_set, other };

/// A name in a group. `why` says for `other` what it is:
/// a named type, a link to another file, a link to nothing.
struct H5Entry {
  std::string name;
  H5Kind kind = H5Kind::other;
  std::string why = {};
};

/// A data set without its elements.
struct H5Info {
  std::vector<std::int64_t> shape;   ///< empty for a scalar
  std::optional<DType> dtype;        ///< of numbers and truth values; nothing for others
  bool text = false;                 ///< elements are strings
  std::string type;                  ///< "float16", "text of 12 bytes", "text", "compound"
  std::vector<std::int64_t> chunk;   ///< extents of the pieces that it is kept in; empty: in one piece
  std::vector<std::string> filters;  ///< in the order of writing ("shuffle", "gzip", "blosc")
};

/// Reads HDF5 files.
///
/// Paths are names joined by "/" from the root ("raw/seq"; "" is the root). Links inside the file
/// are followed. What would lead out of it is refused, because files are not trusted: links to
/// other files, data kept in other files, virtual data sets.
///
/// libhdf5 is not safe for threads as Debian builds it, so that one lock for the whole process
/// guards every call: files may be used from several threads, which then wait for each other.
/// Loader threads should not read the same data again and again.
///
/// Filters that libhdf5 lacks are found among its plugins (HDF5_PLUGIN_PATH); else reading is an
/// error that names filter and data set.
///
/// Errors of all functions: DataError naming the file, the path in it and the reason that libhdf5
/// gives; a path that is not there is answered with the nearest one. Sizes are compared with what
/// the file can hold before memory is taken.
class H5File {
 public:
  explicit H5File(const std::filesystem::path& path);
  ~H5File();
  H5File(H5File&&) noexcept;
  H5File& operator=(H5File&&) noexcept;

  const std::filesystem::path& path() const;

  /// Names in a group, in the order of the alphabet.
  std::vector<H5Entry> list(std::string_view group = "") const;

  /// Paths of all data sets in and below a group, each object once.
  std::vector<std::string> data_sets(std::string_view group = "") const;

  /// Whether there is such a group or data set; a link that would be refused counts as there.
  bool contains(std::string_view path) const;

  H5Info info(std::string_view data_set) const;

  /// Rows [begin, end) along the first axis, row-major, into `out`, which holds exactly their
  /// elements. T is float, double, std::int8_t, std::uint8_t, std::int32_t or std::int64_t.
  ///
  /// Numbers are converted where they survive it: floating point, integers and truth values to
  /// float and double (rounded to the nearest), integers and truth values (0 or 1) to integers that
  /// hold them.
  /// Errors: ArgumentError for rows outside or another size of `out`; DataError for a number that
  /// does not fit (its index is named), text, or fractions where integers are asked for.
  template <class T>
  void read_rows(std::string_view data_set, std::int64_t begin, std::int64_t end, std::span<T> out) const;

  /// All elements, row-major.
  template <class T>
  std::vector<T> read(std::string_view data_set) const;

  /// All elements as they are, with type and shape. Errors also: text and compounds.
  Array read_array(std::string_view data_set) const;

  /// Strings of fixed or variable length, row-major, without padding.
  std::vector<std::string> read_text(std::string_view data_set) const;

  /// Names of the attributes of a group or data set, in the order of the alphabet.
  std::vector<std::string> attributes(std::string_view path = "") const;

  /// The elements of an attribute (one for a scalar); T as in `read_rows`, or std::string.
  template <class T>
  std::vector<T> attribute(std::string_view path, std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
