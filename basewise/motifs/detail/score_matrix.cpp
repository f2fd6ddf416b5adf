#include "basewise/motifs/detail/score_matrix.h"

#include <algorithm>
#include <cmath>

namespace basewise::motifs::detail {
namespace {

/// More than single precision loses in a scaled score, for scales up to kLargestScale.
constexpr float kMargin = 1e-4f;
constexpr double kLargestScale = 110;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::uint8_t integer_score(double raw, double median, const Scaling& scaling) {
  const double score = std::floor((raw - median - scaling.offset) * scaling.scale + 0.5);
  return static_cast<std::uint8_t>(std::clamp(score, 0.0, static_cast<double>(kScoreBins)));
}

/// Columns whose shares stay in the first cache for all columns of a query, and those whose scores
/// stay in the second until they are counted and turned.
constexpr std::int64_t kShares = 16 * kBlock;
constexpr std::int64_t kTile = 16 * kShares;

void prepare(std::int64_t width, std::int64_t zero, const TargetColumns& targets, ScoreMemory& memory, ScoreMatrix& matrix) {
  matrix.width = width;
  matrix.lanes = width <= 16 ? 16 : width <= 32 ? 32 : (width + 63) / 64 * 64;
  matrix.scores.resize(static_cast<std::size_t>(targets.all.padded * matrix.lanes));
  memory.tile.resize(static_cast<std::size_t>(matrix.lanes * kTile));
  // Rows without a query column score nothing.
  std::fill(memory.tile.begin() + width * kTile, memory.tile.end(), static_cast<std::uint8_t>(zero));
  memory.near.resize(static_cast<std::size_t>(kShares));
  memory.pairs.resize(static_cast<std::size_t>(kPairs), 0);
  memory.counts.assign(static_cast<std::size_t>(width * kScoreValues), 0);
}

void finish_distributions(const TargetColumns& targets, const ScoreMemory& memory, ScoreMatrix& matrix) {
  matrix.distributions.resize(static_cast<std::size_t>(matrix.width * (kScoreBins + 1)));
  for (std::int64_t i = 0; i < matrix.width; ++i)
    for (std::int64_t s = 0; s <= kScoreBins; ++s)
      matrix.distributions[static_cast<std::size_t>(i * (kScoreBins + 1) + s)] =
          static_cast<double>(memory.counts[static_cast<std::size_t>(i * kScoreValues + s)]) / static_cast<double>(targets.total);
}

/// Counts the scores of the n columns from `first` on: in pairs where columns occur once.
void count(const std::uint8_t* row, std::int64_t first, std::int64_t n, const TargetColumns& targets, const CompareLoops& loops,
           ScoreMemory& memory, std::uint32_t* counts) {
  const std::int64_t single = std::clamp<std::int64_t>(targets.once - first, 0, n) / 4 * 4;
  if (single > 0) loops.count_single(row, single, memory.pairs.data(), counts);
  if (single < n) loops.count_weighted(row + single, targets.weights.data() + first + single, n - single, counts);
}

/// `row_of(i, first, n, out)` writes the scores of query column i with n columns from `first` on.
template <class RowOf>
void fill(std::int64_t width, std::int64_t zero, const TargetColumns& targets, const CompareLoops& loops, ScoreMemory& memory,
          ScoreMatrix& matrix, const RowOf& row_of) {
  prepare(width, zero, targets, memory, matrix);
  for (std::int64_t first = 0; first < targets.all.padded; first += kTile) {
    const std::int64_t n = std::min(kTile, targets.all.padded - first);
    const auto row = [&](std::int64_t i) { return memory.tile.data() + (width - 1 - i) * kTile; };
    for (std::int64_t j = 0; j < n; j += kShares)
      for (std::int64_t i = 0; i < width; ++i) row_of(i, first + j, std::min(kShares, n - j), row(i) + j);
    for (std::int64_t i = 0; i < width; ++i) count(row(i), first, n, targets, loops, memory, memory.counts.data() + i * kScoreValues);
    for (std::int64_t j = 0; j < n; j += kBlock)
      loops.turn(memory.tile.data() + j, kTile, matrix.lanes, static_cast<std::uint8_t>(zero),
                 matrix.scores.data() + (first + j) * matrix.lanes);
  }
  finish_distributions(targets, memory, matrix);
}

}  // namespace

Scaling scaling_of(std::span<const ColumnStats> stats, bool shift) {
  double least = 1e300, largest = -1e300;
  for (const ColumnStats& column : stats) {
    const double median = shift ? column.median : 0;
    least = std::min(least, column.lowest - median);
    largest = std::max(largest, column.highest - median);
  }
  if (largest == least) least = largest - 1;
  Scaling scaling;
  scaling.offset = std::floor(least);
  const double scale = static_cast<double>(kScoreBins) / (largest - scaling.offset);
  scaling.scale = scale >= 1 ? std::floor(scale) : scale;
  scaling.zero = std::clamp<std::int64_t>(std::llround(-scaling.offset * scaling.scale), 0, kScoreBins);
  return scaling;
}

void fill_euclidean_scores(std::span<const MotifColumn> query, std::span<const ColumnStats> stats, const Scaling& scaling,
                           const TargetColumns& targets, const CompareLoops& loops, ScoreMemory& memory, ScoreMatrix& matrix) {
  const float margin = scaling.scale <= kLargestScale ? kMargin : 1.0f;
  const Planes planes = targets.all.planes();
  fill(static_cast<std::int64_t>(query.size()), scaling.zero, targets, loops, memory, matrix,
       [&](std::int64_t i, std::int64_t first, std::int64_t n, std::uint8_t* row) {
         const BaseVector& share = query[at(i)].share;
         const double median = stats[at(i)].median;
         float column[4];
         for (std::size_t c = 0; c < 4; ++c) column[c] = static_cast<float>(share[c]);
         const double shift = (-median - scaling.offset) * scaling.scale + 0.5;
         const ScoreLine line{static_cast<float>(shift), static_cast<float>(scaling.scale), margin};
         const std::int64_t near = loops.scores(planes, first, n, column, line, row, memory.near.data());
         for (std::int64_t k = 0; k < near; ++k) {
           const std::uint32_t j = memory.near[at(k)];
           const std::int64_t target = first + j < targets.size() ? first + j : 0;  // those behind are like the first
           row[j] = integer_score(euclidean_score(share, targets.columns[at(target)].share), median, scaling);
         }
       });
}

void fill_scores(std::span<const std::vector<double>> raw, std::span<const ColumnStats> stats, const Scaling& scaling, bool shift,
                 const TargetColumns& targets, const CompareLoops& loops, ScoreMemory& memory, ScoreMatrix& matrix) {
  const std::int64_t zero = shift ? scaling.zero : 0;
  fill(static_cast<std::int64_t>(raw.size()), zero, targets, loops, memory, matrix,
       [&](std::int64_t i, std::int64_t first, std::int64_t n, std::uint8_t* row) {
         const std::vector<double>& scores = raw[static_cast<std::size_t>(i)];
         const double median = shift ? stats[static_cast<std::size_t>(i)].median : 0;
         for (std::int64_t j = first; j < first + n; ++j)
           row[j - first] = integer_score(scores[static_cast<std::size_t>(j < targets.size() ? j : 0)], median, scaling);
       });
}

}  // namespace basewise::motifs::detail
