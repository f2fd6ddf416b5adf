// Binned training sets in one HDF5 file, as Basset and the Basenji of 2017 have them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/io/binned_records.h"

namespace basewise::io {

/// What stands in an HDF5 file beside the examples.
struct BinnedH5 {
  BinnedShape shape;                      ///< bins 0: one value per target and sequence, without bins
  std::int64_t bin = 0;                   ///< bases per bin; 0: without bins
  std::vector<std::string> target_names;  ///< of `target_ids`, else of `target_labels`; empty without them
  std::vector<std::string> sets;          ///< words of which there are examples: "train", "valid", "test"
};

/// Looks into a file with `train_in`, `train_out` and the like: of Basset (sequences (N, 4, 1, L),
/// labels (N, T)) or of Basenji as of 2017 (sequences (N, L, 4), values (N, bins, T), with
/// `train_na` (N, bins), 1 where values are not available).
/// Errors: DataError naming file, data set and shape.
BinnedH5 read_binned_h5(const std::filesystem::path& file);

/// The examples of one set of such a file, named by `test_headers` and the like where there are
/// such. Labels without bins are records of one bin.
/// Errors: as `read_binned_h5`; DataError for a set that is not there.
BinnedReaderPtr binned_h5_records(const std::filesystem::path& file, const std::string& set);

}  // namespace basewise::io
