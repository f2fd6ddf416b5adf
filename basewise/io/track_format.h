// Which of the two formats of tracks a file has, told by its contents.
#pragma once

#include <filesystem>

#include "basewise/core/choice.h"

namespace basewise::io {

/// bigWig states the lengths of its chromosomes; bedGraph names only those that have values.
enum class TrackFormat { bigwig, bedgraph };
constexpr auto words_of(TrackFormat) {
  return words<TrackFormat>({{TrackFormat::bigwig, "bigWig"}, {TrackFormat::bedgraph, "bedGraph"}});
}

/// A file that begins as bigWig files do, or as those that `BigWigReader` refuses by name (bigBed,
/// big-endian numbers), is bigWig; any other one is bedGraph, plain or gzip. Without any byte the
/// name decides: an empty bedGraph has no values, an empty .bw was not written to its end.
/// Errors: DataError for a file that cannot be read, and for a bigWig that was compressed as a
/// whole.
TrackFormat track_format(const std::filesystem::path& path);

}  // namespace basewise::io
