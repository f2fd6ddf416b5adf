// Stretches of a genome cut into tiles of one length, each base in exactly one tile.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// One tile: [start, start + length) on the chromosome of `region`; only [owned_start, owned_end)
/// belongs to the region, the rest sticks out. `start` may be negative and the end may lie behind
/// the chromosome.
struct Tile {
  std::size_t region = 0;
  std::int64_t start = 0;
  std::int64_t owned_start = 0;
  std::int64_t owned_end = 0;
};

/// Tiles of `length` bases over regions. With phase p in [0, length) the first tile of a region
/// begins p bases before it, so another phase cuts the same bases at other places; each base of a
/// region is owned by exactly one tile whatever the phase.
class Tiling {
 public:
  /// With `any_phase`, there are as many tiles as the worst phase needs, so that their number does
  /// not depend on the phase (the last tile of a region may then own nothing);
  /// without it only phase 0 is allowed.
  /// Errors: ArgumentError for a length below 1.
  Tiling(std::vector<seq::Interval> regions, std::int64_t length, bool any_phase);

  std::int64_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  std::int64_t length() const { return length_; }
  const std::vector<seq::Interval>& regions() const { return regions_; }

  /// Tiles of each region, in order.
  std::vector<std::int64_t> counts() const;

  /// Tile i of size(). Errors: ArgumentError for i or phase out of bounds.
  Tile tile(std::int64_t i, std::int64_t phase = 0) const;

 private:
  std::vector<seq::Interval> regions_;
  std::int64_t length_;
  bool any_phase_;
  std::vector<std::int64_t> ends_;  // tiles up to and with each region
};

}  // namespace basewise::corpus
