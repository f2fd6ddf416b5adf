// bigWig tracks: one number per base of a genome, where it was measured (Kent et al. 2010,
// Bioinformatics 26:2204). Coordinates are 0-based and half-open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::io {

/// What stands for "not measured" in a span of values.
inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Name and length in bases, in the order of the file.
using TrackChromosomes = std::vector<std::pair<std::string, std::int64_t>>;

/// A stretch of one chromosome with one value.
struct TrackInterval {
  std::int64_t start = 0;
  std::int64_t end = 0;
  float value = 0;
  bool operator==(const TrackInterval&) const = default;
};

/// Where a window of a track begins.
struct TrackWindow {
  std::size_t chromosome = 0;  ///< number in `chromosomes()`
  std::int64_t start = 0;
};

/// Statistics over the measured bases of an interval. With none, `covered` is 0, `sum` is 0 and
/// mean, minimum, maximum are NaN.
struct TrackSummary {
  std::int64_t covered = 0;
  double mean = 0;
  double minimum = 0;
  double maximum = 0;
  double sum = 0;
};

/// Reads a local bigWig file.
///
/// The file is distrusted: header, chromosome tree and index are checked against the size of the
/// file when it is opened, every data block when it is read; a damaged file gives a DataError that
/// names the file and the place. bigBed and byte-swapped files are refused with a text that says
/// so. A stretch that reaches past the end of its chromosome (some programs write such files) is
/// clipped there; one that starts behind the end is an error. A file with a header and no data, as
/// pyBigWig writes it for an empty strand, has no values. All member functions are const and may be
/// called from many threads at once (positioned reads, no shared cursor, no lock).
class BigWigReader {
 public:
  explicit BigWigReader(const std::filesystem::path& path);
  ~BigWigReader();
  BigWigReader(BigWigReader&&) noexcept;
  BigWigReader& operator=(BigWigReader&&) noexcept;

  const std::filesystem::path& path() const;

  /// In the order of their numbers in the file.
  const TrackChromosomes& chromosomes() const;
  bool contains(std::string_view chromosome) const;

  /// Bases. Errors: DataError naming the file, the chromosome and the nearest known name.
  std::int64_t length(std::string_view chromosome) const;

  /// Values of the bases [start, end), one float per base; bases without data get `missing`.
  /// Absence is not zero: whoever wants zeros passes 0.
  /// Errors: DataError for an unknown chromosome or an interval that leaves it.
  std::vector<float> values(std::string_view chromosome, std::int64_t start, std::int64_t end, float missing = kMissing) const;

  /// The same into `out`, whose size says how many bases to read from `start`.
  void values(std::string_view chromosome, std::int64_t start, std::span<float> out, float missing = kMissing) const;

  /// False where no block of the file reaches into [start, end): nothing was measured there.
  /// Tells it from the index alone.
  /// Errors: as for `values`.
  bool may_have_values(std::string_view chromosome, std::int64_t start, std::int64_t end) const;

  /// Values of N windows of `length` bases, in any order, by all threads: window i goes to
  /// out[i * stride], so that `out` is (N, length) and may be a part of a larger array. Blocks that
  /// several windows need are inflated once, not once per window. `out` must hold
  /// (N - 1) * stride + length values, and `stride` be at least `length` (ArgumentError).
  /// Errors: as for `values`.
  void windows(std::span<const TrackWindow> windows, std::int64_t length, std::span<float> out, std::int64_t stride,
               float missing = kMissing) const;

  /// Stored stretches that overlap [start, end), clipped to it, in order. Stretches with the value
  /// NaN are left out: not measured.
  std::vector<TrackInterval> intervals(std::string_view chromosome, std::int64_t start, std::int64_t end) const;

  /// Exact statistics of [start, end), from the full data (zoom levels are not used).
  TrackSummary summary(std::string_view chromosome, std::int64_t start, std::int64_t end) const;

  /// Statistics of the whole file as its header states them.
  TrackSummary total() const;

  /// Bases per record of each zoom level, finest first.
  std::vector<std::int64_t> zoom_levels() const;

 private:
  struct State;
  class Sweep;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
