// Reads of BAM, SAM and CRAM files.
#pragma once

#include <filesystem>

#include "basewise/prepare/detail/read_counter.h"

namespace basewise::prepare::detail {

/// Counts the alignments of a file that pass the filters of the options.
///
/// A record that is not the first of its read (secondary) counts only where reads are shared and
/// its tag NH says that the read has several places; supplementary ones never do. A read whose tag
/// NH says so has its places in records of their own, else they are those of its tag XA.
/// Errors: those of `AlignmentReader`; DataError where a chromosome has another length than in the
/// genome, and where no name of the file is one of it;
/// ArgumentError for fragments of single reads without a length.
void count_alignments(ReadCounter& counter, const std::filesystem::path& file);

}  // namespace basewise::prepare::detail
