#include "basewise/motifs/detail/stretches.h"

#include <cstring>

#include "basewise/motifs/detail/instruction_sets.h"

namespace basewise::motifs::detail {
namespace {

constexpr std::int64_t kLanes = 16;
using Numbers [[gnu::vector_size(kLanes * sizeof(float))]] = float;
using Truths [[gnu::vector_size(kLanes * sizeof(float))]] = std::int32_t;  // true is -1
using Words [[gnu::vector_size(kLanes * sizeof(float))]] = std::int64_t;

/// Whether any number of a stretch reaches its bound.
BASEWISE_MOTIFS_CLONES bool any_reaches(const float* numbers, const float* bounds) {
  Truths any = {};
  for (std::int64_t i = 0; i < kStretch; i += kLanes) {
    Numbers x, least;
    std::memcpy(&x, numbers + i, sizeof x);
    std::memcpy(&least, bounds + i, sizeof least);
    any |= x >= least;
  }
  const Words words = reinterpret_cast<Words>(any);
  return ((words[0] | words[1]) | (words[2] | words[3]) | (words[4] | words[5]) | (words[6] | words[7])) != 0;
}

}  // namespace

BASEWISE_MOTIFS_CLONES void larger_of(const float* a, const float* b, float* larger) {
  for (std::int64_t i = 0; i < kStretch; i += kLanes) {
    Numbers x, y;
    std::memcpy(&x, a + i, sizeof x);
    std::memcpy(&y, b + i, sizeof y);
    x = y > x ? y : x;
    std::memcpy(larger + i, &x, sizeof x);
  }
}

std::int64_t reaching(const float* numbers, const float* bounds, std::int32_t* where) {
  if (!any_reaches(numbers, bounds)) return 0;
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < kStretch; ++i) {
    where[found] = static_cast<std::int32_t>(i);
    found += numbers[i] >= bounds[i];
  }
  return found;
}

BASEWISE_MOTIFS_CLONES std::int64_t how_many_reach(const float* numbers, std::int64_t count, float bound) {
  Truths sums = {};
  for (std::int64_t i = 0; i < count; i += kLanes) {
    Numbers x;
    std::memcpy(&x, numbers + i, sizeof x);
    sums += x >= bound;
  }
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < kLanes; ++i) found -= sums[i];
  return found;
}

}  // namespace basewise::motifs::detail
