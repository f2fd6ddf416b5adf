#include "basewise/motifs/detail/bound_search.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace basewise::motifs::detail {
namespace {

constexpr std::size_t kEnough = 8192;
constexpr float kRounding = 1.0001f;  // bounds and similarities are rounded by far less
constexpr float kNear = 0.95f;        // a similarity, as a share of its bound: of usual rows 0.97 and more
constexpr float kAll = -std::numeric_limits<float>::infinity();

}  // namespace

BoundSearch::BoundSearch(const KmerMatrix& matrix, const BoundIndex& index, std::int64_t most, ByteProducts products)
    : most_(most), index_(index), products_(products), cosine_(matrix), queries_(kQueries), pairs_(kQueries / 2) {}

void BoundSearch::run(std::span<const std::int32_t> queries, std::int64_t first) {
  asked_ = queries.size();
  for (std::size_t i = 0; i < asked_; ++i) {
    queries_[i].row = queries[i];
    index_.rare(queries[i], queries_[i].rare);
    start(queries_[i]);
  }
  search_all(first, false);
  bool again = false;
  for (std::size_t i = 0; i < asked_; ++i) {
    Query& query = queries_[i];
    query.open = query.gate > query.least;  // what was not gathered might have counted
    again |= query.open;
    if (query.open) start(query);
  }
  if (again) search_all(first, true);
  for (std::size_t i = 0; i < asked_; ++i) std::sort(queries_[i].kept.begin(), queries_[i].kept.end(), nearer);
}

void BoundSearch::start(Query& query) {
  query.open = true;
  query.gate = query.least = kAll;
  query.enough = kEnough;
  query.kept.clear();
  query.candidates.clear();
}

void BoundSearch::search_all(std::int64_t first, bool strict) {
  for (std::int64_t t = 0; t < index_.tiles(); ++t) {
    search((first + t) % index_.tiles());
    for (std::size_t i = 0; i < asked_; ++i) {
      Query& query = queries_[i];
      if (!query.open || query.candidates.size() < query.enough) continue;
      if (strict)
        settle(query), query.gate = query.least;
      else
        drop(query);
    }
  }
  for (std::size_t i = 0; i < asked_; ++i)
    if (queries_[i].open) settle(queries_[i]);
}

void BoundSearch::search(std::int64_t tile) {
  for (std::size_t i = 0; i < asked_; ++i)
    if (queries_[i].open) index_.query(queries_[i].row, queries_[i].rare, tile, queries_[i].tile);
  const std::size_t pairs = (asked_ + 1) / 2;
  for (std::size_t pair = 0; pair < pairs; ++pair) join(pair);
  const std::int64_t held = static_cast<std::int64_t>(index_.rows(tile).size());
  std::array<std::int32_t, kByteQueries * kUnitRows> products;
  for (std::int64_t unit = 0; unit * kUnitRows < held; ++unit)
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      if (!queries_[2 * pair].open && (2 * pair + 1 == asked_ || !queries_[2 * pair + 1].open)) continue;
      products_(index_.unit(tile, unit), pairs_[pair].group.data(), static_cast<std::int64_t>(pairs_[pair].group.size()),
                pairs_[pair].bytes.data(), products.data());
      for (std::size_t i = 2 * pair; i < std::min(asked_, 2 * pair + 2); ++i)
        if (queries_[i].open) look(tile, unit, products.data() + i % 2 * 2 * kUnitRows, queries_[i]);
    }
}

void BoundSearch::join(std::size_t pair) {
  Pair& to = pairs_[pair];
  to.group.clear();
  to.bytes.clear();
  for (std::int64_t group = 0; group < BoundIndex::kGroups; ++group) {
    std::array<std::uint8_t, kByteQueries * kGroupBytes> bytes = {};
    for (std::size_t i = 0; i < 4 && 2 * pair + i / 2 < asked_; ++i)
      std::memcpy(bytes.data() + i * kGroupBytes,
                  queries_[2 * pair + i / 2].tile.strand[i % 2].bytes.data() + group * kGroupBytes, kGroupBytes);
    std::uint64_t words[2];
    std::memcpy(words, bytes.data(), sizeof words);
    if ((words[0] | words[1]) == 0) continue;
    to.group.push_back(static_cast<std::uint16_t>(group));
    to.bytes.insert(to.bytes.end(), bytes.begin(), bytes.end());
  }
}

