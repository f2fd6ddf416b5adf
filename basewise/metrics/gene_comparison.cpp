#include "basewise/metrics/gene_comparison.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/metrics/regression.h"
#include "basewise/metrics/registry.h"

namespace basewise::metrics {
namespace {

TrackOverGenes track_over_genes(const std::vector<float>& predicted, const std::vector<float>& measured) {
  TrackOverGenes found{.pearson = pearson(predicted, measured), .spearman = spearman(predicted, measured)};
  std::vector<float> x, y;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    if (!(measured[i] > 0)) continue;
    x.push_back(predicted[i]);
    y.push_back(measured[i]);
  }
  found.nonzero = std::ssize(x);
  found.pearson_nonzero = pearson(x, y);
  found.spearman_nonzero = spearman(x, y);
  return found;
}

std::vector<VarianceQuarter> quarters_of(const ValueTable& predicted, const ValueTable& measured, const GeneComparison& all) {
  std::vector<VarianceQuarter> quarters;
  const std::size_t n = all.variances.size();
  if (n < 4) return quarters;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all.variances[a] < all.variances[b]; });
  for (std::size_t q = 0; q < 4; ++q) {
    const std::vector<std::size_t> rows(order.begin() + static_cast<std::ptrdiff_t>(q * n / 4),
                                        order.begin() + static_cast<std::ptrdiff_t>((q + 1) * n / 4));
    std::vector<MetricResult> genes;
    for (const std::size_t row : rows) genes.push_back(all.genes[row]);
    quarters.push_back({.lowest = all.variances[rows.front()],
                        .highest = all.variances[rows.back()],
                        .genes = std::ssize(rows),
                        .across_tracks = mean_defined(genes),
                        .specific = mean_defined(column_correlations(predicted.rows_of(rows), measured.rows_of(rows)))});
  }
  return quarters;
}

/// The two rows of one gene that are compared. `rows` are in falling order of variance.
std::optional<AlternativePair> pair_of(const std::vector<std::size_t>& rows, const std::vector<GeneStart>& starts,
                                       const AlternativeOptions& options) {
  for (std::size_t second = 1; second < rows.size(); ++second)
    for (std::size_t first = 0; first < second; ++first)
      if (std::abs(starts[rows[first]].position - starts[rows[second]].position) > options.distance)
        return AlternativePair{rows[first], rows[second], {}};
  return std::nullopt;
}

}  // namespace

GeneComparison compare_genes(const ValueTable& predicted, const ValueTable& measured, QuantileStatistic statistic) {
  ValueTable p = predicted, m = measured;
  quantile_normalise(p, statistic);
  quantile_normalise(m, statistic);
  GeneComparison found{.genes = row_correlations(p, m), .variances = row_variances(m)};
  const std::vector<MetricResult> normalised = column_correlations(p, m);
  subtract_row_means(p);
  subtract_row_means(m);
  const std::vector<MetricResult> specific = column_correlations(p, m);
  for (std::size_t t = 0; t < measured.columns; ++t) {
    found.tracks.push_back(track_over_genes(predicted.column(t), measured.column(t)));
    found.tracks.back().pearson_normalised = normalised[t];
    found.tracks.back().pearson_specific = specific[t];
  }
  found.quarters = quarters_of(p, m, found);
  return found;
}

AlternativeStarts compare_starts(const ValueTable& predicted, const ValueTable& measured, const std::vector<GeneStart>& starts,
                                 const AlternativeOptions& options) {
  if (predicted.rows != starts.size() || measured.rows != starts.size() || predicted.columns != measured.columns)
    throw ArgumentError(format("{} starts of genes, but tables of {} and {} rows: expected a row for each start", starts.size(),
                               predicted.rows, measured.rows));
  const std::vector<double> variances = row_variances(measured);
  std::map<std::size_t, std::vector<std::size_t>> variable;
  for (std::size_t row = 0; row < starts.size(); ++row)
    if (variances[row] > options.variance) variable[starts[row].gene].push_back(row);
  AlternativeStarts found;
  PairMoments all;
  std::vector<MetricResult> each;
  for (auto& [gene, rows] : variable) {
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return variances[a] > variances[b]; });
    std::optional<AlternativePair> pair = pair_of(rows, starts, options);
    if (!pair) continue;
    PairMoments one;
    for (std::size_t t = 0; t < measured.columns; ++t)
      one.add(static_cast<double>(predicted.at(pair->first, t)) - predicted.at(pair->second, t),
              static_cast<double>(measured.at(pair->first, t)) - measured.at(pair->second, t));
    pair->pearson = one.pearson();
    each.push_back(pair->pearson);
    found.pairs.push_back(*pair);
    all.merge(one);
  }
  const DefinedSummary summary = summary_of_defined(each);
  const MetricResult none = MetricResult::undefined("no gene has two starts that vary so much");
  found.mean = each.empty() ? none : summary.mean;
  found.median = each.empty() ? none : summary.median;
  found.pooled = all.pearson();
  return found;
}

}  // namespace basewise::metrics
