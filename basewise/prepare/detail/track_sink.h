// Values along a genome into a file of any of the formats.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/bigwig.h"
#include "basewise/prepare/coverage_options.h"

namespace basewise::prepare::detail {

/// A track that is written; the file appears at `close`.
class TrackSink {
 public:
  virtual ~TrackSink() = default;

  /// The next values of chromosome number `chrom`, each of `step` bases, the last one perhaps of
  /// fewer: it ends with the chromosome. Values of a chromosome follow each other without a gap.
  virtual void add(std::size_t chrom, std::int64_t start, std::span<const float> values, std::int64_t step) = 0;

  /// The same where all values of the bases [start, end) are 0.
  virtual void add_zeros(std::size_t chrom, std::int64_t start, std::int64_t end) = 0;
  virtual void close() = 0;

  /// What there is to say of the file; empty: nothing.
  virtual std::string note() const { return {}; }
};

/// Zeros are written: they were measured. In bigWig and bedGraph neighbours of one value are one
/// stretch.
std::unique_ptr<TrackSink> make_sink(const std::filesystem::path& path, CoverageFormat format, const io::TrackChromosomes& chromosomes);

}  // namespace basewise::prepare::detail
