// What is aligned between two genomes, and which contigs that connects.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "basewise/prepare/contigs.h"

namespace basewise::prepare {

/// A stretch of genome 0 and the one of genome 1 that it is aligned to.
using AlignedRegion = std::array<Contig, 2>;

struct AlignmentResult {
  std::vector<AlignedRegion> regions;
  std::int64_t small = 0;    ///< regions shorter than the least length in one of the genomes
  std::int64_t unknown = 0;  ///< regions on sequences that a genome does not have
};

/// Reads a UCSC net (its top fills; lines "net CHROM SIZE" and " fill START SIZE CHROM STRAND START
/// SIZE ...") or a table without heading whose first six columns are those of BEDPE: chrom, start,
/// end in genome 0, then in genome 1. Plain or gzip. Regions shorter than `least` bases in either
/// genome are counted and left out.
/// Errors: DataError "file:line: ..." for other lines, numbers that are none, and regions outside
/// of their chromosome; DataError where no region is left.
AlignmentResult read_alignment(const std::filesystem::path& path, const std::vector<seq::ChromSizes>& genomes, std::int64_t least);

/// Contigs that share more than `least` bases with one and the same region (in either genome), or
/// that are joined by others that do, make a component. Components, and the contigs in them, are
/// sorted by genome, name and place.
std::vector<std::vector<Contig>> connected(const std::vector<Contig>& contigs, const std::vector<AlignedRegion>& regions,
                                           const std::vector<seq::ChromSizes>& genomes, std::int64_t least);

}  // namespace basewise::prepare
