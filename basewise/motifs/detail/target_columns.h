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

/// Columns of all targets in the orientations that are compared. Each is kept once, in an order
/// that follows from their values alone, so that nothing depends on the order of the targets.
struct TargetColumns {
  std::vector<MotifColumn> columns;    ///< (U,)
  std::vector<std::uint32_t> weights;  ///< (padded,): how often each occurs; 0 behind U
  std::int64_t padded = 0;             ///< U up to a multiple of kBlock
  std::int64_t total = 0;              ///< columns of all targets
  std::vector<float> shares;           ///< (4, padded), letter by letter; behind U the first column again

  std::vector<std::uint32_t> forward;  ///< indices into `columns`, target by target
  std::vector<std::uint32_t> reverse;  ///< those of the reverse complements
  std::vector<std::int64_t> start;     ///< (targets + 1,) into both
  std::vector<std::int64_t> widths;    ///< all widths that targets have, ascending
  std::vector<std::uint32_t> width_of; ///< (targets,): index into `widths`

  std::int64_t size() const { return static_cast<std::int64_t>(columns.size()); }
  std::int64_t targets() const { return static_cast<std::int64_t>(width_of.size()); }
  std::int64_t width(std::int64_t target) const { return widths[width_of[static_cast<std::size_t>(target)]]; }
  Planes planes() const {
    const float* all = shares.data();
    return {{all, all + padded, all + 2 * padded, all + 3 * padded}};
  }
};

TargetColumns target_columns(std::span<const MotifMatrix> targets, const CompareOptions& options);

}  // namespace basewise::motifs::detail
