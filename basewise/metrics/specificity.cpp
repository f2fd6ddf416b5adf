#include "basewise/metrics/specificity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::metrics {
namespace {

/// Bins that are measured in all of these tracks.
std::vector<std::size_t> measured_bins(const ValueTable& predicted, const ValueTable& measured, const std::vector<std::size_t>& tracks) {
  std::vector<std::size_t> bins;
  for (std::size_t r = 0; r < measured.rows; ++r)
    if (std::none_of(tracks.begin(), tracks.end(),
                     [&](std::size_t t) { return std::isnan(measured.at(r, t)) || std::isnan(predicted.at(r, t)); }))
      bins.push_back(r);
  return bins;
}

void append(ValueTable& table, const ValueTable& from, const std::vector<std::size_t>& bins, const std::vector<std::size_t>& tracks) {
  table.columns = tracks.size();
  table.rows += bins.size();
  for (const std::size_t bin : bins)
    for (const std::size_t track : tracks) table.values.push_back(from.at(bin, track));
}

/// The rows that vary most, in their order.
std::vector<std::size_t> most_variable(const ValueTable& measured, double share) {
  const std::vector<double> variances = row_variances(measured);
  std::vector<std::size_t> rows(measured.rows);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return variances[a] > variances[b]; });
  rows.resize(static_cast<std::size_t>(std::ceil(share * static_cast<double>(rows.size()))));
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

ClassSpecificity specificity(const ValueTable& predicted, const ValueTable& measured, const TrackClass& tracks,
                             const SpecificityOptions& options) {
  if (predicted.rows != measured.rows || predicted.columns != measured.columns)
    throw ArgumentError("predictions and measurements are tables of different shapes");
  ClassSpecificity found;
  const auto members = static_cast<std::int64_t>(tracks.tracks.size() + tracks.others.size());
  if (members < options.least || tracks.tracks.size() < 2) {
    found.tracks.assign(tracks.tracks.size(), MetricResult::undefined(format(
                                                  "class '{}' has {} track{}, fewer than {}", tracks.name, members, members == 1 ? "" : "s",
                                                  std::max<std::int64_t>(options.least, tracks.others.empty() ? 2 : 4))));
    return found;
  }
  ValueTable p, m;
  for (const std::vector<std::size_t>* strand : {&tracks.tracks, &tracks.others}) {
    if (strand->empty()) continue;
    const std::vector<std::size_t> bins = measured_bins(predicted, measured, *strand);
    append(p, predicted, bins, *strand);
    append(m, measured, bins, *strand);
  }
  if (options.most_variable < 1) {
    const std::vector<std::size_t> rows = most_variable(m, options.most_variable);
    p = p.rows_of(rows);
    m = m.rows_of(rows);
  }
  found.bins = static_cast<std::int64_t>(m.rows);
  for (ValueTable* table : {&p, &m}) {
    quantile_normalise(*table, options.statistic);
    subtract_row_means(*table);
  }
  found.tracks = column_correlations(p, m);
  return found;
}

}  // namespace basewise::metrics
