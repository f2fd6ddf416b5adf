// A track beside a genome, bigWig, bedGraph or .w5: its chromosomes by the numbers of the genome,
// in a form that is read quickly.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/corpus/track_chromosomes.h"
#include "basewise/corpus/windows.h"
#include "basewise/io/packed_track.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::corpus {

class TrackFile {
 public:
  /// `file` as options name it: bigWig, bedGraph (plain or gzip) or .w5, told by its contents.
  /// Files of 16 MiB or more are kept in packed form in `cache` (empty: the cache of basewise).
  /// Errors: DataError for a chromosome of another length than in the genome, when no chromosome of
  /// the genome is in a file that has any, and for an infinite value on one of them; those of the
  /// readers.
  TrackFile(const std::filesystem::path& file, const seq::ChromSizes& sizes, const std::filesystem::path& cache);

  const std::filesystem::path& path() const { return track_.path(); }
  std::int64_t bytes() const { return track_.bytes(); }

  /// Whether the file can say something about chromosome `chrom` of the genome: one that a bigWig
  /// lacks was not measured, while a bedGraph leaves out those without any value.
  bool has(std::size_t chrom) const { return speaks_for_all_ || chromosomes_.numbers[chrom].has_value(); }

  /// Whether `has` is true of every chromosome: the file is a bedGraph.
  bool speaks_for_all() const { return speaks_for_all_; }

  /// What there is to say of its names of chromosomes (`seq::NameMatch`);
  /// empty if all are the genome's.
  const std::string& translated() const { return chromosomes_.translated; }

  /// Chromosomes of the genome that it does not name.
  std::int64_t lacking() const { return chromosomes_.lacking(); }

  /// Bases of the genome, or of [start, end) of one of its chromosomes, that have a value.
  std::int64_t measured() const { return measured_; }
  std::int64_t measured(std::size_t chrom, std::int64_t start, std::int64_t end) const;

  /// Values from `start` on of a chromosome of the genome, NaN where nothing was measured.
  /// Errors: DataError for a window that leaves its chromosome.
  void values(std::size_t chrom, std::int64_t start, std::span<float> out) const;

 private:
  io::PackedTrack track_;
  bool speaks_for_all_ = false;  // a chromosome that the file does not name has no values
  MatchedChromosomes chromosomes_;
  std::vector<std::int64_t> lengths_;  // of the chromosomes of the genome
  std::int64_t measured_ = 0;
};

/// Values of N windows of `length` bases of the genome, from a file that is read this once: only
/// the parts of a bigWig that the windows need. Window i goes to out[i * stride];
/// `missing` where nothing was measured.
/// Errors: DataError for a chromosome that a bigWig or .w5 file lacks, for one of another length
/// than in the genome, and for an infinite value in a window.
void read_track_windows(const std::filesystem::path& file, const seq::ChromSizes& sizes, std::span<const Window> windows,
                        std::int64_t length, std::span<float> out, std::int64_t stride, float missing);

}  // namespace basewise::corpus
