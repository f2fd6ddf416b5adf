// Patterns that are too alike become one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "basewise/motifs/detail/aligned_seqlets.h"
#include "basewise/motifs/discovery.h"

namespace basewise::motifs::detail {

using PatternPointer = std::shared_ptr<const AlignedSeqlets>;

/// Sizes of patterns, and what their letters are compared with.
struct PatternSizes {
  std::int64_t trim = 30;
  std::int64_t flank = 10;
  BaseVector background = kUniform;
};

/// Probability that a pair of `within` is larger than one of `between`, ties counted half (the area
/// under the ROC curve). Both are sorted by this function.
double auroc(std::vector<float>& within, std::vector<float>& between);

/// Merges the most similar pairs again and again until none is left that may be merged. A pair may
/// where its contributions correlate (r) and its seqlets are mixed up (c = 2 (1 - AUROC), from 0 to
/// 1): c >= 0.8 and r >= 0.8, or 0.5 and 0.85, or 0.2 and 0.9; unless among the patterns that would
/// so become one is a pair of c <= 0.4 and r <= 0.75, or 0.2 and 0.8, or 0.1 and 0.85, or 0 and
/// 0.9. The AUROC is that of the Jaccard index, of pairs of seqlets within one pattern against
/// pairs across; it is computed where r leaves the question open. Largest patterns first.
std::vector<PatternPointer> merge_similar(const AttributionSet& set, std::vector<PatternPointer> patterns, const DiscoveryOptions& options,
                                          const PatternSizes& sizes);

}  // namespace basewise::motifs::detail
