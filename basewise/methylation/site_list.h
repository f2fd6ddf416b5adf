// The sites that examples are made of, by chromosome and position.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/methylation/cell_table.h"

namespace basewise::methylation {

/// Where a site lies: the number of its chromosome in the table of cells, and the C of the CpG.
struct Site {
  std::size_t chrom = 0;
  std::int64_t position = 0;  ///< 0-based
  bool operator==(const Site&) const = default;
};

/// Sites by number: chromosome after chromosome, by rising position. 4 bytes for each.
class SiteList {
 public:
  /// positions by chromosome of the table, rising
  explicit SiteList(std::vector<std::vector<std::uint32_t>> positions);

  std::int64_t size() const { return offsets_.back(); }
  Site operator[](std::int64_t row) const;

  std::size_t chromosomes() const { return positions_.size(); }
  std::span<const std::uint32_t> positions(std::size_t chrom) const { return positions_[chrom]; }
  /// The number of the first site of a chromosome.
  std::int64_t first(std::size_t chrom) const { return offsets_[chrom]; }

 private:
  std::vector<std::vector<std::uint32_t>> positions_;
  std::vector<std::int64_t> offsets_ = {0};
};

/// Which sites of a table are taken.
struct SiteOptions {
  std::int64_t least_cells = 1;            ///< in which a site was measured
  std::int64_t sample = 0;                 ///< most sites in all, at random; 0: all
  std::int64_t sample_per_chromosome = 0;  ///< the same of each chromosome, before `sample`
  std::uint64_t seed = 0;
};

/// The union of the measured sites of all cells.
SiteList measured_sites(const CellTable& table, const SiteOptions& options = {});

}  // namespace basewise::methylation
