// Of the scores of one query column with all target columns: the median and the ends.
#pragma once

#include <cstdint>
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

/// Memory of one thread for `euclidean_stats`.
struct StatsMemory {
  std::vector<float> squares;
  std::vector<std::uint8_t> marks;
  std::vector<std::uint32_t> bins;
  std::vector<std::pair<double, std::uint32_t>> near;
};

/// The same for Euclidean distances, without looking at all of them in double precision: squares in
/// single precision say which few columns can be the median or an end, and these are computed
/// exactly. Equal to `stats_of` in every bit.
ColumnStats euclidean_stats(const MotifColumn& query, const TargetColumns& targets, const CompareLoops& loops, StatsMemory& memory);

}  // namespace basewise::motifs::detail
