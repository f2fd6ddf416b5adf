// The gapped k-mers that occur, as columns of a matrix whose rows are seqlets.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/motifs/detail/gapped_kmers.h"

namespace basewise::motifs::detail {

/// Columns count from 0 by falling number of rows that hold them (of equal ones, the lower gapped
/// k-mer), so that what is looked up often lies together. Entries are those of `GappedKmerRows`.
struct KmerColumns {
  std::uint32_t count = 0;
  std::vector<std::uint32_t> column;  ///< (entries)
  std::vector<std::uint32_t> turned;  ///< (entries): of the gapped k-mer on the other strand; `count` where no row holds it
};

KmerColumns kmer_columns(const GappedKmerRows& rows, const GappedKmerSpace& space);

/// (rows): an order in which rows that share frequent gapped k-mers follow each other: that of
/// their columns, ascending, as words are ordered in a dictionary.
std::vector<std::int32_t> similar_together(const GappedKmerRows& rows, const KmerColumns& columns);

}  // namespace basewise::motifs::detail
