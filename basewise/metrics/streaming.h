// Metrics of more pairs of predictions and targets than memory holds: parts that are added and
// merged, in memory that does not grow with the number of pairs.
//
// What follows from sums (correlation, errors, losses that are means) is exact to rounding. What
// needs an order (areas under curves, ranks, calibration) is computed from counts in fine bins: all
// pairs of a bin are taken to have the means of their bin.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "basewise/metrics/registry.h"
#include "basewise/metrics/regression.h"

namespace basewise::metrics {

/// Sums over some pairs.
struct PairSums {
  double pairs = 0;
  double positives = 0;             ///< targets above one half
  PairMoments moments = {};         ///< where a metric needs them
  PairMoments log_moments = {};     ///< of log2(x + 1), where a metric needs them
  double without_log = 0;           ///< parts with a value of -1 or less, which are not in `log_moments`
  std::vector<double> means = {};   ///< for each metric that is a mean over pairs, the sum of its values

  void merge(const PairSums& other);
  PairSums times(double factor) const;  ///< as if each pair had been there `factor` times
};

/// Counts of pairs in bins of predictions and of targets. The bins lie where the pairs do that they
/// are fitted to; later pairs beyond the ends belong to the outermost bins.
class PairBins {
 public:
  PairBins() = default;

  /// Near the same number of pairs in each bin of either axis, equal values together; at most
  /// `cells` bins of both. `labels`: targets are 0 or 1 and have one bin each.
  /// Errors: ArgumentError for NaN.
  static PairBins fit(std::span<const float> predictions, std::span<const float> targets, std::int64_t cells, bool labels);

  /// Bins fitted to what `parts` hold, with all of it inside.
  static PairBins join(const std::vector<const PairBins*>& parts, std::int64_t cells, bool labels);

  void add(std::span<const float> predictions, std::span<const float> targets);

  /// Pairs of bins of another kind are added as if they were the means of their bins.
  void merge(const PairBins& other);

  /// The means of every bin that holds something, and how many pairs that is.
  struct Cells {
    std::vector<float> predictions, targets, counts;
  };
  Cells cells() const;

  std::int64_t prediction_bins() const { return static_cast<std::int64_t>(prediction_sums_.size()); }
  std::int64_t target_bins() const { return static_cast<std::int64_t>(target_sums_.size()); }
  std::int64_t bytes() const;

 private:
  PairBins(std::vector<float> prediction_edges, std::vector<float> target_edges);
  void add(float prediction, float target, double count);
  std::vector<double> counts_of(bool predictions) const;
  std::vector<float> prediction_edges_, target_edges_;  // lowest values of all bins but the first
  std::vector<double> counts_;                          // (prediction bins, target bins)
  std::vector<double> prediction_sums_, target_sums_;   // of the values in each bin
};

/// Sums of blocks that a bootstrap draws; where there are too many, neighbouring blocks are joined
/// in pairs until they are few enough, so that the result depends neither on the order in which
/// they come nor on how they were divided before a merge.
class BlockSums {
 public:
  static constexpr std::size_t kMost = 4096;

  void add(std::int64_t block, const PairSums& sums);
  void merge(const BlockSums& other);

  const std::map<std::int64_t, PairSums>& blocks() const { return blocks_; }
  std::int64_t joined() const { return std::int64_t{1} << level_; }  ///< how many blocks one entry stands for
  std::int64_t bytes() const;

 private:
  void coarsen();
  int level_ = 0;
  std::map<std::int64_t, PairSums> blocks_;
};

/// Some metrics on one scale, computed from parts.
class StreamedMetrics {
 public:
  /// Errors: ArgumentError as `find_metric`, and for metrics of profiles.
  StreamedMetrics(std::vector<std::string> names, ScoreScale scale);

  const std::vector<std::string>& names() const { return names_; }
  bool needs_bins() const;  ///< some metric is computed from bins
  bool labels() const;      ///< some metric wants targets that are 0 or 1

  /// Errors: ArgumentError for NaN, for values that a metric refuses, and for targets that are no
  /// labels where there must be.
  PairSums sums(std::span<const float> predictions, std::span<const float> targets) const;

  struct Value {
    MetricResult value;
    std::int64_t bins = 0;  ///< of predictions, that it was computed from; 0: exact
  };
  std::vector<Value> values(const PairSums& sums, const PairBins& bins) const;

  /// An interval for each metric; those that are computed from bins have none, and say so.
  std::vector<BootstrapResult> intervals(const BlockSums& blocks, const BootstrapOptions& options) const;

 private:
  MetricResult from_sums(std::size_t metric, const PairSums& sums) const;
  std::vector<std::string> names_;
  std::vector<MetricParts> parts_;
  std::vector<std::size_t> mean_;  // place of a metric among PairSums::means
  ScoreScale scale_;
  bool moments_ = false;
  std::vector<bool> of_logs_;  // a metric of MetricParts::moments follows from those of log2(x + 1)
  bool logs_ = false;          // some metric does
  bool labels_ = false;
};

}  // namespace basewise::metrics