/// Gathers rows of a unit; `products` (2, kUnitRows) are those of the query's strands.
void BoundSearch::look(std::int64_t tile, std::int64_t unit, const std::int32_t* products, Query& query) {
  const float dense = query.tile.scale * index_.scale(tile, unit) * kRounding;
  constexpr float listed = BoundIndex::kListScale * BoundIndex::kListScale * kRounding;
  const std::int64_t first = unit * kUnitRows;
  const std::int32_t* sums[2] = {query.tile.strand[0].sums.data() + first, query.tile.strand[1].sums.data() + first};
  float bound[kUnitRows];
  for (std::int64_t row = 0; row < kUnitRows; ++row) {
    const float forward = static_cast<float>(products[row]) * dense + static_cast<float>(sums[0][row]) * listed;
    const float turned = static_cast<float>(products[kUnitRows + row]) * dense + static_cast<float>(sums[1][row]) * listed;
    bound[row] = forward > turned ? forward : turned;
  }
  std::int32_t any = 0;
  for (std::int64_t row = 0; row < kUnitRows; ++row) any |= bound[row] >= query.gate;
  if (any == 0) return;
  const std::span<const std::int32_t> rows = index_.rows(tile);
  const std::int64_t held = std::min(kUnitRows, static_cast<std::int64_t>(rows.size()) - first);
  for (std::int64_t row = 0; row < held; ++row)
    if (bound[row] >= query.gate) query.candidates.emplace_back(bound[row], rows[first + row]);
}

/// Drops candidates that seem too far from the nearest.
void BoundSearch::drop(Query& query) {
  std::vector<Nearness>& all = query.candidates;
  if (static_cast<std::int64_t>(all.size()) < most_) return;
  std::nth_element(all.begin(), all.begin() + most_ - 1, all.end(), nearer);
  query.gate = kNear * all[most_ - 1].first;
  std::erase_if(all, [&](const Nearness& candidate) { return candidate.first < query.gate; });
  query.enough = std::max(kEnough, 2 * all.size());
}

/// Compares candidates as far as they can count.
void BoundSearch::settle(Query& query) {
  std::vector<Nearness>& all = query.candidates;
  if (all.empty()) return;
  cosine_.take(query.row);
  // What shares nothing has a bound of 0, which is then the similarity.
  const auto compare = [&](const Nearness& candidate) {
    keep(query, {candidate.first > 0 ? cosine_.with(candidate.second) : 0, candidate.second});
  };
  // The highest bounds first: most others do not reach what these are.
  const auto top = all.begin() + std::min(static_cast<std::ptrdiff_t>(all.size()), static_cast<std::ptrdiff_t>(most_));
  std::nth_element(all.begin(), top - 1, all.end(), nearer);
  std::for_each(all.begin(), top, compare);
  shrink(query);
  all.erase(all.begin(), top);
  std::erase_if(all, [&](const Nearness& candidate) { return candidate.first < query.least; });
  std::sort(all.begin(), all.end(), nearer);
  for (const Nearness& candidate : all) {
    if (candidate.first < query.least) break;
    compare(candidate);
  }
  shrink(query);
  all.clear();
}

void BoundSearch::keep(Query& query, const Nearness& other) {
  if (other.first < query.least) return;
  query.kept.push_back(other);
  if (static_cast<std::int64_t>(query.kept.size()) >= most_ + 128) shrink(query);
}

/// Only the nearest `most`.
void BoundSearch::shrink(Query& query) {
  if (static_cast<std::int64_t>(query.kept.size()) < most_) return;
  std::nth_element(query.kept.begin(), query.kept.begin() + most_ - 1, query.kept.end(), nearer);
  query.kept.resize(most_);
  query.least = query.kept.back().first;
}

}  // namespace basewise::motifs::detail
