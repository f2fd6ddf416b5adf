// Genes from bins: what is predicted and measured where a gene begins, or along it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "basewise/corpus/genes.h"
#include "basewise/evaluate/binned_pass.h"
#include "basewise/metrics/regression.h"
#include "basewise/metrics/value_table.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::evaluate {

/// What the bins of a gene become.
enum class GeneStatistic { sum, mean, total };
constexpr auto words_of(GeneStatistic) {
  return words<GeneStatistic>({{GeneStatistic::sum, "sum", "of its bins"},
                               {GeneStatistic::mean, "mean", "of its bins"},
                               {GeneStatistic::total, "total", "mean per base times the bases of the gene"}});
}

/// Values of some genes.
struct GeneTables {
  std::vector<std::size_t> genes = {};                 ///< numbers of those that are complete, rising
  metrics::ValueTable predicted = {}, measured = {};  ///< (genes, tracks)
  /// (genes, tracks): correlation over the bins of the gene, where asked for.
  std::vector<std::vector<metrics::MetricResult>> within = {};
  std::int64_t outside = 0;     ///< genes none of whose bins are in the set
  std::int64_t partial = 0;     ///< genes with bins that the set lacks
  std::int64_t unmeasured = 0;  ///< genes with bins that some track does not measure
};

/// Sums over the bins of genes, example by example. A bin belongs to a gene when it has a base of
/// its pieces; it counts once for a gene, and once for a genome (`BinnedExample::fresh`).
class GeneValues {
 public:
  /// `genes` stays alive; their sequences are those of `sizes`.
  /// `within`: bins of a gene are correlated, too.
  GeneValues(const std::vector<corpus::Gene>& genes, const seq::ChromSizes& sizes, bool within = false);

  void add(const BinnedExample& example);

  /// What another part of the set holds. Errors: ArgumentError for other genes or tracks.
  void merge(const GeneValues& other);

  /// Genes all of whose bases lie in bins of the set and are measured in all tracks.
  /// `pairs`: tracks (forward, reverse) that become one, in the place of the first: of genes of the
  /// reverse strand the value of the second, of genes without a strand the sum of both.
  GeneTables finish(GeneStatistic statistic, const std::vector<std::pair<std::size_t, std::size_t>>& pairs = {}) const;

 private:
  struct Piece {
    std::int64_t start, end;
    std::size_t gene;
  };
  void add_gene(const BinnedExample& example, std::size_t gene);
  double value(std::size_t gene, std::size_t track, GeneStatistic statistic, const std::vector<double>& sums) const;

  const std::vector<corpus::Gene>* genes_;
  bool within_;
  std::unordered_map<std::string, std::vector<Piece>> pieces_ = {};  // by start
  std::unordered_map<std::string, std::int64_t> longest_ = {};
  std::size_t tracks_ = 0;
  std::int64_t bin_ = 1;
  std::vector<double> predicted_ = {}, measured_ = {};         // (genes, tracks)
  std::vector<std::int64_t> bins_ = {}, covered_ = {};         // (genes): bins, and bases of its pieces in them
  std::vector<std::uint8_t> unmeasured_ = {};                  // (genes)
  std::vector<metrics::PairMoments> moments_ = {};             // (genes, tracks), with `within_`
};

}  // namespace basewise::evaluate
