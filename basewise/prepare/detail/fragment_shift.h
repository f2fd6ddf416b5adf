// How long fragments are, from where reads of the two strands lie.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "basewise/prepare/detail/event_store.h"

namespace basewise::prepare::detail {

inline constexpr std::int64_t kShortestFragment = 50, kLongestFragment = 350;

/// The covariance of the counts of forward reads at a base and of reverse reads d bases behind it,
/// over the bases of a chromosome, for d from `from` to `to`.
std::vector<double> strand_covariance(std::vector<Event> forward, std::vector<Event> reverse, std::int64_t length, std::int64_t from,
                                      std::int64_t to);

/// The distance of 50 to 350 bases with the greatest covariance, smoothed by a Gaussian of 12
/// bases; nothing where one strand has no reads.
std::optional<std::int64_t> estimate_fragment(std::vector<Event> forward, std::vector<Event> reverse, std::int64_t length);

}  // namespace basewise::prepare::detail
