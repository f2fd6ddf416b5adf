// Tracks of any of the field's formats, read as one value per base.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::prepare {

/// What a track is kept in.
enum class SourceFormat { bed, hdf5, signal };
constexpr auto words_of(SourceFormat) {
  return words<SourceFormat>({{SourceFormat::bed, "BED", "1 inside of its intervals, 0 elsewhere"},
                              {SourceFormat::hdf5, "HDF5", "a data set of values for each chromosome (.w5)"},
                              {SourceFormat::signal, "bigWig or bedGraph", "told apart by their first bytes"}});
}

/// By the name: .bed, .narrowPeak, .broadPeak and .gappedPeak (plain or .gz) are BED; .w5, .wdf5,
/// .h5 and .hdf5 HDF5; all others signal.
SourceFormat coverage_format(const std::filesystem::path& file);

/// Whether a track names chromosomes with values alone, and so lacks none: BED and bedGraph. Opens
/// no more than its first bytes.
bool names_values_only(const std::filesystem::path& file);

/// Where a window begins.
struct CoverageWindow {
  std::size_t chrom = 0;  ///< number in the genome
  std::int64_t start = 0;
};

/// A track beside a genome. Threads may share one.
class CoverageSource {
 public:
  virtual ~CoverageSource() = default;

  /// Whether the track says something about a chromosome of the genome. A bigWig or HDF5 file
  /// without it did not measure it; BED and bedGraph name only chromosomes with values.
  virtual bool has(std::size_t chrom) const = 0;

  /// Values of N windows of `length` bases, window i at out[i * length]; NaN where nothing was
  /// measured. Infinite values of HDF5 files, whose half precision has no larger ones, become
  /// 65,504 with their sign; of other files they are an error.
  /// Errors: DataError for infinite values, for chromosomes that `has` denies, and for windows that
  /// leave their chromosome; those of the readers.
  virtual void read(std::span<const CoverageWindow> windows, std::int64_t length, std::span<float> out) const = 0;

  /// What there is to say of its names of chromosomes; empty if all are the genome's.
  const std::string& remark() const { return remark_; }

 protected:
  std::string remark_ = {};
};

/// Errors: DataError where no chromosome of the file is in the genome, for one of another length,
/// and those of the readers.
std::unique_ptr<CoverageSource> open_coverage(const std::filesystem::path& file, const seq::ChromSizes& sizes);

}  // namespace basewise::prepare
