#include "basewise/report/detail/results.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/report/detail/profiles.h"
#include "basewise/report/detail/ranking.h"
#include "basewise/report/detail/regression.h"
#include "basewise/report/detail/spec_lite.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kFewOutputs = 40;  // as many rows of intervals can be read
constexpr std::size_t kMetricFigures = 3;

const std::vector<results::MetricValue>& pooled_metrics(const Run& run) { return first_head(run).pooled.metrics; }

std::vector<std::string> metrics_of(const Runs& runs) {
  std::vector<std::string> names;
  for (const Run& run : runs)
    for (const results::MetricValue& m : pooled_metrics(run))
      if (std::find(names.begin(), names.end(), m.metric) == names.end()) names.push_back(m.metric);
  return names;
}

bool has_interval(const results::MetricValue& metric) {
  return metric.interval.low == metric.interval.low && metric.interval.high == metric.interval.high;
}

Json interval_of(const Run& run, const results::HeadEvaluation& head, const results::MetricValue& metric) {
  if (!has_interval(metric)) return {};
  const double level = run.metrics->confidence;
  return {{"low", metric.interval.low},
          {"high", metric.interval.high},
          {"level", level > 0 && level < 1 ? level : 0.95},
          {"method", format("{} bootstrap samples of {}", grouped(metric.interval.replicates), filled(head.blocks, "examples"))}};
}

/// What stands beside a value: the mean over outputs, other references, or why there is no value.
std::string note_of(const Run& run, const results::MetricValue& metric, const std::vector<results::Reference>& references) {
  std::vector<std::string> parts;
  if (!metric.value.reason.empty()) parts.push_back(metric.value.reason);
  if (metric.value.defined() && metric.bins == 0 && !metric.interval.reason.empty())
    parts.push_back("no interval: " + metric.interval.reason);
  if (is_profile(run))
    if (const std::string note = profile_note(run, metric); !note.empty()) parts.push_back(note);
  const std::size_t outputs = first_head(run).outputs.size();
  const auto* mean = results::find_metric(first_head(run).mean, metric.metric);
  if (outputs > 1)
    parts.push_back(mean && mean->value.defined() ? format("{}; mean of {} outputs {:.4f}", pooled_name(run), outputs, mean->value.value)
                                                  : pooled_name(run));
  if (metric.bins > 0) parts.push_back(format("from {} bins of predictions", grouped(metric.bins)));
  for (std::size_t i = 1; i < references.size(); ++i) parts.push_back(format("{} {:.4f}", references[i].label, references[i].value));
  return format("{}", fmt::join(parts, "; "));
}

std::vector<results::Reference> references_of(const Run& run, const std::string& metric) {
  std::vector<results::Reference> found;
  if (!run.metrics) return found;
  for (const results::Reference& r : run.metrics->references)
    if (r.metric == metric && r.value == r.value) found.push_back({r.metric, filled(r.label, "reference"), r.value});
  return found;
}

/// What a second measurement reaches in a head's metric.
std::string ceiling_note(const results::HeadEvaluation& head, const std::string& metric) {
  const auto* found = head.ceiling ? results::find_metric(head.ceiling->values.metrics, metric) : nullptr;
  return found && found->value.defined() ? format("second measurement {:.4f}", found->value.value) : "";
}

Json key_item(const Run& run, const results::HeadEvaluation& head, const results::MetricValue& metric) {
  const bool first = &head == &first_head(run);
  const std::string name = first ? metric.metric : format("{}.{}", head.output, metric.metric);
  Json item = {{"name", metric_title(name)}, {"value", number(metric.value.value)}, {"format", ".4f"}};
  if (const Json interval = interval_of(run, head, metric); !interval.is_null()) item["interval"] = interval;
  const auto references = references_of(run, name);
  if (!references.empty()) item["reference"] = {{"label", references[0].label}, {"value", references[0].value}};
  item["better"] = metric.higher_is_better ? "higher" : "lower";
  const std::string note = first ? note_of(run, metric, references) : ceiling_note(head, metric.metric);
  if (!note.empty()) item["note"] = note;
  return item;
}

Json key_figures(const Run& run) {
  Json block = {{"type", "key_figures"}, {"items", Json::array()}};
  for (const results::HeadEvaluation& head : run.metrics->evaluation.heads)
    for (const results::MetricValue& metric : head.pooled.metrics) block["items"].push_back(key_item(run, head, metric));
  for (const results::ToleranceEvaluation& t : first_head(run).tolerances)
    block["items"].push_back(
        {{"name", format("Average precision within {} bases", t.tolerance)},
         {"value", number(t.average_precision.value)},
         {"format", ".4f"},
         {"better", "higher"},
         {"note", format("{} of {} labels found among {} candidates", grouped(t.matched), grouped(t.labels), grouped(t.candidates))}});
  return block;
}

