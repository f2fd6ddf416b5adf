// Which windows a data set has, before any coverage is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/prepare/bins.h"
#include "basewise/prepare/model_windows.h"
#include "basewise/prepare/targets_table.h"

namespace basewise::prepare::detail {

struct BinsPlan {
  ContigSets sets;
  std::vector<ModelWindow> windows;    ///< set after set, in the order of the examples
  std::vector<std::uint8_t> unmapped;  ///< (windows, bins) 1 where unmappable; empty without such a file
  std::vector<std::int64_t> dropped;   ///< by set: windows with too many unmappable bins
  std::vector<std::string> notes;

  /// Places in `windows` of a set: [first, second).
  std::pair<std::int64_t, std::int64_t> range(std::size_t set) const;
};

/// Errors: DataError where no contig can hold a window, or a set that must have windows has none;
/// those of the readers.
BinsPlan plan_bins(const BinsOptions& options, const TargetsTable& targets, const seq::ChromSizes& sizes);

/// Intervals of a BED file on chromosomes of the genome, and what is to say of its names; none of
/// an empty path.
std::vector<seq::Interval> read_regions(const std::filesystem::path& file, const seq::ChromSizes& sizes, std::string_view option,
                                        std::vector<std::string>& notes);

/// contigs.bed and sequences.bed: places with the name of their set, as the columns of the field
/// have it.
std::string contigs_text(const BinsPlan& plan, const seq::ChromSizes& sizes);
std::string sequences_text(const BinsPlan& plan, const seq::ChromSizes& sizes);

}  // namespace basewise::prepare::detail
