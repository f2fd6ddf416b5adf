// Whether predictions tell tracks of one kind apart:
// what is left of a track without what all of its class share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/metrics/result.h"
#include "basewise/metrics/value_table.h"

namespace basewise::metrics {

/// Tracks of one class.
struct TrackClass {
  std::string name = {};
  std::vector<std::size_t> tracks = {};  ///< columns
  /// Of stranded pairs the other strand, one for each of `tracks`, whose bins are further rows of
  /// the same column; empty: tracks without strands.
  std::vector<std::size_t> others = {};
};

struct SpecificityOptions {
  std::int64_t least = 100;    ///< tracks of a class; smaller ones are not defined
  double most_variable = 1;    ///< share of the bins that are used, those that vary most across the class as measured
  QuantileStatistic statistic = QuantileStatistic::mean;
};

struct ClassSpecificity {
  std::int64_t bins = 0;                 ///< rows that were used: measured in all tracks of the class
  std::vector<MetricResult> tracks = {};  ///< Pearson correlation, one for each of TrackClass::tracks
};

/// Pearson correlation of each track of a class with its prediction over bins, after quantile
/// normalisation across the class (of predictions and of measurements by themselves) and without
/// the mean of each bin (`test_specificity` of Basenji). Tables are (bins, tracks); a bin with NaN
/// in a track of the class is left out.
/// Errors: ArgumentError for tables of different shapes.
ClassSpecificity specificity(const ValueTable& predicted, const ValueTable& measured, const TrackClass& tracks,
                             const SpecificityOptions& options = {});

}  // namespace basewise::metrics
