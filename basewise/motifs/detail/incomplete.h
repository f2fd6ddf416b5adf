// Comparison without the columns that overhang.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/motifs/detail/best_offset.h"

namespace basewise::motifs::detail {

/// P(sum of the scores of query columns i .. j >= x), for every i and j.
class SpanNull {
 public:
  explicit SpanNull(const ScoreMatrix& matrix, std::int64_t longest);

  double p_value(std::int64_t i, std::int64_t j, std::int64_t score) const;

 private:
  std::int64_t width_;
  std::vector<std::vector<double>> spans_;  ///< (width, width), i by j
};

/// The placement of the least p-value, the longest of equal ones, else the first; its p-value is
/// that of the best of `tries` times the number of offsets: 1 - (1 - p)^n.
Placement best_incomplete(const ScoreMatrix& matrix, const SpanNull& null, const std::uint32_t* columns, std::int64_t target_width,
                          const OffsetRange& range, std::int64_t tries);

}  // namespace basewise::motifs::detail
