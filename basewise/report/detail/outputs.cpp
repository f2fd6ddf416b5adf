#include "basewise/report/detail/outputs.h"

#include "basewise/core/error.h"

namespace basewise::report::detail {
namespace {

std::vector<std::string> metrics_of(const Runs& runs) {
  for (const Run& run : runs) {
    std::vector<std::string> names;
    for (const results::MetricValue& m : first_head(run).pooled.metrics) names.push_back(m.metric);
    if (!names.empty()) return names;
  }
  return {};
}

bool any_interval(const Runs& runs) {
  for (const Run& run : runs)
    for (const results::OutputEvaluation& output : first_head(run).outputs)
      for (const results::MetricValue& m : output.metrics)
        if (m.interval.low == m.interval.low) return true;
  return false;
}

bool higher_is_better(const Runs& runs, const std::string& metric) {
  for (const Run& run : runs)
    if (const auto* found = results::find_metric(first_head(run).pooled.metrics, metric)) return found->higher_is_better;
  return true;
}

Json cell(const results::MetricValue* metric, bool interval) {
  const Json value = metric ? number(metric->value.value) : Json();
  if (!interval || value.is_null()) return value;
  const double low = metric->interval.low, high = metric->interval.high;
  if (low != low || high != high) return nullptr;
  return Json::array({value, low, high});
}

std::vector<TableColumn> columns_of(const std::vector<std::string>& metrics, bool several, bool interval) {
  std::vector<TableColumn> columns;
  if (several) columns.push_back({.name = "run", .title = "Run", .type = ColumnType::text, .run = true});
  columns.push_back({.name = "output", .title = "Output", .type = ColumnType::text});
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    TableColumn column{.name = format("metric_{}", m + 1),
                       .title = metric_title(metrics[m]),
                       .type = interval ? ColumnType::interval : ColumnType::number,
                       .format = ".4f"};
    if (interval) column.help = "The value with its bootstrap interval.";
    columns.push_back(column);
  }
  columns.push_back({.name = "share",
                     .title = "Positives",
                     .type = ColumnType::number,
                     .format = ".3~%",
                     .help = "Share of positive values."});
  columns.push_back({.name = "values", .title = "Values", .type = ColumnType::number, .format = ",d"});
  columns.push_back({.name = "missing",
                     .title = "Missing",
                     .type = ColumnType::number,
                     .format = ",d",
                     .help = "Values that were not measured; no metric sees them."});
  return columns;
}

}  // namespace

Section outputs_section(const Runs& runs) {
  Section section{.id = "outputs", .title = "Outputs"};
  const auto metrics = metrics_of(runs);
  const bool interval = any_interval(runs), several = runs.size() > 1;
  Table table{.id = "outputs_table",
              .title = "All outputs",
              .caption = "Each output by itself. Click a heading to sort.",
              .columns = columns_of(metrics, several, interval)};
  std::size_t most = 0;
  for (const Run& run : runs) {
    const auto& outputs = first_head(run).outputs;
    most = std::max(most, outputs.size());
    for (const results::OutputEvaluation& output : outputs) {
      std::vector<Json> row;
      if (several) row.push_back(run.id);
      row.push_back(output.name);
      for (const std::string& metric : metrics) row.push_back(cell(results::find_metric(output.metrics, metric), interval));
      row.push_back(number(output.counts.prevalence()));
      for (const std::int64_t count : {output.counts.examples, output.counts.missing}) row.push_back(number(static_cast<double>(count)));
      table.rows.push_back(std::move(row));
    }
  }
  if (most < 2) return section;
  table.set_interval_ranges();
  if (!metrics.empty()) table.sort = "metric_1", table.descending = higher_is_better(runs, metrics[0]);
  section.add(table.to_json());
  return section;
}

}  // namespace basewise::report::detail