Table comparison(const Runs& runs) {
  Table table{.id = "comparison",
              .title = "Comparison",
              .caption = "All outputs pooled, with bootstrap intervals where they were computed.",
              .columns = {{.name = "run", .title = "Run", .type = ColumnType::text, .run = true}}};
  const auto metrics = metrics_of(runs);
  bool intervals = true;
  for (const Run& run : runs)
    for (const std::string& name : metrics) {
      const auto* metric = results::find_metric(pooled_metrics(run), name);
      intervals = intervals && (!metric || !metric->value.defined() || has_interval(*metric));
    }
  for (std::size_t m = 0; m < metrics.size(); ++m)
    table.columns.push_back({.name = format("metric_{}", m + 1),
                             .title = metric_title(metrics[m]),
                             .type = intervals ? ColumnType::interval : ColumnType::number,
                             .format = ".4f"});
  table.columns.push_back({.name = "parameters", .title = "Parameters", .type = ColumnType::number, .format = ",d"});
  table.columns.push_back({.name = "epochs", .title = "Epochs", .type = ColumnType::number, .format = ",d"});
  table.columns.push_back({.name = "seconds", .title = "Training", .type = ColumnType::number, .format = ",.1f", .unit = "s"});
  table.columns.push_back({.name = "set", .title = "Measured on", .type = ColumnType::text});
  for (const Run& run : runs) {
    std::vector<Json> row{run.id};
    for (const std::string& name : metrics) {
      const auto* metric = results::find_metric(pooled_metrics(run), name);
      const Json value = metric ? number(metric->value.value) : Json();
      row.push_back(!intervals || value.is_null() ? value
                                                  : Json::array({value, number(metric->interval.low), number(metric->interval.high)}));
    }
    row.push_back(number(number_of(run.manifest, "parameters")));
    row.push_back(run.log.epochs());
    row.push_back(number(number_of(run.manifest, "seconds")));
    row.push_back(!run.metrics ? "not evaluated" : set_name(run.split));
    table.rows.push_back(std::move(row));
  }
  table.set_interval_ranges();
  return table;
}

/// Rows of a figure of intervals: all outputs pooled and each by itself, or each run.
struct IntervalRow {
  const Run* run;
  std::string name;
  const results::MetricValue* metric;
};

std::vector<IntervalRow> interval_rows(const Runs& runs, const std::string& metric) {
  std::vector<IntervalRow> rows;
  const auto add = [&](const Run& run, const std::string& name, const std::vector<results::MetricValue>& metrics) {
    const auto* value = results::find_metric(metrics, metric);
    if (value && value->interval.low == value->interval.low) rows.push_back({&run, name, value});
  };
  for (const Run& run : runs) {
    const bool profile = is_profile(run);
    add(run, runs.size() > 1 ? run.id : profile ? "model" : pooled_name(run), pooled_metrics(run));
    if (runs.size() > 1) continue;
    if (profile) {
      if (first_head(run).ceiling) add(run, "second measurement", first_head(run).ceiling->values.metrics);
      if (first_head(run).floor) add(run, "mean profile", first_head(run).floor->values.metrics);
      continue;
    }
    for (const results::OutputEvaluation& output : first_head(run).outputs) add(run, filled(output.name), output.metrics);
  }
  return rows;
}

/// How predictions were made of both strands; nothing for one strand.
std::string_view strands_sentence(results::Strands strands) {
  switch (strands) {
    case results::Strands::single:
      return "";
    case results::Strands::mean:
      return " Predictions are the mean of both strands.";
    case results::Strands::max:
      return " Predictions are the larger of those for both strands.";
    case results::Strands::probability:
      return " Predictions are the mean probability of both strands.";
  }
  return "";
}

std::vector<Figure> metric_intervals(const Runs& runs) {
  std::vector<Figure> figures;
  for (const std::string& name : metrics_of(runs)) {
    const auto rows = interval_rows(runs, name);
    if (rows.size() < 2 || rows.size() > kFewOutputs || figures.size() == kMetricFigures) continue;
    const std::string title = metric_title(name);
    Figure f;
    f.id = format("intervals_{}", figures.size() + 1);
    f.title = title + (runs.size() > 1 ? " by run" : is_profile(runs[0]) ? " of model, second measurement and mean profile" : " by output");
    f.caption = "Dots are values, lines their bootstrap intervals, dark ticks the values that the recipe states for comparison.";
    f.kind = FigureKind::intervals;
    f.spec = intervals_spec(title, {});
    DataTable values("values", {run_field(),
                                {.name = "name"},
                                {.name = "value", .title = title},
                                {.name = "low", .title = "from"},
                                {.name = "high", .title = "to"}});
    for (const IntervalRow& row : rows)
      values.add({row.run->id, row.name, short_number(row.metric->value.value), short_number(row.metric->interval.low),
                  short_number(row.metric->interval.high)});
    DataTable ticks("references", {{.name = "name"}, {.name = "label"}, {.name = "value", .title = title}});
    for (const Run& run : runs)
      for (const auto& r : references_of(run, name)) ticks.add({runs.size() > 1 ? run.id : rows[0].name, r.label, r.value});
    f.data = {values, ticks};
    figures.push_back(std::move(f));
  }
  if (figures.size() == kMetricFigures)
    for (Figure& f : figures) f.size = FigureSize::third;
  return figures;
}

}  // namespace

Section results_section(const Runs& runs) {
  Section section{.id = "results", .title = "Results"};
  for (const Run& run : runs)
    for (const std::string& what : run.missing) section.add(text_block(what, Tone::note));
  const bool any = std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.metrics.has_value(); });
  if (any && runs.size() == 1) {
    const Run& run = runs[0];
    section.lead =
        format("On the {}{}.", set_name(run.split), run.split == results::Set::test ? ", which no step of training looked at" : "");
    if (run.metrics->strands) section.lead += strands_sentence(*run.metrics->strands);
    if (!run.metrics->set.empty())
      section.lead += format(" Measured with {} in place of what the run was trained with.", some_of(run.metrics->set));
    if (!pooled_metrics(run).empty()) section.add(key_figures(run));
  }
  if (runs.size() > 1) {
    section.lead = "The runs side by side; hide and show them at the top of the page.";
    section.add(comparison(runs).to_json());
  }
  for (const auto& figure : {roc(runs), precision_recall(runs), calibration(runs), prediction_counts(runs)})
    if (figure) section.add(*figure);
  for (const Figure& figure : example_values(runs)) section.add(figure);
  for (const Figure& figure : predicted_observed(runs)) section.add(figure);
  for (const Figure& figure : metric_intervals(runs)) section.add(figure);
  return section;
}

}  // namespace basewise::report::detail
