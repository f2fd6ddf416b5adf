// What was found of genes, as numbers and as tables.
#pragma once

#include <optional>
#include <vector>

#include "basewise/corpus/genes.h"
#include "basewise/evaluate/gene_values.h"
#include "basewise/metrics/gene_comparison.h"
#include "basewise/run/detail/binned_set.h"

namespace basewise::run::detail {

struct GeneReport {
  const std::vector<corpus::Gene>& genes;
  const seq::ChromSizes& sizes;
  TrackFacts tracks = {};                          ///< the columns of the tables
  evaluate::GeneTables raw = {};                   ///< before logarithms
  std::vector<metrics::MetricResult> within = {};  ///< by track, the mean over genes of the correlation over their bins
  metrics::GeneComparison found = {};
  std::optional<metrics::AlternativeStarts> alternatives = {};  ///< none: no gene has two starts, or genes are no starts
  std::vector<metrics::GeneStart> starts = {};                  ///< what the rows of alternatives are
};

MeasureNumbers numbers_of(const GeneReport& report);

/// gene_cors.txt (a row for each track), genes.tsv (a row for each gene), gene_predictions.tsv and
/// gene_measurements.tsv (genes by tracks), variance_quarters.tsv and, where there are any,
/// alternative_starts.tsv.
void write_gene_tables(const MeasureContext& context, const GeneReport& report);

}  // namespace basewise::run::detail
