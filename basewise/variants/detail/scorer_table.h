// The table of ChromBPNet's variant-scorer (https://github.com/kundajelab/variant-scorer).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/io/vcf.h"
#include "basewise/metrics/variant_scores.h"
#include "basewise/variants/detail/score_layout.h"

namespace basewise::variants::detail {

/// Rows of the table `variant_scores.tsv`: chr, pos (from 1), allele1 (reference), allele2,
/// variant_id, predicted counts of both, logfc, jsd, with a background active_allele_quantile, and
/// the products of these. Of several runs those of `mean.variant_scores.tsv`: the means over the
/// runs of each of the latter.
class ScorerTable {
 public:
  /// Errors: ArgumentError where there is not one track of counts and one of a profile.
  explicit ScorerTable(const ScoreLayout& layout);

  std::vector<std::string> columns() const;

  /// `scores`: of all columns of the layout; empty: none.
  std::vector<std::string> row(const io::VcfRecord& record, const std::string& alt, const std::vector<double>& scores) const;

 private:
  std::size_t only(const std::string& name) const;

  const ScoreLayout& layout_;
  /// Names and values of what a run gives.
  std::vector<std::pair<std::string, double>> of_run(const std::vector<double>& scores, std::size_t first) const;

  std::size_t ref_, alt_, logfc_, jsd_;  ///< fields
  std::optional<std::size_t> active_ = {};
};

/// Scores that the table needs.
std::vector<metrics::VariantScore> scores_of_scorer_table();

}  // namespace basewise::variants::detail
