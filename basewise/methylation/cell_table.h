// What was measured in each cell, packed: the table from which labels, neighbours and statistics
// are looked up.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/methylation/calls.h"

namespace basewise::methylation {

/// The measured sites of one cell on one chromosome: 5 bytes for each where all of its shares are 0
/// or 1, as in single cells, else 8.
class ObservedSites {
 public:
  ObservedSites() = default;
  explicit ObservedSites(ChromCalls calls);

  std::size_t size() const { return positions_.size(); }
  std::span<const std::uint32_t> positions() const { return positions_; }  ///< 0-based, rising

  /// Methylated share of site number i, 0 to 1.
  float share(std::size_t i) const { return shares_.empty() ? static_cast<float>(states_[i]) : shares_[i]; }

  /// Number of sites before `position`, which is also the place of a site there.
  std::size_t before(std::int64_t position) const;

  /// The share at a position, NaN where it was not measured.
  float share_at(std::int64_t position) const;

  /// Shares of all sites, as they are held: calls f(span<const std::uint8_t>) or f(span<const
  /// float>).
  template <class F>
  decltype(auto) visit(F&& f) const {
    if (shares_.empty()) return f(std::span<const std::uint8_t>(states_));
    return f(std::span<const float>(shares_));
  }

  bool is_binary() const { return shares_.empty(); }
  std::int64_t bytes() const;

 private:
  std::vector<std::uint32_t> positions_ = {};
  std::vector<std::uint8_t> states_ = {};  // 0 or 1; or
  std::vector<float> shares_ = {};
};

/// Cells by number, in the order of their files, and chromosomes by number.
class CellTable {
 public:
  /// Takes the calls apart as it packs them.
  explicit CellTable(CallTable calls);

  const std::vector<std::string>& cells() const { return cells_; }
  const std::vector<std::string>& chromosomes() const { return chromosomes_; }
  const ObservedSites& at(std::size_t cell, std::size_t chrom) const { return sites_[cell * chromosomes_.size() + chrom]; }

  std::int64_t sites(std::size_t cell) const;
  /// Mean share of the sites of a cell; NaN without any.
  double mean(std::size_t cell) const;
  /// Whether all shares of a cell are 0 or 1.
  bool is_binary(std::size_t cell) const;
  /// Reads of all sites of a cell; 0 where its file does not say.
  std::int64_t reads(std::size_t cell) const { return reads_[cell]; }

  /// Memory that the table holds.
  std::int64_t bytes() const;

 private:
  std::vector<std::string> cells_, chromosomes_;
  std::vector<ObservedSites> sites_ = {};  // cells x chromosomes
  std::vector<std::int64_t> reads_ = {};
};

}  // namespace basewise::methylation
