// The distribution of the best of all offsets under chance, and the best offset there is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/score_matrix.h"

namespace basewise::motifs::detail {

/// Memory of one thread.
struct NullMemory {
  std::vector<double> spans[2];   ///< distributions of sums, with room for zeros before them
  std::vector<double> survival;
  std::vector<double> unions;
};

/// P(best score >= x) for each width of a target and x = 0 .. 100 width of the query, where each
/// offset is independent of the others. The sum over query columns i .. j is distributed as the
/// convolution of their distributions, and the columns that overhang add `zero` each.
///
/// Of independent events the probability that one happens is built up as u + s (1 - u), from
/// survivals that are summed from their small end: no probability is a difference of large ones.
class BestScoreNull {
 public:
  /// `widths` ascending.
  BestScoreNull(const ScoreMatrix& matrix, std::int64_t zero, std::span<const std::int64_t> widths, const CompareLoops& loops,
                NullMemory& memory);

  /// `width` is an index into the widths.
  double p_value(std::size_t width, std::int64_t score) const;

 private:
  /// A survival function: 1 below `ones`, 0 from `end`.
  struct Survival {
    double* values = nullptr;
    std::int64_t ones = 0, end = 0;
  };
  void unite(Survival& into, const double* values, std::int64_t ones, std::int64_t end) const;
  void unite(Survival& into, const Survival& other) const { unite(into, other.values, other.ones, other.end); }

  const CompareLoops& loops_;
  std::vector<Survival> finals_;
};

/// How a query lies on a target.
struct Placement {
  std::int64_t score = 0;
  std::int64_t offset = 0;
  std::int64_t overlap = 0;
  double p_value = 1;
};

/// Which offsets are looked at: `first` .. `last`, counted from 0 for a query whose last column
/// lies on the first of the target.
struct OffsetRange {
  std::int64_t first = 0, last = 0;
};
OffsetRange offset_range(std::int64_t query_width, std::int64_t target_width, const CompareOptions& options);

/// Columns that lie on each other at offset number k.
std::int64_t overlap_at(std::int64_t k, std::int64_t query_width, std::int64_t target_width);

/// Which of equal sums along diagonals is taken, for each width of a target:
/// the longest overlap, then the first.
class OffsetRanks {
 public:
  OffsetRanks(std::int64_t query_width, std::span<const std::int64_t> widths, const CompareOptions& options);

  /// The best of the sums for a target whose width has the number `width` among the widths: all of
  /// `placement` but its p-value. `sums` has room to the next multiple of 32.
  void find_best(const std::int16_t* sums, std::size_t width, const CompareLoops& loops, Placement& placement) const;

 private:
  struct Placed {
    std::int32_t k = 0, overlap = 0;
  };

  std::int64_t query_width_, stride_ = 0;
  std::vector<std::int32_t> ranks_;                ///< (widths, stride): larger is better, negative where not looked at
  std::vector<std::vector<Placed>> placed_;        ///< offsets from the best rank down
  std::vector<std::int64_t> lengths_;              ///< sums to look at, a multiple of 32
};

/// `CompareLoops::slide` for a query of any width.
void slide_wide(const ScoreMatrix& matrix, const std::uint32_t* columns, std::int64_t target_width, std::int16_t* out);

}  // namespace basewise::motifs::detail
