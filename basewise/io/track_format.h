// Which of the formats of tracks a file has, told by its contents.
#pragma once

#include <filesystem>

#include "basewise/core/choice.h"

namespace basewise::io {

/// bigWig and .w5 state the lengths of their chromosomes;
/// bedGraph names only those that have values.
enum class TrackFormat { bigwig, bedgraph, w5 };
constexpr auto words_of(TrackFormat) {
  return words<TrackFormat>({{TrackFormat::bigwig, "bigWig"}, {TrackFormat::bedgraph, "bedGraph"}, {TrackFormat::w5, "w5"}});
}

/// A file that begins as bigWig files do, or as those that `BigWigReader` refuses by name (bigBed,
/// big-endian numbers), is bigWig; one that begins as HDF5 does is a .w5 file; any other one is
/// bedGraph, plain or gzip. Without any byte the name decides: an empty bedGraph has no values, an
/// empty .bw was not written to its end.
/// Errors: DataError for a file that cannot be read, for one of alignments, and for a bigWig or
/// HDF5 file that was compressed as a whole.
TrackFormat track_format(const std::filesystem::path& path);

}  // namespace basewise::io
