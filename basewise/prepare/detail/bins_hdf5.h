// Data sets of bins as one HDF5 file.
#pragma once

#include <filesystem>

#include "basewise/prepare/detail/example_rows.h"

namespace basewise::prepare::detail {

/// data.h5 with all sets, as hdf5 or basset, whole or not at all.
void write_hdf5(const ExampleSource& source, const std::filesystem::path& path);

}  // namespace basewise::prepare::detail
