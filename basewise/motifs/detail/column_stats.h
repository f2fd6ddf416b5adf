// Of the scores of one query column with all target columns: the median and the ends.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "basewise/motifs/detail/target_columns.h"

namespace basewise::motifs::detail {

/// Scores with all target columns, each as often as it occurs.
struct ColumnStats {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};

/// The median that MEME takes: of n sorted scores, counted from 1, the mean of numbers floor(n / 2)
/// and ceil(n / 2), which for an even n is the lower middle one.
/// Scores of columns of targets in their order; `order` is memory for their indices.
ColumnStats stats_of(const std::vector<double>& scores, const TargetColumns& targets, std::vector<std::uint32_t>& order);

/// Squared distances from `low` to `high`.
struct SquareRange {
  float low = 0, high = 0;
};

/// What is known of one query column.
struct ColumnSearch {
  float share[4] = {};
  SquareRange wide;  ///< where the median lies, most likely
  SquareRange ends;  ///< the least and the largest do not lie between these
  NearColumns near;  ///< those that can be the median or an end, and some more
  std::vector<std::uint32_t> near_at;
  std::vector<float> near_squares;
};

/// Memory of one thread for `euclidean_stats`.
struct StatsMemory {
  std::vector<float> squares;
  std::vector<std::uint32_t> bins;
  std::vector<ColumnSearch> searches;
  std::vector<std::pair<double, std::uint32_t>> middle;
};

/// The same for Euclidean distances, without looking at all of them in double precision. A sample
/// of the columns says between which two distances the median lies, most likely; squares in single
/// precision of all columns say how many lie below, and which few columns can be the median or an
/// end, and these are computed exactly. Equal to `stats_of` in every bit.
void euclidean_stats(std::span<const MotifColumn> queries, const TargetColumns& targets, const CompareLoops& loops, StatsMemory& memory,
                     std::span<ColumnStats> stats);

}  // namespace basewise::motifs::detail
