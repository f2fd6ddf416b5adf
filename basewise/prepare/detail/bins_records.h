// Data sets of bins as files of records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "basewise/prepare/detail/example_rows.h"

namespace basewise::prepare::detail {

/// tfrecords/train-0.tfr and so on: `per_file` examples of one set each.
/// A set without windows has none.
std::vector<ExampleFile> record_files(const ExampleSource& source);

/// A file of records, whole or not at all: features `sequence` (one byte per base: A 0, C 1, G 2, T
/// 3, N 4), `target` (bins, targets) in half precision, and with `mask` `umap` (one byte per bin).
void write_records(const ExampleSource& source, const ExampleFile& file);

}  // namespace basewise::prepare::detail
