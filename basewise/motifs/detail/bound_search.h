// Nearest rows through bounds: what cannot be among the nearest is never compared.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "basewise/motifs/detail/bound_index.h"
#include "basewise/motifs/detail/row_cosine.h"

namespace basewise::motifs::detail {

/// A similarity, or a bound of it, and a row.
using Nearness = std::pair<float, std::int32_t>;

/// Nearer rows first; of equally near ones the lower index.
inline bool nearer(const Nearness& a, const Nearness& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; }

/// Searches for a few queries at a time. Each tile gives bounds of all its rows; the highest bounds
/// are gathered, and compared from the highest down until the rest cannot count. While gathering it
/// is taken for granted that a bound is little more than a similarity; where comparing shows that
/// this has left out too much, the query is searched again without. What is found does not depend
/// on the order of tiles.
class BoundSearch {
 public:
  static constexpr std::int64_t kQueries = 64;  ///< at once, at most

  BoundSearch(const KmerMatrix& matrix, const BoundIndex& index, std::int64_t most, ByteProducts products);

  /// Finds the `most` nearest rows of each of `queries`.
  /// The tile `first` is looked at first: they had better lie there.
  void run(std::span<const std::int32_t> queries, std::int64_t first);

  /// Of the last run, nearest first.
  const std::vector<Nearness>& found(std::int64_t query) const { return queries_[query].kept; }

 private:
  struct Query {
    std::int64_t row = 0;
    bool open = false;
    float gate = 0;   ///< lower bounds are not gathered
    float least = 0;  ///< lower similarities do not count
    std::size_t enough = 0;  ///< candidates that are gathered before most are dropped
    std::vector<Nearness> kept, candidates;
    BoundIndex::Rare rare;
    BoundIndex::Query tile;
  };

  /// Both strands of two queries: the groups of slots in which any of them has something.
  struct Pair {
    std::vector<std::uint16_t> group;
    std::vector<std::uint8_t> bytes;
  };

  void start(Query& query);
  void search_all(std::int64_t first, bool strict);
  void search(std::int64_t tile);
  void join(std::size_t pair);
  void look(std::int64_t tile, std::int64_t unit, const std::int32_t* products, Query& query);
  void drop(Query& query);
  void settle(Query& query);
  void keep(Query& query, const Nearness& other);
  void shrink(Query& query);

  std::int64_t most_;
  const BoundIndex& index_;
  ByteProducts products_;
  RowCosine cosine_;
  std::vector<Query> queries_;
  std::size_t asked_ = 0;
  std::vector<Pair> pairs_;
};

}  // namespace basewise::motifs::detail
