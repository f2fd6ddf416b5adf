// Seqlets brought into a pattern, one after the other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/aligned_seqlets.h"

namespace basewise::motifs::detail {

/// What is compared to find an offset.
enum class Likeness {
  jaccard,     ///< hypothetical attributions and contributions, continuous Jaccard index
  correlation  ///< contributions, Pearson correlation
};

/// Where a child lies along a parent.
struct Alignment {
  std::int64_t offset = 0;  ///< position of the parent that the first position of the child falls on
  bool reverse = false;     ///< the child reads on the other strand
  double similarity = 0;
};

/// The best correlation of contributions (parent width, 4) and (child width, 4), each less its
/// mean, over the offsets at which `min_overlap` of the child's width stays within the parent, for
/// the child as it stands and turned. What of the parent lies outside does not count.
Alignment best_correlation(const std::vector<BaseVector>& parent, const std::vector<BaseVector>& child, double min_overlap);

/// `parent` with `more` seqlets (all of one width) added in their order, each at its best offset.
/// The pattern grows so that no seqlet goes over its edge;
/// seqlets that would leave their example are left out.
AlignedSeqlets merged(const AttributionSet& set, AlignedSeqlets parent, std::span<const Seqlet> more, Likeness likeness,
                      double min_overlap);

}  // namespace basewise::motifs::detail
