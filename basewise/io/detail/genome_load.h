// The two ways to load a genome, apart, so that a test can compare them.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "basewise/io/fasta_genome.h"

namespace basewise::io::detail {

/// By `scan_genome` in pieces of `piece` bytes; false if the file is not regular,
/// and then `result` holds nothing of use.
bool load_regular(const GenomeOptions& options, const std::set<std::string>& wanted, std::size_t piece, GenomeResult& result);

/// By `FastaReader`: any FASTA that is allowed. Errors: those of `FastaReader`.
void load_by_lines(const GenomeOptions& options, const std::set<std::string>& wanted, GenomeResult& result);

}  // namespace basewise::io::detail
