// The columns of all targets, each once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/compare.h"
#include "basewise/motifs/detail/column_score.h"
#include "basewise/motifs/detail/compare_loops.h"

namespace basewise::motifs::detail {

/// A motif as columns of the comparison: shares with pseudocounts; sites where the distance counts.
/// Shares are those of the motif, unless pseudocounts are added, counts given, or the sum of a row
/// is off 1 by more than 1e-5, as MEME reads them.
/// Errors: DataError (`check`); ArgumentError for zeros where the distance takes logarithms.
std::vector<MotifColumn> columns_of(const MotifMatrix& motif, const CompareOptions& options);

/// The background of allr and blic.
/// Errors: ArgumentError for one that is no distribution.
BaseVector background_of(const CompareOptions& options);

/// Of the columns that occur once, one in so many is in the sample.
inline constexpr std::int64_t kSampleStep = 16;

/// Shares of columns in single precision.
struct ColumnPlanes {
  std::int64_t padded = 0;    ///< columns up to a multiple of kBlock
  std::vector<float> shares;  ///< (4, padded), letter by letter; behind the last column the first again

  Planes planes() const {
    const float* all = shares.data();
    return {{all, all + padded, all + 2 * padded, all + 3 * padded}};
  }
};

/// Columns of all targets in the orientations that are compared. Each is kept once, with the number
/// of times that it occurs: nothing that is made from them depends on their order.
struct TargetColumns {
  std::vector<MotifColumn> columns;    ///< (U,); those that occur once come first
  std::vector<std::uint32_t> weights;  ///< (padded,): how often each occurs; 0 behind U
  std::int64_t once = 0;               ///< columns that occur once
  std::int64_t total = 0;              ///< columns of all targets
  ColumnPlanes all;

  ColumnPlanes sample;                        ///< says about where the middle lies
  std::vector<std::uint32_t> sample_weights;  ///< for how many of all columns each stands

  /// Targets in the order of their widths: for all of one width loops have one length and p-values
  /// one distribution.
  std::vector<std::uint32_t> number;   ///< (targets,): which target it is of those given
  std::vector<std::uint32_t> forward;  ///< indices into `columns`, target by target
  std::vector<std::uint32_t> reverse;  ///< those of the reverse complements
  std::vector<std::int64_t> start;     ///< (targets + 1,) into both
  std::vector<std::int64_t> widths;    ///< all widths that targets have, ascending
  std::vector<std::uint32_t> width_of; ///< (targets,): index into `widths`

  std::int64_t size() const { return static_cast<std::int64_t>(columns.size()); }
  std::int64_t targets() const { return static_cast<std::int64_t>(width_of.size()); }
  std::int64_t width(std::int64_t target) const { return widths[width_of[static_cast<std::size_t>(target)]]; }
};

TargetColumns target_columns(std::span<const MotifMatrix> targets, const CompareOptions& options);

}  // namespace basewise::motifs::detail
