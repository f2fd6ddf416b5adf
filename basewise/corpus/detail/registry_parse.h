// Entries of the registry of data sets, from TOML.
#pragma once

#include <string>
#include <string_view>

#include "basewise/corpus/registry.h"

namespace basewise::corpus {

/// Reads one entry.
/// Errors: ArgumentError or DataError with file and line: unknown or missing keys, a bad checksum,
/// paths that leave the folder.
DataSet parse_dataset(std::string_view toml, const std::string& file);

}  // namespace basewise::corpus
