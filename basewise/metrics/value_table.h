// Tables of numbers, say genes by tracks: what is normalised and correlated along either axis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// (rows, columns), row by row.
struct ValueTable {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<float> values = {};

  float& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
  float at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
  std::span<const float> row(std::size_t i) const { return std::span(values).subspan(i * columns, columns); }
  std::vector<float> column(std::size_t i) const;

  /// These rows in this order.
  ValueTable rows_of(const std::vector<std::size_t>& which) const;
};

/// What becomes of the values of one rank.
enum class QuantileStatistic { mean, median };
constexpr auto words_of(QuantileStatistic) {
  return words<QuantileStatistic>(
      {{QuantileStatistic::mean, "mean", "over columns"}, {QuantileStatistic::median, "median", "over columns"}});
}

/// Quantile normalisation (Bolstad et al. 2003): every column gets the same values, those of rank r
/// the statistic over columns of their values of rank r. Ties get the mean of what their ranks
/// would get, so that no order matters.
/// Errors: ArgumentError for NaN.
void quantile_normalise(ValueTable& table, QuantileStatistic statistic = QuantileStatistic::mean);

/// Each row without its mean.
void subtract_row_means(ValueTable& table);

/// log2(x + 1) of every value; negative values count as 0. Returns how many those were.
std::int64_t log2_plus_one(ValueTable& table);

/// Variance (divided by the number of columns) of each row.
std::vector<double> row_variances(const ValueTable& table);

/// Pearson correlation of each column (row) of `a` with that of `b`, tables of one shape.
std::vector<MetricResult> column_correlations(const ValueTable& a, const ValueTable& b);
std::vector<MetricResult> row_correlations(const ValueTable& a, const ValueTable& b);

/// Mean and median over what is defined, and how many values that is.
struct DefinedSummary {
  MetricResult mean = {};
  MetricResult median = {};
  std::int64_t defined = 0;
};
DefinedSummary summary_of_defined(const std::vector<MetricResult>& values);

}  // namespace basewise::metrics
