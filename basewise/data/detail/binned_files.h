// Where binned sets lie: the files of each set, and what their records are.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/data/binned_data.h"
#include "basewise/data/build.h"
#include "basewise/io/binned_records.h"
#include "basewise/io/binned_set.h"

namespace basewise::data::detail {

/// One of the three sets.
struct BinnedSet {
  std::vector<std::filesystem::path> files = {};  ///< of TFRecords, in order; of HDF5 the one file
  std::string h5_set = {};                        ///< its word in that file; empty: the file has none, or these are TFRecords
  std::vector<io::BinnedPlace> places = {};       ///< of its records, where the folder says
  std::int64_t expected = -1;                     ///< records, where the folder says; -1: unknown
};

struct BinnedFiles {
  io::BinnedShape shape = {};  ///< of the records; bins 0: one value per target and sequence
  std::int64_t bin = 0;
  std::array<BinnedSet, 3> sets = {};
  std::filesystem::path targets = {};          ///< table of the targets; empty: none
  std::vector<std::string> target_names = {};  ///< of HDF5, where there is no table
};

/// Finds the files that the options name and adds them to the inputs of `splits`, with notes.
/// Errors: ArgumentError for options that do not fit each other, a set that takes what another one
/// has, and a training set without files; those of reading.
BinnedFiles find_binned_files(const BinnedDataOptions& options, DataSplits& splits);

}  // namespace basewise::data::detail
