#include "basewise/motifs/detail/column_stats.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace basewise::motifs::detail {
namespace {

constexpr std::size_t kAtOnce = 8;  // query columns for which the shares of a tile are read
constexpr std::int64_t kTile = 16 * kBlock;

/// Far above what single precision loses in a squared distance of shares.
constexpr float kSquareError = 8e-6f;
constexpr SquareRange kAllSquares = {-0.001f, 2.001f};  // and more

/// Two ranks among scores or distances, from 0.
struct Ranks {
  std::int64_t low = 0, high = 0;
};

/// Of the two scores whose mean is the median; ascending.
Ranks median_ranks(std::int64_t n) {
  const std::int64_t low = std::max<std::int64_t>(n / 2 - 1, 0);
  return {low, std::max((n + 1) / 2 - 1, low)};
}

/// The bins that hold the ranks. `below` come before the first bin.
std::pair<std::size_t, std::size_t> bins_of_ranks(const std::vector<std::uint32_t>& bins, std::int64_t below, const Ranks& ranks) {
  std::size_t first = 0;
  std::int64_t seen = below;
  while (first + 1 < bins.size() && seen + bins[first] <= ranks.low) seen += bins[first++];
  std::size_t last = first;
  while (last + 1 < bins.size() && seen + bins[last] <= ranks.high) seen += bins[last++];
  return {first, last};
}

/// Looks where the ranks lie in the sample: among all columns they lie within two standard
/// deviations of it, most likely.
void look_at_sample(const TargetColumns& targets, const Ranks& ranks, const CompareLoops& loops, StatsMemory& memory,
                    ColumnSearch& search) {
  const std::int64_t n = targets.sample.padded;
  memory.squares.resize(static_cast<std::size_t>(n));
  memory.bins.assign(static_cast<std::size_t>(kDistanceBins), 0);
  SquareRange& ends = search.ends;
  loops.squared(targets.sample.planes(), n, search.share, memory.squares.data(), &ends.low, &ends.high);
  loops.count_distances(memory.squares.data(), targets.sample_weights.data(), n, memory.bins.data());
  ends = {ends.low + 2 * kSquareError, ends.high - 2 * kSquareError};
  const double chosen = static_cast<double>(targets.once) / static_cast<double>(kSampleStep);
  const auto slack = static_cast<std::int64_t>(static_cast<double>(kSampleStep) * std::sqrt(chosen));  // twice half of it, at the median
  const auto [first, last] = bins_of_ranks(memory.bins, 0, {ranks.low - slack, ranks.high + slack});
  const float width = 2.0f / static_cast<float>(kDistanceBins);
  search.wide = kAllSquares;
  if (first > 0) search.wide.low = static_cast<float>(first) * width;
  if (last + 1 < memory.bins.size()) search.wide.high = static_cast<float>(last + 1) * width;
}

/// Finds the columns that are near for several searches.
void find_near(std::span<ColumnSearch> searches, const TargetColumns& targets, const CompareLoops& loops) {
  for (ColumnSearch& search : searches) {
    search.near_at.resize(static_cast<std::size_t>(targets.all.padded));
    search.near_squares.resize(static_cast<std::size_t>(targets.all.padded));
    search.near = {search.near_at.data(), search.near_squares.data(), 0, 0};
  }
  for (std::int64_t first = 0; first < targets.all.padded; first += kTile)
    for (ColumnSearch& search : searches) {
      const float bounds[4] = {search.wide.low, search.wide.high, search.ends.low, search.ends.high};
      const std::int64_t n = std::min(kTile, targets.all.padded - first);
      loops.find_near(targets.all.planes(), targets.weights.data(), first, n, search.share, bounds, search.near);
    }
  for (ColumnSearch& search : searches)
    while (search.near.at[search.near.count - 1] >= targets.columns.size()) --search.near.count;
}

/// A part of the range of a search that holds the ranks.
struct Middle {
  SquareRange range;       ///< its ends are as far from those of the bins as rounding may have moved a column
  std::int64_t below = 0;  ///< weight of the columns below it

