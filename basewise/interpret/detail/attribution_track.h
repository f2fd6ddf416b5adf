// Scores of windows as one track along a genome.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "basewise/seq/chrom_sizes.h"

namespace basewise::interpret::detail {

/// A stretch of a chromosome whose values are `values[offset ...]` of example `example`.
struct TrackStretch {
  std::size_t chrom = 0;
  std::int64_t start = 0;  ///< inside of the chromosome, 0-based half-open
  std::int64_t end = 0;
  std::int64_t example = 0;
  std::int64_t offset = 0;
};

/// A window of a genome: [start, end) may leave a linear chromosome, and run over the origin of a
/// circular one.
struct TrackWindow {
  std::size_t chrom = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t example = 0;
};

struct TrackPlan {
  std::vector<TrackStretch> stretches;  ///< sorted, without overlap
  std::int64_t hidden = 0;              ///< windows of which nothing is left: others lie around the same place
};

/// Where windows overlap, each base belongs to the window whose centre is nearer: they are cut
/// halfway between their centres, rounded down, as ChromBPNet does. Of windows with one centre the
/// first one counts. What lies outside of a chromosome is cut off.
TrackPlan cut_halfway(const std::vector<TrackWindow>& windows, const seq::ChromSizes& sizes);

/// The values of example i, in the order of the genome; NaN: no value.
using TrackValues = std::function<std::span<const float>(std::int64_t example)>;

/// Writes the file; it appears whole.
void write_track(const std::filesystem::path& file, const TrackPlan& plan, const seq::ChromSizes& sizes, const TrackValues& values);

}  // namespace basewise::interpret::detail
