// Nearest seqlets by the cosine of their gapped k-mers.
#pragma once

#include <cstdint>
#include <functional>

#include "basewise/motifs/detail/gapped_kmers.h"
#include "basewise/motifs/detail/neighbors.h"

namespace basewise::motifs::detail {

/// Told about finished work, as a number of rows.
using RowsDone = std::function<void(std::int64_t done, std::int64_t total)>;

/// The min(most, rows) rows of largest similarity for each row (of equal similarity, the lower
/// index): the larger dot product with the other row as it stands and as it reads on the other
/// strand. A row is among its own neighbours.
///
/// Gapped k-mers that two rows share are found through an inverted index, so that the cost is that
/// of such meetings. Rows are put in an order in which similar ones follow each other, and go tile
/// by tile: most meetings then are those of a row with sixteen neighbouring ones (TileIndex). A
/// pair meets once, the earlier row in that order asking for the later one, and is offered to both.
/// Sums keep the order of the asking row's entries, so the result does not depend on tiles or
/// threads.
Neighbors coarse_neighbors(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t most, const RowsDone& done = {});

}  // namespace basewise::motifs::detail
