// Reads and fragments of files of text.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "basewise/prepare/detail/read_counter.h"

namespace basewise::prepare::detail {

/// One barcode per line; what follows a blank or a comma is not looked at.
/// Errors: DataError for a file without any; those of `LineReader`.
std::set<std::string> read_barcodes(const std::filesystem::path& file);

/// Counts the lines of a file that pass the filters of the options; of a pair that stands in one
/// line both reads. `barcodes`: of the cells that count; empty: all.
/// Errors: those of `FragmentReader`; DataError for a place outside of its chromosome, for two
/// names of one chromosome and where no name is one of the genome; ArgumentError where reads are
/// counted and the lines are fragments, and for fragments of single reads without a length.
void count_fragments(ReadCounter& counter, const std::filesystem::path& file, const std::set<std::string>& barcodes);

}  // namespace basewise::prepare::detail
