// Counts at every base of both strands, from a pair of tracks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::corpus {

/// The files of a stranded track; the counts of several files of a strand are added.
struct StrandedTrackOptions {
  FileList plus = {};
  FileList minus = {};
  bool absolute = false;             ///< negative values, as some write the minus strand, count as positive
  std::filesystem::path cache = {};  ///< for large files; empty: the cache of basewise
};
void describe(Visitor& v, StrandedTrackOptions& o);

/// Reads counts by the numbers of the chromosomes of a genome. Immutable; threads may share it.
class StrandedCounts {
 public:
  /// Errors: ArgumentError unless both strands have files; DataError for chromosomes that do not
  /// fit the genome. Names of chromosomes may be aliases that `seq::ChromSizes` knows.
  StrandedCounts(const StrandedTrackOptions& options, const seq::ChromSizes& sizes);
  ~StrandedCounts();
  StrandedCounts(StrandedCounts&&) noexcept;
  StrandedCounts& operator=(StrandedCounts&&) noexcept;

  /// Whether all files know a chromosome; one that a file lacks was not measured.
  bool has(std::size_t chrom) const;

  /// Counts from `start` on, as many as each span holds, both spans of one length. Bases that a
  /// file does not mention have 0: files of counts leave them out.
  /// Errors: DataError naming file, chromosome and base of a negative value, unless `absolute`, and
  /// for a window that leaves the chromosome. (Infinite values end the constructor.)
  void read(std::size_t chrom, std::int64_t start, std::span<float> plus, std::span<float> minus) const;

  std::string summary() const;

  /// What users should know of the files: none of their values, chromosomes that they do not name.
  std::vector<std::string> notes() const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};
using StrandedCountsPtr = std::shared_ptr<const StrandedCounts>;

/// Moving average over `window` values: floor((window - 1) / 2) before each, the rest after it; the
/// first and last value go on beyond the ends. `values` and `out` must not overlap.
void smooth(std::span<const float> values, std::int64_t window, std::span<float> out);

}  // namespace basewise::corpus
