// bigWig tracks, written piece by piece. Coordinates are 0-based and half-open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "basewise/io/bigwig.h"

namespace basewise::io {

struct BigWigOptions {
  int zoom_levels = 10;  ///< at most; each is four times coarser than the one before; 0 writes none (genome browsers need them)
};

/// Writes a bigWig file piece by piece. Data come in the order of the chromosomes given,
/// and of position within each.
///
/// The file appears under its name at `close`; destroyed before that, the writer leaves nothing
/// behind. One thread at a time.
class BigWigWriter {
 public:
  /// Errors: ArgumentError (no chromosome, a name twice or empty, a length outside 1 to 2^32-1),
  /// DataError (disk).
  BigWigWriter(const std::filesystem::path& path, TrackChromosomes chromosomes, BigWigOptions options = {});
  ~BigWigWriter();
  BigWigWriter(const BigWigWriter&) = delete;
  BigWigWriter& operator=(const BigWigWriter&) = delete;

  /// One value per `step` bases from `start` on; every value stands for `step` bases, the last one
  /// is clipped at the end of the chromosome. NaN means not measured and is left out.
  /// Errors: ArgumentError naming file, chromosome and position for an unknown chromosome, data out
  /// of order, overlapping or outside of the chromosome, and infinite values.
  void add_run(std::string_view chromosome, std::int64_t start, std::span<const float> values, std::int64_t step = 1);

  /// Stretches as in bedGraph. Errors as for `add_run`; an empty stretch is an error.
  void add_intervals(std::string_view chromosome, std::span<const TrackInterval> intervals);

  /// Writes index and zoom levels; the file appears. A file without any value is allowed.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
