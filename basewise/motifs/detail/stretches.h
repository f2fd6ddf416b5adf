// Similarities against bounds, many at a time.
#pragma once

#include <cstdint>

namespace basewise::motifs::detail {

constexpr std::int64_t kStretch = 64;  ///< similarities that are looked at together

/// larger[i] = max(a[i], b[i]) of a stretch.
void larger_of(const float* a, const float* b, float* larger);

/// Where numbers of a stretch reach their bounds, ascending; returns how many they are. `where`
/// holds one place more than a stretch.
std::int64_t reaching(const float* numbers, const float* bounds, std::int32_t* where);

/// How many of `count` numbers, a multiple of kStretch, reach a bound.
std::int64_t how_many_reach(const float* numbers, std::int64_t count, float bound);

}  // namespace basewise::motifs::detail
