// Examples that are too short for patterns with their flanks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/motifs/discovery.h"

namespace basewise::motifs::detail {

/// Positions of N that are put at both ends of each example;
/// 0 for examples as long as two patterns with their flanks.
std::int64_t padding_of_examples(const AttributionSet& set, const DiscoveryOptions& options);

/// The set with `pad` positions of N, without attribution, at both ends of each example.
AttributionSet padded(const AttributionSet& set, std::int64_t pad);

/// Patterns of the padded set in terms of the set: each is cut to its core, and seqlets that leave
/// their example are left out. Patterns of fewer than `min_cluster_size` seqlets go.
/// What was left out is said.
std::vector<Pattern> without_padding(const AttributionSet& set, const std::vector<Pattern>& patterns, std::int64_t pad,
                                     const DiscoveryOptions& options, std::vector<std::string>& notes);

}  // namespace basewise::motifs::detail
