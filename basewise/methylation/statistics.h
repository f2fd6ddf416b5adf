// Statistics of methylation across cells, at a site or in a window around it (DeepCpG's names and
// definitions).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/methylation/cell_table.h"
#include "basewise/methylation/site_list.h"

namespace basewise::methylation {

/// A statistic of the shares of all cells that were measured.
enum class Statistic { mean, mode, var, cat_var, cat2_var, entropy, diff, cov };
constexpr auto words_of(Statistic) {
  return words<Statistic>({{Statistic::mean, "mean", "mean share"},
                           {Statistic::mode, "mode", "the mean rounded to 0 or 1, a tie to 0"},
                           {Statistic::var, "var", "variance between cells (of the population, 0 to 0.25)"},
                           {Statistic::cat_var, "cat_var", "variance in three classes of equal width: 0 low, 1 medium, 2 high"},
                           {Statistic::cat2_var, "cat2_var", "0 where cat_var is 0, else 1"},
                           {Statistic::entropy, "entropy", "entropy of the mean in nats"},
                           {Statistic::diff, "diff", "1 where two cells differ, else 0"},
                           {Statistic::cov, "cov", "number of cells that were measured"}});
}

/// Whether its values are 0, 1, 2 ...: files of DeepCpG have these as int8, others as float32.
bool is_integer(Statistic statistic);

/// The statistic of shares (cells), each 0 to 1; NaN without any, but 0 for `cov`.
///
/// `diff` compares the smallest with the largest share; the published program compares it with the
/// integer part of the largest, which calls cells of the same fraction different.
double statistic_of(Statistic statistic, std::span<const float> shares);

/// Shares across cells at sites. Refers to the table and the list.
class AcrossCells {
 public:
  AcrossCells(const CellTable& table, const SiteList& sites) : table_(table), sites_(sites) {}

  /// Statistics of the cells that were measured at a site: (N, statistics);
  /// NaN where fewer than `least_cells` were.
  std::vector<float> at_sites(std::span<const std::int64_t> rows, std::span<const Statistic> statistics, std::int64_t least_cells) const;

  /// The same of the mean shares of cells in a window of `width` bases (odd) around a site, over
  /// all sites that were measured there, the site itself among them; a cell counts where it was
  /// measured anywhere in the window. (The published program looks no further than the neighbours
  /// that it keeps, 25 on each side.)
  /// Errors: ArgumentError for an even width or one below 1.
  std::vector<float> in_windows(std::span<const std::int64_t> rows, std::span<const Statistic> statistics, std::int64_t width,
                                std::int64_t least_cells = 1) const;

 private:
  const CellTable& table_;
  const SiteList& sites_;
};

}  // namespace basewise::methylation
