#include "basewise/motifs/detail/column_stats.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace basewise::motifs::detail {
namespace {

/// Ranks, from 0, of the two scores whose mean is the median; ascending.
std::pair<std::int64_t, std::int64_t> median_ranks(std::int64_t n) {
  const std::int64_t low = std::max<std::int64_t>(n / 2 - 1, 0);
  return {low, std::max((n + 1) / 2 - 1, low)};
}

/// Far above what single precision loses in a squared distance of shares.
constexpr float kSquareError = 8e-6f;

/// Where the median lies among bins of squared distances: descending ranks become ascending ones.
struct MiddleBins {
  std::int64_t first = 0, last = 0;
};
MiddleBins middle_bins(const std::vector<std::uint32_t>& bins, std::int64_t low_rank, std::int64_t high_rank) {
  MiddleBins middle;
  std::int64_t seen = 0;
  std::int64_t b = 0;
  while (seen + bins[static_cast<std::size_t>(b)] <= low_rank) seen += bins[static_cast<std::size_t>(b++)];
  middle.first = b;
  while (seen + bins[static_cast<std::size_t>(b)] <= high_rank) seen += bins[static_cast<std::size_t>(b++)];
  middle.last = b;
  return middle;
}

/// The distance of a rank among `near` distances, sorted, before which `below` others come.
std::optional<double> ranked(const std::vector<std::pair<double, std::uint32_t>>& near, std::uint64_t below, std::int64_t rank) {
  std::int64_t seen = static_cast<std::int64_t>(below);
  if (rank < seen) return std::nullopt;
  for (const auto& [distance, weight] : near) {
    seen += weight;
    if (rank < seen) return distance;
  }
  return std::nullopt;
}

}  // namespace

ColumnStats stats_of(const std::vector<double>& scores, const TargetColumns& targets, std::vector<std::uint32_t>& order) {
  order.resize(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return scores[a] < scores[b]; });
  const auto [low, high] = median_ranks(targets.total);
  const auto at_rank = [&](std::int64_t rank) {
    for (const std::uint32_t at : order) {
      rank -= targets.weights[at];
      if (rank < 0) return scores[at];
    }
    return scores[order.back()];
  };
  return {(at_rank(low) + at_rank(high)) / 2, scores[order.front()], scores[order.back()]};
}

ColumnStats euclidean_stats(const MotifColumn& query, const TargetColumns& targets, const CompareLoops& loops, StatsMemory& memory) {
  const std::int64_t n = targets.padded;
  memory.squares.resize(static_cast<std::size_t>(n));
  memory.marks.resize(static_cast<std::size_t>(n / kBlock));
  memory.bins.assign(static_cast<std::size_t>(kDistanceBins), 0);
  float column[4];
  for (std::size_t c = 0; c < 4; ++c) column[c] = static_cast<float>(query.share[c]);
  float lowest = 0, highest = 0;
  loops.squared(targets.planes(), n, column, memory.squares.data(), &lowest, &highest);
  loops.count_distances(memory.squares.data(), targets.weights.data(), n, memory.bins.data());

  // Scores ascend where distances descend.
  const auto [low_score, high_score] = median_ranks(targets.total);
  const std::int64_t low_rank = targets.total - 1 - high_score, high_rank = targets.total - 1 - low_score;
  const MiddleBins middle = middle_bins(memory.bins, low_rank, high_rank);
  const float width = 2.0f / static_cast<float>(kDistanceBins);
  const float low = static_cast<float>(middle.first) * width - 2 * kSquareError;
  const float high = middle.last + 1 < kDistanceBins ? static_cast<float>(middle.last + 1) * width + 2 * kSquareError : 1e9f;
  const float bounds[4] = {low, high, lowest + 2 * kSquareError, highest - 2 * kSquareError};
  const std::uint64_t below = loops.mark(memory.squares.data(), targets.weights.data(), n, bounds, memory.marks.data());

  ColumnStats stats{0, 0, -1e9};
  memory.near.clear();
  for (std::int64_t j = 0; j < targets.size(); ++j) {
    if (j % kBlock == 0 && !memory.marks[static_cast<std::size_t>(j / kBlock)]) {
      j += kBlock - 1;
      continue;
    }
    const auto at = static_cast<std::size_t>(j);
    const float square = memory.squares[at];
    const bool middling = square >= low && square <= high;
    if (!middling && square > bounds[2] && square < bounds[3]) continue;
    const double score = euclidean_score(query.share, targets.columns[at].share);
    stats.lowest = std::min(stats.lowest, score);
    stats.highest = std::max(stats.highest, score);
    if (middling) memory.near.emplace_back(-score, targets.weights[at]);
  }
  std::sort(memory.near.begin(), memory.near.end());
  const std::optional<double> first = ranked(memory.near, below, low_rank), last = ranked(memory.near, below, high_rank);
  if (first && last) {
    stats.median = (-*first - *last) / 2;
    return stats;
  }
  // A column on the other side of its bin than its exact distance: possible by rounding alone.
  std::vector<double> scores;
  for (const MotifColumn& target : targets.columns) scores.push_back(euclidean_score(query.share, target.share));
  std::vector<std::uint32_t> order;
  return stats_of(scores, targets, order);
}

}  // namespace basewise::motifs::detail
