// Files of predictions along a genome.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "basewise/infer/genome.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::infer {

/// Takes the pieces of `predict_genome` in order; files appear at `close`.
class TrackSink {
 public:
  virtual ~TrackSink() = default;
  virtual void add(const TrackPiece& piece) = 0;
  virtual void close() = 0;
  virtual std::vector<std::filesystem::path> files() const = 0;
};

/// "<prefix>.<name>.bw" for each channel. Intervals must come in the order of the genome and not
/// overlap; NaN is left out, infinite values are an ArgumentError. `sizes` must outlive it.
/// Errors: ArgumentError for two channels of one name, whose files would be one.
std::unique_ptr<TrackSink> bigwig_sink(const std::filesystem::path& prefix, const std::vector<std::string>& names,
                                       const seq::ChromSizes& sizes);

/// "<prefix>.npz": one member (S, n) per interval, named "chrom" for whole chromosomes and
/// "chrom:start-end" (0-based half-open) otherwise. Holds nothing in memory;
/// `intervals` and `sizes` must outlive it.
std::unique_ptr<TrackSink> npz_sink(const std::filesystem::path& prefix, const std::vector<seq::Interval>& intervals,
                                    const seq::ChromSizes& sizes);

}  // namespace basewise::infer