  bool holds(float square) const { return (square >= range.low) & (square <= range.high); }
};

/// Leaves the columns in `near` that are in the middle or an end.
void keep_middle(ColumnSearch& search, const Middle& middle) {
  NearColumns& near = search.near;
  std::size_t kept = 0;
  for (std::size_t k = 0; k < near.count; ++k) {  // without branches, which nothing could foretell
    const float square = near.squares[k];
    near.at[kept] = near.at[k];
    near.squares[kept] = square;
    kept += middle.holds(square) | (square <= search.ends.low) | (square >= search.ends.high);
  }
  near.count = kept;
}

Middle middle_of(ColumnSearch& search, const TargetColumns& targets, const Ranks& ranks, std::vector<std::uint32_t>& bins) {
  constexpr int kBins = 512;
  bins.assign(kBins, 0);
  const SquareRange& wide = search.wide;
  const float scale = kBins / (wide.high - wide.low);
  const auto bin_of = [&](float x) { return static_cast<std::size_t>(std::min(static_cast<int>((x - wide.low) * scale), kBins - 1)); };
  const NearColumns& near = search.near;
  for (std::size_t k = 0; k < near.count; ++k)
    if (near.squares[k] >= wide.low && near.squares[k] <= wide.high) bins[bin_of(near.squares[k])] += targets.weights[near.at[k]];
  const auto [first, last] = bins_of_ranks(bins, near.below, ranks);
  const auto edge = [&](std::size_t bin) { return wide.low + static_cast<float>(bin) / scale; };
  Middle middle{{edge(first) - 2 * kSquareError, edge(last + 1) + 2 * kSquareError}, near.below};
  for (std::size_t bin = 0; bin < first; ++bin) middle.below += bins[bin];
  keep_middle(search, middle);
  for (std::size_t k = 0; k < near.count; ++k) {
    const float square = near.squares[k];
    if (middle.holds(square) && square >= wide.low && bin_of(square) < first) middle.below -= targets.weights[near.at[k]];
  }
  return middle;
}

/// The distance of a rank among `middle` distances, sorted, before which `below` others come.
std::optional<double> ranked(const std::vector<std::pair<double, std::uint32_t>>& middle, std::int64_t below, std::int64_t rank) {
  if (rank < below) return std::nullopt;
  for (const auto& [distance, weight] : middle) {
    below += weight;
    if (rank < below) return distance;
  }
  return std::nullopt;
}

/// From the columns that are near; nothing where rounding may have moved columns past the ranks.
std::optional<ColumnStats> exact_stats(const MotifColumn& query, const ColumnSearch& search, const Middle& middle,
                                       const TargetColumns& targets, const Ranks& ranks,
                                       std::vector<std::pair<double, std::uint32_t>>& distances) {
  ColumnStats stats{0, 0, -1e9};
  distances.clear();
  for (std::size_t k = 0; k < search.near.count; ++k) {
    const std::uint32_t at = search.near.at[k];
    const double score = euclidean_score(query.share, targets.columns[at].share);
    stats.lowest = std::min(stats.lowest, score);
    stats.highest = std::max(stats.highest, score);
    if (middle.holds(search.near.squares[k])) distances.emplace_back(-score, targets.weights[at]);
  }
  std::sort(distances.begin(), distances.end());
  const std::optional<double> low = ranked(distances, middle.below, ranks.low), high = ranked(distances, middle.below, ranks.high);
  if (!low || !high) return std::nullopt;
  if (*low * *low < middle.range.low + kSquareError || *high * *high > middle.range.high - kSquareError) return std::nullopt;
  stats.median = (-*low - *high) / 2;
  return stats;
}

/// `kAtOnce` query columns at most.
void some_stats(std::span<const MotifColumn> queries, const TargetColumns& targets, const CompareLoops& loops, StatsMemory& memory,
                std::span<ColumnStats> stats) {
  // Scores ascend where distances descend.
  const Ranks scores = median_ranks(targets.total), ranks = {targets.total - 1 - scores.high, targets.total - 1 - scores.low};
  memory.searches.resize(kAtOnce);
  const std::span<ColumnSearch> searches(memory.searches.data(), queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    for (std::size_t c = 0; c < 4; ++c) searches[i].share[c] = static_cast<float>(queries[i].share[c]);
    look_at_sample(targets, ranks, loops, memory, searches[i]);
  }
  find_near(searches, targets, loops);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    ColumnSearch& search = searches[i];
    Middle middle = middle_of(search, targets, ranks, memory.bins);
    if (middle.range.low < search.wide.low || middle.range.high > search.wide.high) {  // what was likely did not happen
      search.wide = kAllSquares;
      find_near({&search, 1}, targets, loops);
      middle = middle_of(search, targets, ranks, memory.bins);
    }
    std::optional<ColumnStats> exact = exact_stats(queries[i], search, middle, targets, ranks, memory.middle);
    if (!exact) {
      std::vector<double> all;
      for (const MotifColumn& target : targets.columns) all.push_back(euclidean_score(queries[i].share, target.share));
      std::vector<std::uint32_t> order;
      exact = stats_of(all, targets, order);
    }
    stats[i] = *exact;
  }
}

}  // namespace

ColumnStats stats_of(const std::vector<double>& scores, const TargetColumns& targets, std::vector<std::uint32_t>& order) {
  order.resize(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] < scores[b]; });
  const Ranks ranks = median_ranks(targets.total);
  const auto at_rank = [&](std::int64_t rank) {
    for (const std::uint32_t at : order) {
      rank -= targets.weights[at];
      if (rank < 0) return scores[at];
    }
    return scores[order.back()];
  };
  return {(at_rank(ranks.low) + at_rank(ranks.high)) / 2, scores[order.front()], scores[order.back()]};
}

void euclidean_stats(std::span<const MotifColumn> queries, const TargetColumns& targets, const CompareLoops& loops, StatsMemory& memory,
                     std::span<ColumnStats> stats) {
  for (std::size_t first = 0; first < queries.size(); first += kAtOnce) {
    const std::size_t n = std::min(kAtOnce, queries.size() - first);
    some_stats(queries.subspan(first, n), targets, loops, memory, stats.subspan(first, n));
  }
}

}  // namespace basewise::motifs::detail
