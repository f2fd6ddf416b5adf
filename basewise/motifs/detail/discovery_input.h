// What discovery starts from: checked options, seqlets of each sign, sizes of patterns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/motifs/detail/merge_patterns.h"
#include "basewise/motifs/discovery.h"

namespace basewise::motifs::detail {

/// Errors: ArgumentError for options out of bounds; DataError for arrays that do not fit each other
/// or numbers that are not finite.
void check_discovery(const AttributionSet& set, const DiscoveryOptions& options);

/// Errors: ArgumentError for seqlets of several widths or outside their example.
void check_seqlets(const AttributionSet& set, const std::vector<Seqlet>& seqlets);

/// Says what is missing in the input.
void note_input(const AttributionSet& set, std::vector<std::string>& notes);

struct SignedSeqlets {
  std::vector<Seqlet> positive, negative;
  double threshold = 0;
};

/// Seqlets by the method of TF-MoDISco; what was said about them is added to `notes`.
SignedSeqlets signed_seqlets(const AttributionSet& set, const DiscoveryOptions& options, std::vector<std::string>& notes);

/// At most `max_seqlets`, or none where there are too few; both are said.
std::vector<Seqlet> seqlets_to_use(const std::vector<Seqlet>& found, bool positive, const DiscoveryOptions& options,
                                   DiscoveryCounts& counts, std::vector<std::string>& notes);

/// Sizes of patterns, and the share of each letter in the seqlets.
PatternSizes pattern_sizes(const AttributionSet& set, const std::vector<Seqlet>& seqlets, const DiscoveryOptions& options);

/// By falling sum of absolute contributions; of equal ones as they come.
std::vector<Seqlet> strongest_first(const AttributionSet& set, std::vector<Seqlet> seqlets);

/// Where widths differ (patterns that were too short to trim), all are cut or shortened to the
/// smallest one around their middle.
std::vector<Seqlet> of_one_width(std::vector<Seqlet> seqlets);

/// Bits in the most informative `window` positions.
double most_information(const AlignedSeqlets& pattern, std::int64_t window, const BaseVector& background);

}  // namespace basewise::motifs::detail
