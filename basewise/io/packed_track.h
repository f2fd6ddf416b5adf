// A track that is read again and again: every window costs as much as copying it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "basewise/io/bedgraph.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/track_format.h"

namespace basewise::io {

/// The values of a bigWig, bedGraph or .w5 file (`track_format`) in a form without compression that
/// answers a window at once: stretches of equal values where there are few, plain numbers where
/// there are many, nothing where nothing was measured, in pages of 4,096 bases. Exactly the values
/// of `BigWigReader::values`. In memory, or a file that is mapped into it, of which the system
/// keeps what is used and can drop the rest.
///
/// Immutable; threads may share it; copies share the data.
class PackedTrack {
 public:
  /// Packs a file in memory, a bigWig by all threads. `length_of` tells how long the chromosomes
  /// are that a bedGraph names.
  /// Errors: those of `BigWigReader`, `for_each_bedgraph_in_order` and `W5Reader`.
  static PackedTrack pack(const std::filesystem::path& track, const LengthOf& length_of = {});

  /// The same by way of a file in `folder` named after the SHA-256 of `track`: built once (whole or
  /// not at all), then mapped. A log line says how large it is. A file that is damaged is built
  /// anew, with a warning; where `folder` cannot be written the track stays in memory, with a
  /// warning. Memory while building does not depend on the size of the track.
  /// Errors: as for `pack`.
  static PackedTrack keep(const std::filesystem::path& track, const std::filesystem::path& folder,
                          const LengthOf& length_of = {});

  /// The file that was packed.
  const std::filesystem::path& path() const;

  /// A bedGraph names chromosomes with values alone, and their lengths here are where the values
  /// end.
  TrackFormat file_format() const;
  const TrackChromosomes& chromosomes() const;

  /// Bytes of the packed form.
  std::int64_t bytes() const;

  /// Bases of [start, end) of a chromosome that have a value, counted by all threads.
  /// Errors: DataError that names file, chromosome, base (from 0) and value of an infinite one, and
  /// for a stretch that leaves the chromosome; ArgumentError for a number that is none.
  std::int64_t measured(std::size_t chromosome, std::int64_t start, std::int64_t end) const;

  /// Values of the bases from `start` of chromosome number `chromosome` (in `chromosomes()`) on, as
  /// many as `out` holds; `missing` where nothing was measured.
  /// Errors: DataError for a window that leaves the chromosome, and where the mapped file was cut
  /// short meanwhile; ArgumentError for a number that is none.
  void values(std::size_t chromosome, std::int64_t start, std::span<float> out, float missing = kMissing) const;

  /// N windows of `length` bases by all threads: window i goes to out[i * stride].
  /// Errors: as for `values`, and ArgumentError for an array that does not hold
  /// (N - 1) * stride + length values or windows that would overlap in it.
  void windows(std::span<const TrackWindow> windows, std::int64_t length, std::span<float> out, std::int64_t stride,
               float missing = kMissing) const;

 private:
  struct State;
  explicit PackedTrack(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

}  // namespace basewise::io
