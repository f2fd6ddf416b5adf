#include "basewise/motifs/detail/coarse_neighbors.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <vector>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/kmer_columns.h"
#include "basewise/motifs/detail/nearest.h"
#include "basewise/motifs/detail/stretches.h"
#include "basewise/motifs/detail/tile_index.h"

namespace basewise::motifs::detail {
namespace {

constexpr std::int64_t kAsking = 256;  // rows that meet a tile at a time
constexpr std::int64_t kStretches = TileIndex::kRows / kStretch;
constexpr float kNone = -std::numeric_limits<float>::infinity();

/// Each unordered pair of rows, once: some rows ask a tile, and what they find goes first into the
/// lists of those that ask, then into those of the tile. Lists are one thread's at a time, and the
/// two sides meet in a table.
class Meetings {
 public:
  Meetings(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t most)
      : rows_(rows),
        columns_(kmer_columns(rows, space)),
        order_(similar_together(rows, columns_)),
        nearest_(static_cast<std::int64_t>(order_.size()), most),
        table_(kStretches * kAsking * kStretch) {}

  /// All pairs of a row of the tile that begins at place `from` of the order with one before it.
  /// Those within the tile come first: they are the most alike, which makes for high bounds.
  /// Returns where the tile ends.
  std::int64_t run(std::int64_t from) {
    tile_ = std::span(order_).subspan(from, std::min(TileIndex::kRows, static_cast<std::int64_t>(order_.size()) - from));
    const auto size = static_cast<std::int64_t>(tile_.size());
    index_.build(rows_, columns_, tile_);
    for (std::int64_t begin = 0; begin < size; begin += kAsking) {
      const auto asking = tile_.subspan(begin, std::min(kAsking, size - begin));
      meet(asking, begin, true);
      index_.leave(rows_, columns_, asking);
    }
    index_.add_all();
    for (std::int64_t begin = from - kAsking; begin >= 0; begin -= kAsking) meet(std::span(order_).subspan(begin, kAsking), 0, false);
    return from + size;
  }

  Neighbors take() { return nearest_.take(); }

 private:
  using Sums = std::array<float, TileIndex::kRows>;

  /// Rows meet those from place `begin` of the tile on;
  /// `within`: they are rows of the tile, the first at that place.
  void meet(std::span<const std::int32_t> asking, std::int64_t begin, bool within) {
    const auto count = static_cast<std::int64_t>(asking.size()), size = static_cast<std::int64_t>(tile_.size());
    const std::int64_t first = begin / kStretch, stretches = (size + kStretch - 1) / kStretch - first;
    parallel_for(count, 8, [&](std::int64_t from, std::int64_t end) {
      alignas(64) Sums forward, turned;
      for (std::int64_t i = from; i < end; ++i) ask(asking[i], i, first, within ? begin + i : -1, forward, turned);
    });
    parallel_for(stretches, 1, [&](std::int64_t from, std::int64_t end) {
      for (std::int64_t i = first + from; i < first + end; ++i) answer(asking, i);
    });
  }

  float* similarities(std::int64_t stretch, std::int64_t asking) { return table_.data() + (stretch * kAsking + asking) * kStretch; }

  /// Similarities of a row with the tile from stretch `first` on, into the table and its own list;
  /// `own` is the row's place in the tile or -1.
  void ask(std::int32_t row, std::int64_t number, std::int64_t first, std::int64_t own, Sums& forward, Sums& turned) {
    const auto size = static_cast<std::int64_t>(tile_.size());
    std::fill(forward.begin() + first * kStretch, forward.end(), 0.0f);
    std::fill(turned.begin() + first * kStretch, turned.end(), 0.0f);
    const std::int64_t entry = rows_.row_begin[row], entries = rows_.row_begin[row + 1] - entry;
    index_.add(std::span(columns_.column).subspan(entry, entries), rows_.weight.data() + entry, forward.data());
    index_.add(std::span(columns_.turned).subspan(entry, entries), rows_.weight.data() + entry, turned.data());
    std::array<float, kStretch> bounds;
    std::array<std::int32_t, kStretch + 1> where;
    for (std::int64_t stretch = first; stretch * kStretch < size; ++stretch) {
      const std::int64_t start = stretch * kStretch;
      float* found = similarities(stretch, number);
      larger_of(forward.data() + start, turned.data() + start, found);
      if (own >= start) std::fill(found, found + std::min(kStretch, own - start), kNone);  // met before
      if (size < start + kStretch) std::fill(found + (size - start), found + kStretch, kNone);
      bounds.fill(nearest_.bound(row));
      const std::int64_t count = reaching(found, bounds.data(), where.data());
      for (std::int64_t i = 0; i < count; ++i)
        if (found[where[i]] >= nearest_.bound(row)) nearest_.offer(row, found[where[i]], tile_[start + where[i]]);
      if (own >= start && own < start + kStretch) found[own - start] = kNone;  // one list holds a row once
    }
  }

  /// Similarities in the table, into the lists of rows of the tile.
  void answer(std::span<const std::int32_t> asking, std::int64_t stretch) {
    const auto rows = tile_.subspan(stretch * kStretch, std::min(kStretch, static_cast<std::int64_t>(tile_.size()) - stretch * kStretch));
    std::array<float, kStretch> bounds = {};
    std::array<std::int32_t, kStretch + 1> where;
    for (std::size_t i = 0; i < rows.size(); ++i) bounds[i] = nearest_.bound(rows[i]);
    for (std::size_t number = 0; number < asking.size(); ++number) {
      const float* found = similarities(stretch, static_cast<std::int64_t>(number));
      const std::int64_t count = reaching(found, bounds.data(), where.data());
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int32_t row = rows[where[i]];
        nearest_.offer(row, found[where[i]], asking[number]);
        bounds[where[i]] = nearest_.bound(row);
      }
    }
  }

  const GappedKmerRows& rows_;
  KmerColumns columns_;
  std::vector<std::int32_t> order_;
  Nearest nearest_;
  TileIndex index_;
  std::span<const std::int32_t> tile_;
  std::vector<float> table_;  ///< (stretches of a tile, asking rows, kStretch)
};

}  // namespace

Neighbors coarse_neighbors(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t most, const RowsDone& done) {
  const auto count = static_cast<std::int64_t>(rows.row_begin.size()) - 1;
  Meetings meetings(rows, space, std::min(most, count));
  for (std::int64_t from = 0; from < count;) {
    from = meetings.run(from);
    if (done) done(from * from / count, count);  // pairs grow as the square
  }
  return meetings.take();
}

}  // namespace basewise::motifs::detail
