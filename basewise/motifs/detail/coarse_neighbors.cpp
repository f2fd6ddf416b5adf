#include "basewise/motifs/detail/coarse_neighbors.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/kmer_columns.h"
#include "basewise/motifs/detail/tile_index.h"

namespace basewise::motifs::detail {
namespace {

using Pair = std::pair<float, std::int32_t>;

bool before(const Pair& a, const Pair& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; }

/// The nearest rows of each row among those that were offered, in no order. They are kept in the
/// result itself, which is most of the memory.
class Nearest {
 public:
  Nearest(std::int64_t count, std::int64_t most, Neighbors& result)
      : most_(most), held_(count), last_(count, {-std::numeric_limits<float>::infinity(), 0}), result_(result) {}

  /// Lower similarities are of no use to the row.
  float bound(std::int64_t row) const { return last_[row].first; }

  bool wants(std::int64_t row, const Pair& other) const { return held_[row] < most_ || before(other, last_[row]); }

  /// Adds `others`, which are used up.
  void add(std::int64_t row, std::vector<Pair>& others) {
    if (others.empty()) return;
    take(row, others);
    if (static_cast<std::int64_t>(others.size()) >= most_) {
      std::nth_element(others.begin(), others.begin() + most_ - 1, others.end(), before);
      others.resize(most_);
      last_[row] = others.back();
    }
    held_[row] = static_cast<std::int32_t>(others.size());
    put(row, others);
  }

  /// Nearest first.
  void sort(std::int64_t row) {
    std::vector<Pair> all;
    take(row, all);
    std::sort(all.begin(), all.end(), before);
    put(row, all);
  }

 private:
  void take(std::int64_t row, std::vector<Pair>& to) const {
    for (std::int64_t at = row * most_; at < row * most_ + held_[row]; ++at) to.emplace_back(result_.similarity[at], result_.index[at]);
  }

  void put(std::int64_t row, const std::vector<Pair>& from) {
    std::int64_t at = row * most_;
    for (const auto& [similarity, index] : from) {
      result_.similarity[at] = similarity;
      result_.index[at++] = index;
    }
  }

  std::int64_t most_;
  std::vector<std::int32_t> held_;
  std::vector<Pair> last_;  ///< the least of what is held, once the row has enough
  Neighbors& result_;
};

/// Dot products of rows with a tile, on both strands.
class Meetings {
 public:
  Meetings(const GappedKmerRows& rows, const KmerColumns& columns, const TileIndex& index, std::span<const std::int32_t> tile)
      : rows_(rows), columns_(columns), index_(index), tile_(tile), where_(TileIndex::kRows + 1) {}

  void offer(std::int64_t row, Nearest& nearest) {
    const std::int64_t first = rows_.row_begin[row], size = rows_.row_begin[row + 1] - first;
    forward_.fill(0);
    turned_.fill(0);
    index_.add(std::span(columns_.column).subspan(first, size), rows_.weight.data() + first, forward_.data());
    index_.add(std::span(columns_.turned).subspan(first, size), rows_.weight.data() + first, turned_.data());
    const std::int64_t found =
        reaching(forward_.data(), turned_.data(), static_cast<std::int64_t>(tile_.size()), nearest.bound(row), where_.data());
    others_.clear();
    for (std::int64_t i = 0; i < found; ++i) {
      const Pair other = {std::max(forward_[where_[i]], turned_[where_[i]]), tile_[where_[i]]};
      if (nearest.wants(row, other)) others_.push_back(other);
    }
    nearest.add(row, others_);
  }

 private:
  const GappedKmerRows& rows_;
  const KmerColumns& columns_;
  const TileIndex& index_;
  std::span<const std::int32_t> tile_;
  alignas(64) std::array<float, TileIndex::kRows> forward_, turned_;
  std::vector<std::int32_t> where_;
  std::vector<Pair> others_;
};

}  // namespace

Neighbors coarse_neighbors(const GappedKmerRows& rows, const GappedKmerSpace& space, std::int64_t most, const RowsDone& done) {
  const auto count = static_cast<std::int64_t>(rows.row_begin.size()) - 1;
  most = std::min(most, count);
  Neighbors result;
  result.row_begin.resize(count + 1);
  for (std::int64_t i = 0; i <= count; ++i) result.row_begin[i] = i * most;
  result.index.resize(count * most);
  result.similarity.resize(count * most);
  const KmerColumns columns = kmer_columns(rows, space);
  const std::vector<std::int32_t> order = similar_together(rows, columns);
  Nearest nearest(count, most, result);
  TileIndex index;
  for (std::int64_t from = 0; from < count; from += TileIndex::kRows) {
    const auto tile = std::span(order).subspan(from, std::min(TileIndex::kRows, count - from));
    index.build(rows, columns, tile);
    // Rows in the order of the tiles: neighbours look up the same entries.
    parallel_for(count, 64, [&](std::int64_t begin, std::int64_t end) {
      Meetings meetings(rows, columns, index, tile);
      for (std::int64_t i = begin; i < end; ++i) meetings.offer(order[i], nearest);
    });
    if (done) done(from + static_cast<std::int64_t>(tile.size()), count);
  }
  parallel_for(count, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) nearest.sort(row);
  });
  return result;
}

}  // namespace basewise::motifs::detail
