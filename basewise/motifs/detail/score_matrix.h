// Scores of a query with all target columns as small integers, and their distributions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/column_stats.h"

namespace basewise::motifs::detail {

/// Integer scores go from 0 to this.
inline constexpr std::int64_t kScoreBins = 100;

/// Raw scores, less the median of their query column, become floor((x - offset) scale + 1/2).
struct Scaling {
  double offset = 0;
  double scale = 0;
  std::int64_t zero = 0;  ///< the integer that a raw score of 0 becomes: what an overhanging column scores
};

/// One scaling for all columns of a query, as MEME: `offset` is the floor of the least score,
/// `scale` the floor of 100 / (largest - offset). Where that floor is 0, which MEME would score all
/// pairs alike with, the quotient itself. Scores that are all 0 get the offset -1. With `shift`
/// scores are less their median.
Scaling scaling_of(std::span<const ColumnStats> stats, bool shift);

/// Scores of one query. Row u are those of target column u, less `zero` where columns may overhang,
/// with the last query column first.
struct ScoreMatrix {
  std::int64_t width = 0;             ///< of the query
  std::int64_t lanes = 0;             ///< of a row: the width up to a multiple of 16; for at most 64 columns 16, 32 or 64
  std::vector<std::int8_t> scores;    ///< (padded, lanes)
  std::vector<double> distributions;  ///< (width, 101): probability of each score 0 .. 100, query column by query column
};

/// Memory of one thread.
struct ScoreMemory {
  std::vector<std::uint8_t> tile;
  std::vector<std::uint32_t> near;
  std::vector<std::uint16_t> pairs;
  std::vector<std::uint32_t> counts;
  std::vector<std::uint32_t> order;
};

/// Where rounding in single precision might decide, scores are computed in double precision: equal
/// to `fill_scores` in every bit.
void fill_euclidean_scores(std::span<const MotifColumn> query, std::span<const ColumnStats> stats, const Scaling& scaling,
                           const TargetColumns& targets, const CompareLoops& loops, ScoreMemory& memory, ScoreMatrix& matrix);

/// From raw scores, (width, U). Without `shift` medians and `zero` stay out.
void fill_scores(std::span<const std::vector<double>> raw, std::span<const ColumnStats> stats, const Scaling& scaling, bool shift,
                 const TargetColumns& targets, const CompareLoops& loops, ScoreMemory& memory, ScoreMatrix& matrix);

}  // namespace basewise::motifs::detail
