// What a network sees of the cells around a site: the states of the nearest measured sites of every
// cell, and how far away they are (Angermueller et al. 2017, DeepCpG).
#pragma once

#include <cstdint>
#include <span>

#include "basewise/methylation/cell_table.h"
#include "basewise/methylation/site_list.h"

namespace basewise::methylation {

inline constexpr float kNotMeasured = -1;          ///< a label or a state that is missing, in data files of DeepCpG
inline constexpr std::int64_t kFurthest = 25'000;  ///< bases: distances are cut off there before they reach a network
inline constexpr float kMissingState = 0.5F;       ///< of a neighbour that is missing, for a network

/// Looks up labels and neighbours when they are asked for; nothing is kept for a site. It refers to
/// the table and the list, which hold 5 to 8 bytes for a measured site of a cell and 4 for a site.
/// Threads may share one.
///
/// Neighbours of a site in a cell are the `each_side` measured sites to the left and as many to the
/// right, from far left over near left and near right to far right. The site itself is none of
/// them. Where a chromosome has fewer, the furthest places are missing.
class Neighbours {
 public:
  /// Errors: ArgumentError for `each_side` outside 1 to 10,000.
  Neighbours(const CellTable& table, const SiteList& sites, std::int64_t each_side = 25);

  std::int64_t cells() const { return static_cast<std::int64_t>(table_.cells().size()); }
  /// Neighbours of a site in one cell, both sides together.
  std::int64_t width() const { return 2 * each_side_; }

  /// Of the sites with these numbers: states (N, cells, width), 0 to 1, and distances
  /// (N, cells, width) in bases; -1 for what is missing.
  /// Errors: ArgumentError for numbers of no site and another size of the arrays.
  void fill(std::span<const std::int64_t> rows, std::span<float> states, std::span<std::int32_t> distances) const;

  /// The same as networks take it: a missing state is 0.5, distances are min(bases, 25000) / 25000,
  /// and 1 where they are missing.
  void fill_scaled(std::span<const std::int64_t> rows, std::span<float> states, std::span<float> distances) const;

  /// Neighbours of one cell: states and distances (N, width), as `fill`.
  void fill_cell(std::size_t cell, std::span<const std::int64_t> rows, std::span<float> states, std::span<std::int32_t> distances) const;

  /// Methylated shares of the sites themselves (N, cells); -1 for what was not measured.
  void labels(std::span<const std::int64_t> rows, std::span<float> labels) const;

 private:
  void check(std::size_t rows, std::size_t cells, std::size_t states, std::size_t distances) const;

  const CellTable& table_;
  const SiteList& sites_;
  std::int64_t each_side_;
};

}  // namespace basewise::methylation
