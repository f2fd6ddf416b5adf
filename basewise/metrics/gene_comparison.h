// Genes by tracks, predicted beside measured: over genes for each track, over tracks for each gene.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/metrics/result.h"
#include "basewise/metrics/value_table.h"

namespace basewise::metrics {

/// One track over all genes. Values are logarithms.
struct TrackOverGenes {
  MetricResult pearson = {}, spearman = {};                  ///< over all genes
  MetricResult pearson_nonzero = {}, spearman_nonzero = {};  ///< over genes whose measured value is above 0
  std::int64_t nonzero = 0;                                  ///< how many those are
  MetricResult pearson_normalised = {};  ///< after quantile normalisation across tracks
  MetricResult pearson_specific = {};    ///< and without the mean over tracks of each gene
};

/// A quarter of the genes by the variance of what was measured.
struct VarianceQuarter {
  double lowest = 0, highest = 0;  ///< variance
  std::int64_t genes = 0;
  MetricResult across_tracks = {};  ///< mean over its genes of the correlation across tracks
  MetricResult specific = {};       ///< mean over tracks of the correlation over its genes, without means of genes
};

struct GeneComparison {
  std::vector<TrackOverGenes> tracks = {};
  std::vector<MetricResult> genes = {};     ///< for each gene, correlation across tracks of normalised values
  std::vector<double> variances = {};       ///< for each gene, of the measured normalised values across tracks
  std::vector<VarianceQuarter> quarters = {};  ///< from the least variable; empty for fewer than 4 genes
};

/// Compares log values (genes, tracks). Predictions and measurements are normalised separately.
/// With one track nothing across tracks is defined.
/// Errors: ArgumentError for tables of different shapes and for NaN.
GeneComparison compare_genes(const ValueTable& predicted, const ValueTable& measured,
                             QuantileStatistic statistic = QuantileStatistic::mean);

/// One place where a gene begins.
struct GeneStart {
  std::size_t gene = 0;
  std::int64_t position = 0;
};

struct AlternativeOptions {
  double variance = 1;          ///< of the measured log values across tracks, at least: above it
  std::int64_t distance = 500;  ///< bases between two starts: above it
};

/// Two starts of one gene.
struct AlternativePair {
  std::size_t first = 0, second = 0;  ///< rows, the more variable one first
  MetricResult pearson = {};          ///< across tracks, of predicted and measured log ratios first to second
};

struct AlternativeStarts {
  std::vector<AlternativePair> pairs = {};  ///< at most one for each gene, in the order of genes
  MetricResult mean = {}, median = {};      ///< over pairs
  MetricResult pooled = {};                 ///< over all pairs and tracks
};

/// Whether predictions tell the starts of a gene apart (Kelley et al. 2018). Rows of both tables
/// (of log values) are `starts`. Of each gene the two most variable starts are compared that lie
/// more than `distance` apart and both vary more than `variance`.
/// Errors: ArgumentError for tables and starts that do not fit.
AlternativeStarts compare_starts(const ValueTable& predicted, const ValueTable& measured, const std::vector<GeneStart>& starts,
                                 const AlternativeOptions& options = {});

}  // namespace basewise::metrics
