#include "basewise/metrics/value_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/metrics/detail/median.h"
#include "basewise/metrics/regression.h"
#include "basewise/metrics/registry.h"

namespace basewise::metrics {
namespace {

void require_one_shape(const ValueTable& a, const ValueTable& b) {
  if (a.rows != b.rows || a.columns != b.columns)
    throw ArgumentError(format("tables of {} x {} and {} x {} are compared: expected one shape", a.rows, a.columns, b.rows, b.columns));
}

/// Row numbers of a column, by rising value.
std::vector<std::size_t> order_of(const std::vector<float>& column) {
  std::vector<std::size_t> order(column.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return column[a] < column[b]; });
  return order;
}

/// By rank, the statistic of the columns' values of that rank.
std::vector<double> reference_of(const ValueTable& table, QuantileStatistic statistic) {
  const bool mean = statistic == QuantileStatistic::mean;
  std::vector<double> sums(mean ? table.rows : 0);
  std::vector<std::vector<float>> sorted;
  for (std::size_t c = 0; c < table.columns; ++c) {
    std::vector<float> column = table.column(c);
    std::sort(column.begin(), column.end());
    for (std::size_t r = 0; r < sums.size(); ++r) sums[r] += column[r];
    if (!mean) sorted.push_back(std::move(column));
  }
  if (mean) {
    for (double& sum : sums) sum /= static_cast<double>(table.columns);
    return sums;
  }
  std::vector<double> medians, values(table.columns);
  for (std::size_t r = 0; r < table.rows; ++r) {
    for (std::size_t c = 0; c < table.columns; ++c) values[c] = sorted[c][r];
    medians.push_back(detail::median_of(values));
  }
  return medians;
}

}  // namespace

std::vector<float> ValueTable::column(std::size_t i) const {
  std::vector<float> found(rows);
  for (std::size_t r = 0; r < rows; ++r) found[r] = at(r, i);
  return found;
}

ValueTable ValueTable::rows_of(const std::vector<std::size_t>& which) const {
  ValueTable found{.rows = which.size(), .columns = columns};
  for (const std::size_t i : which) {
    const std::span<const float> values_of_row = row(i);
    found.values.insert(found.values.end(), values_of_row.begin(), values_of_row.end());
  }
  return found;
}

void quantile_normalise(ValueTable& table, QuantileStatistic statistic) {
  for (std::size_t i = 0; i < table.values.size(); ++i)
    if (std::isnan(table.values[i]))
      throw ArgumentError(format("value is NaN in row {}, column {}: leave out rows that are not measured", i / table.columns,
                                 i % table.columns));
  if (table.rows == 0 || table.columns == 0) return;
  const std::vector<double> reference = reference_of(table, statistic);
  for (std::size_t c = 0; c < table.columns; ++c) {
    const std::vector<float> column = table.column(c);
    const std::vector<std::size_t> order = order_of(column);
    for (std::size_t i = 0; i < order.size();) {
      std::size_t end = i;
      double sum = 0;
      for (; end < order.size() && column[order[end]] == column[order[i]]; ++end) sum += reference[end];
      const auto value = static_cast<float>(sum / static_cast<double>(end - i));
      for (; i < end; ++i) table.at(order[i], c) = value;
    }
  }
}

void subtract_row_means(ValueTable& table) {
  for (std::size_t r = 0; r < table.rows; ++r) {
    const std::span<const float> row = table.row(r);
    const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(table.columns);
    for (std::size_t c = 0; c < table.columns; ++c) table.at(r, c) = static_cast<float>(table.at(r, c) - mean);
  }
}

std::int64_t log2_plus_one(ValueTable& table) {
  std::int64_t negative = 0;
  for (float& value : table.values) {
    negative += value < 0;
    value = static_cast<float>(std::log2(std::max(static_cast<double>(value), 0.0) + 1));
  }
  return negative;
}

std::vector<double> row_variances(const ValueTable& table) {
  std::vector<double> variances;
  for (std::size_t r = 0; r < table.rows; ++r) {
    const std::span<const float> row = table.row(r);
    const double mean = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(table.columns);
    double sum = 0;
    for (const float value : row) sum += (value - mean) * (value - mean);
    variances.push_back(sum / static_cast<double>(table.columns));
  }
  return variances;
}

std::vector<MetricResult> column_correlations(const ValueTable& a, const ValueTable& b) {
  require_one_shape(a, b);
  std::vector<PairMoments> moments(a.columns);
  for (std::size_t r = 0; r < a.rows; ++r)
    for (std::size_t c = 0; c < a.columns; ++c) moments[c].add(a.at(r, c), b.at(r, c));
  std::vector<MetricResult> found;
  for (const PairMoments& m : moments) found.push_back(m.pearson());
  return found;
}

std::vector<MetricResult> row_correlations(const ValueTable& a, const ValueTable& b) {
  require_one_shape(a, b);
  std::vector<MetricResult> found;
  for (std::size_t r = 0; r < a.rows; ++r) found.push_back(pearson(a.row(r), b.row(r)));
  return found;
}

DefinedSummary summary_of_defined(const std::vector<MetricResult>& values) {
  DefinedSummary summary{.mean = mean_defined(values)};
  std::vector<double> defined;
  for (const MetricResult& value : values)
    if (value.defined()) defined.push_back(value.value);
  summary.defined = std::ssize(defined);
  summary.median = defined.empty() ? MetricResult::undefined(summary.mean.reason) : MetricResult::of(detail::median_of(std::move(defined)));
  return summary;
}

}  // namespace basewise::metrics
