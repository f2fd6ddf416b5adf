// A bigWig file beside a genome: its chromosomes by the numbers of the genome,
// in a form that is read quickly.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/packed_track.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::corpus {

class TrackFile {
 public:
  /// `file` as options name it. Files of 16 MiB or more are kept in packed form in `cache` (empty:
  /// the cache of basewise).
  /// Errors: DataError for a chromosome of another length than in the genome, or when no chromosome
  /// of the genome is in the file.
  TrackFile(const std::filesystem::path& file, const seq::ChromSizes& sizes, const std::filesystem::path& cache);

  const std::filesystem::path& path() const { return track_.path(); }
  std::int64_t bytes() const { return track_.bytes(); }

  /// Whether the file knows chromosome `chrom` of the genome; one that it lacks was not measured.
  bool has(std::size_t chrom) const { return numbers_[chrom].has_value(); }

  /// Chromosomes of the genome that it lacks.
  std::int64_t lacking() const;

  /// Values from `start` on of a chromosome of the genome, NaN where nothing was measured.
  void values(std::size_t chrom, std::int64_t start, std::span<float> out) const;

 private:
  io::PackedTrack track_;
  std::vector<std::optional<std::size_t>> numbers_;  // by chromosome of the genome: its number in the file
};

}  // namespace basewise::corpus
