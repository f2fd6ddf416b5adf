// Examples of binned training sets, one after the other, from TFRecord files of either generation
// (HDF5: binned_hdf5.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace basewise::io {

/// Sizes that all records of a set share.
struct BinnedShape {
  std::int64_t length = 0;   ///< bases
  std::int64_t bins = 0;     ///< values of each target
  std::int64_t targets = 0;  ///< 0: told by the first record
};

/// One example.
struct BinnedRecord {
  std::vector<std::uint8_t> tokens;      ///< (length) A C G T N = 0 .. 4
  std::vector<float> values;             ///< (bins, targets), row by row; not a number: not measured
  bool half = false;                     ///< the values are float16 in the file
  std::vector<std::uint8_t> unmappable;  ///< (bins) 1 where reads cannot be placed; empty: the record does not say
  std::string name;                      ///< empty: it has none
};

/// Reads the records of a set in order.
class BinnedReader {
 public:
  virtual ~BinnedReader() = default;

  /// The next record; false: there is none. Errors: DataError naming file and record (from 0).
  virtual bool next(BinnedRecord& record) = 0;

  /// The sizes, whose targets are known after the first record.
  virtual const BinnedShape& shape() const = 0;
};
using BinnedReaderPtr = std::unique_ptr<BinnedReader>;

/// The records of TFRecord files, one file after the other. Each is a tf.train.Example with
///
/// - "sequence": one byte per base, A C G T N = 0 to 4, or four bytes per base,
///   of which at most one is 1;
/// - "target" (or "targets"): float16 as bytes, or a list of numbers; (bins, targets);
/// - "umap", which may be missing: one byte per bin, 1 for a bin that cannot be mapped.
///
/// Errors: ArgumentError for a shape without length or bins.
BinnedReaderPtr binned_records(std::vector<std::filesystem::path> files, const BinnedShape& shape);

}  // namespace basewise::io
