// Which sites lie in a stretch of a genome.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/corpus/sites.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::corpus {

/// Positions by chromosome and strand, for fast look-up of ranges.
class SiteIndex {
 public:
  SiteIndex(const SiteTable& table, const seq::ChromSizes& sizes);

  /// Sites of a strand in [start, end) of chromosome `chrom`, in rising order; 0 <= start,
  /// end <= length. `none` sites count on both strands.
  std::span<const std::int64_t> range(std::size_t chrom, seq::Strand strand, std::int64_t start, std::int64_t end) const;

  /// Number of sites of both strands in an interval; it lies inside its chromosome.
  std::int64_t count(std::size_t chrom, std::int64_t start, std::int64_t end) const;

 private:
  std::vector<std::vector<std::int64_t>> positions_;  // 2 chrom + (strand is reverse)
};

}  // namespace basewise::corpus
