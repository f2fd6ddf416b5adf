#include "basewise/corpus/tiling.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::corpus {

Tiling::Tiling(std::vector<seq::Interval> regions, std::int64_t length, bool any_phase)
    : regions_(std::move(regions)), length_(length), any_phase_(any_phase) {
  if (length < 1) throw ArgumentError(format("a tile of {} bases is too short; it needs at least 1", length));
  for (const seq::Interval& region : regions_) {
    const std::int64_t extra = any_phase ? length - 1 : 0;
    const std::int64_t tiles = region.length() > 0 ? (region.length() + extra + length - 1) / length : 0;
    ends_.push_back(size() + tiles);
  }
}

std::vector<std::int64_t> Tiling::counts() const {
  std::vector<std::int64_t> counts;
  std::adjacent_difference(ends_.begin(), ends_.end(), std::back_inserter(counts));
  return counts;
}

Tile Tiling::tile(std::int64_t i, std::int64_t phase) const {
  if (i < 0 || i >= size()) throw ArgumentError(format("no tile {} of {}", i, size()));
  if (phase < 0 || phase >= length_ || (phase > 0 && !any_phase_))
    throw ArgumentError(format("phase {} of a tiling is not in 0 to {}", phase, any_phase_ ? length_ - 1 : 0));
  const auto region = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), i) - ends_.begin());
  const seq::Interval& whole = regions_[region];
  const std::int64_t number = i - (region == 0 ? 0 : ends_[region - 1]);
  Tile tile;
  tile.region = region;
  tile.start = whole.start - phase + number * length_;
  tile.owned_start = std::clamp(tile.start, whole.start, whole.end);
  tile.owned_end = std::clamp(tile.start + length_, whole.start, whole.end);
  return tile;
}

}  // namespace basewise::corpus
