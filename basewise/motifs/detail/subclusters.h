// Clusters within a pattern.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/aligned_seqlets.h"
#include "basewise/motifs/detail/coarse_neighbors.h"
#include "basewise/motifs/discovery.h"

namespace basewise::motifs::detail {

/// The min(most, rows) rows of largest Jaccard index for each row as they lie,
/// the row itself among them.
Neighbors jaccard_neighbors(const TrackRows& rows, std::int64_t most);

/// The seqlets of a pattern, which are aligned, in clusters; the largest first.
std::vector<std::vector<Seqlet>> subclusters(const AttributionSet& set, std::span<const Seqlet> seqlets, const DiscoveryOptions& options);

}  // namespace basewise::motifs::detail
