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

void prepare(std::int64_t width, const TargetColumns& targets, ScoreMemory& memory, ScoreMatrix& matrix) {
  matrix.width = width;
  matrix.lanes = width <= 16 ? 16 : width <= 32 ? 32 : (width + 63) / 64 * 64;
  matrix.scores.resize(static_cast<std::size_t>(targets.padded * matrix.lanes));
  memory.tile.resize(static_cast<std::size_t>(matrix.lanes * kBlock));
  memory.counts.assign(static_cast<std::size_t>(width * 4 * kScoreValues), 0);
}

/// Rows without a query column score nothing.
void clear_spare_rows(std::int64_t zero, ScoreMemory& memory, const ScoreMatrix& matrix) {
  std::fill(memory.tile.begin() + matrix.width * kBlock, memory.tile.end(), static_cast<std::uint8_t>(zero));
}

void finish_distributions(const TargetColumns& targets, const ScoreMemory& memory, ScoreMatrix& matrix) {
  matrix.distributions.assign(static_cast<std::size_t>(matrix.width * (kScoreBins + 1)), 0);
  for (std::int64_t i = 0; i < matrix.width; ++i)
    for (std::int64_t s = 0; s <= kScoreBins; ++s) {
      const std::uint32_t* counts = memory.counts.data() + i * 4 * kScoreValues + s;
      const std::uint64_t count = std::uint64_t{counts[0]} + counts[kScoreValues] + counts[2 * kScoreValues] + counts[3 * kScoreValues];
      matrix.distributions[static_cast<std::size_t>(i * (kScoreBins + 1) + s)] =
          static_cast<double>(count) / static_cast<double>(targets.total);
    }
}

/// `row_of(i, first, out)` writes the scores of query column i with a block of target columns.
template <class RowOf>
void fill(std::int64_t width, std::int64_t zero, const TargetColumns& targets, const CompareLoops& loops, ScoreMemory& memory,
          ScoreMatrix& matrix, const RowOf& row_of) {
  prepare(width, targets, memory, matrix);
  clear_spare_rows(zero, memory, matrix);
  for (std::int64_t first = 0; first < targets.padded; first += kBlock) {
    for (std::int64_t i = 0; i < width; ++i) {
      std::uint8_t* row = memory.tile.data() + (width - 1 - i) * kBlock;
      row_of(i, first, row);
      loops.count_scores(row, targets.weights.data() + first, memory.counts.data() + i * 4 * kScoreValues);
    }
    loops.turn(memory.tile.data(), matrix.lanes, static_cast<std::uint8_t>(zero), matrix.scores.data() + first * matrix.lanes);
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
  const auto exact = [&](std::int64_t i, std::int64_t first, std::uint8_t* row) {
    for (std::int64_t j = first; j < std::min(first + kBlock, targets.size()); ++j)
      row[j - first] = integer_score(euclidean_score(query[at(i)].share, targets.columns[at(j)].share), stats[at(i)].median, scaling);
  };
  const Planes planes = targets.planes();
  fill(static_cast<std::int64_t>(query.size()), scaling.zero, targets, loops, memory, matrix,
       [&](std::int64_t i, std::int64_t first, std::uint8_t* row) {
         float column[4];
         for (std::size_t c = 0; c < 4; ++c) column[c] = static_cast<float>(query[static_cast<std::size_t>(i)].share[c]);
         const auto shift = static_cast<float>((-stats[static_cast<std::size_t>(i)].median - scaling.offset) * scaling.scale + 0.5);
         if (loops.scores(planes, first, column, shift, static_cast<float>(scaling.scale), margin, row)) exact(i, first, row);
       });
}

void fill_scores(std::span<const std::vector<double>> raw, std::span<const ColumnStats> stats, const Scaling& scaling, bool shift,
                 const TargetColumns& targets, const CompareLoops& loops, ScoreMemory& memory, ScoreMatrix& matrix) {
  const std::int64_t zero = shift ? scaling.zero : 0;
  fill(static_cast<std::int64_t>(raw.size()), zero, targets, loops, memory, matrix,
       [&](std::int64_t i, std::int64_t first, std::uint8_t* row) {
         const std::vector<double>& scores = raw[static_cast<std::size_t>(i)];
         const double median = shift ? stats[static_cast<std::size_t>(i)].median : 0;
         for (std::int64_t j = first; j < first + kBlock; ++j)
           row[j - first] = integer_score(scores[static_cast<std::size_t>(j < targets.size() ? j : 0)], median, scaling);
       });
}

}  // namespace basewise::motifs::detail
