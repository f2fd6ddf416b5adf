// Counts at every base of both strands as sources of examples: base-resolution profiles (BPNet,
// Avsec et al. 2021), their control and their replicate.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/corpus/stranded_counts.h"
#include "basewise/data/examples.h"

namespace basewise::data {

/// The target: "profile" (2, length), counts of both strands, and "counts" (2), log(1 + sum) of
/// each; paired. As all sources of counts it takes windows that lie wholly in their chromosome.
/// Errors: ArgumentError for others.
SourcePtr profile_counts(corpus::StrandedCountsPtr track);

/// A second measurement of the target, what can be reached at best: "replicate" (2, length) and
/// "replicate_counts" (2), as `profile_counts`, which stands before it.
SourcePtr replicate_counts(corpus::StrandedCountsPtr track);

/// "control_profile" (W, length), the sum of both strands, moving averages (`smooth`) over each of
/// W `windows`, mirrored; and "control_counts" (1), log(1 + sum). Errors: ArgumentError for a window
/// below 1.
SourcePtr control_counts(corpus::StrandedCountsPtr track, std::vector<std::int64_t> windows);

/// Moving average over `window` values: floor((window - 1) / 2) before each, the rest after it; the
/// first and last value go on beyond the ends. `values` and `out` must not overlap.
void smooth(std::span<const float> values, std::int64_t window, std::span<float> out);

}  // namespace basewise::data
