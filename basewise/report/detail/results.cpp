// The headline: key figures of one run, or a comparison of several; then the figures of evaluation.
#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/report/detail/sections.h"
#include "basewise/report/detail/spec.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kFewOutputs = 40;  // as many rows of intervals can be read
constexpr std::size_t kMetricFigures = 3;

const Json& pooled_metrics(const Run& run) { return member(member(run.metrics, "pooled"), "metrics"); }

std::vector<std::string> metrics_of(const Runs& runs) {
  std::vector<std::string> names;
  for (const Run& run : runs)
    for (const auto& [name, value] : pooled_metrics(run).items())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

std::string interval_method(const Run& run, const Json& metric) {
  return format("{} bootstrap samples of {}", count_text(number_of(metric, "replicates")),
                text_of(run.metrics, "bootstrap_draws", "examples"));
}

Json interval_of(const Run& run, const Json& metric) {
  const double low = number_of(metric, "low"), high = number_of(metric, "high"), level = number_of(run.metrics, "confidence");
  if (low != low || high != high) return {};
  return {{"low", low}, {"high", high}, {"level", level > 0 && level < 1 ? level : 0.95}, {"method", interval_method(run, metric)}};
}

/// What stands beside a value: the mean over outputs, other references, or why there is no value.
std::string note_of(const Run& run, const std::string& name, const Json& metric, const std::vector<Json>& references) {
  std::vector<std::string> parts;
  if (const std::string reason = text_of(metric, "reason"); !reason.empty()) parts.push_back(reason);
  if (is_profile(run))
    if (const std::string note = profile_note(run, name, metric); !note.empty()) parts.push_back(note);
  const std::size_t outputs = member(run.metrics, "outputs").size();
  const double mean = number_of(member(member(run.metrics, "mean"), name.c_str()), "value");
  if (outputs > 1)
    parts.push_back(mean == mean ? format("{}; mean of {} outputs {:.4f}", pooled_name(run.metrics), outputs, mean)
                                 : pooled_name(run.metrics));
  for (std::size_t i = 1; i < references.size(); ++i)
    parts.push_back(format("{} {:.4f}", text_of(references[i], "label"), number_of(references[i], "value")));
  return format("{}", fmt::join(parts, "; "));
}

std::vector<Json> references_of(const Run& run, const std::string& metric) {
  std::vector<Json> found;
  for (const Json& r : member(run.metrics, "references"))
    if (text_of(r, "metric") == metric && number_of(r, "value") == number_of(r, "value"))
      found.push_back({{"label", filled(text_of(r, "label"), "reference")}, {"value", r.at("value")}});
  return found;
}

/// What a second measurement reaches in a head's metric.
std::string ceiling_note(const Json& head, const std::string& name) {
  const double value = number_of(member(member(member(head, "ceiling"), "metrics"), name.substr(name.find('.') + 1).c_str()), "value");
  return value == value ? format("second measurement {:.4f}", value) : "";
}

/// `head`: where the metric is of another one than the first.
Json key_item(const Run& run, const std::string& name, const Json& metric, const Json& head = {}) {
  Json item = {{"name", metric_title(name)}, {"value", number(number_of(metric, "value"))}, {"format", ".4f"}};
  if (const Json interval = interval_of(run, metric); !interval.is_null()) item["interval"] = interval;
  const auto references = references_of(run, name);
  if (!references.empty()) item["reference"] = references[0];
  const Json& higher = member(metric, "higher_is_better");
  if (higher.is_boolean()) item["better"] = higher.get<bool>() ? "higher" : "lower";
  const std::string note = head.is_null() ? note_of(run, name, metric, references) : ceiling_note(head, name);
  if (!note.empty()) item["note"] = note;
  return item;
}

Json key_figures(const Run& run) {
  Json block = {{"type", "key_figures"}, {"items", Json::array()}};
  for (const auto& [name, metric] : pooled_metrics(run).items()) block["items"].push_back(key_item(run, name, metric));
  for (const Json& head : member(run.metrics, "heads"))
    for (const auto& [name, metric] : member(member(head, "pooled"), "metrics").items())
      block["items"].push_back(key_item(run, format("{}.{}", text_of(head, "output"), name), metric, head));
  for (const Json& t : member(run.metrics, "tolerances")) {
    const auto count = [&](const char* key) { return count_text(number_of(t, key)); };
    block["items"].push_back(
        {{"name", format("Average precision within {} bases", number_of(t, "tolerance"))},
         {"value", number(number_of(member(t, "average_precision"), "value"))},
         {"format", ".4f"},
         {"better", "higher"},
         {"note", format("{} of {} labels found among {} candidates", count("matched"), count("labels"), count("candidates"))}});
  }
  return block;
}

Table comparison(const Runs& runs) {
  Table table{.id = "comparison",
              .title = "Comparison",
              .caption = "All outputs pooled, with bootstrap intervals where they were computed.",
              .columns = {{.name = "run", .title = "Run", .type = "text", .run = true}}};
  const auto metrics = metrics_of(runs);
  bool intervals = true;
  for (const Run& run : runs)
    for (const std::string& name : metrics) {
      const Json& metric = member(pooled_metrics(run), name.c_str());
      intervals = intervals && (number_of(metric, "value") != number_of(metric, "value") || metric.contains("low"));
    }
  for (std::size_t m = 0; m < metrics.size(); ++m)
    table.columns.push_back({.name = format("metric_{}", m + 1),
                             .title = metric_title(metrics[m]),
                             .type = intervals ? "interval" : "number",
                             .format = ".4f"});
  table.columns.push_back({.name = "parameters", .title = "Parameters", .type = "number", .format = ",d"});
  table.columns.push_back({.name = "epochs", .title = "Epochs", .type = "number", .format = ",d"});
  table.columns.push_back({.name = "seconds", .title = "Training", .type = "number", .format = ",.1f", .unit = "s"});
  table.columns.push_back({.name = "set", .title = "Measured on", .type = "text"});
  for (const Run& run : runs) {
    std::vector<Json> row{run.id};
    for (const std::string& name : metrics) {
      const Json& metric = member(pooled_metrics(run), name.c_str());
      const Json value = number(number_of(metric, "value"));
      row.push_back(!intervals || value.is_null()
                        ? value
                        : Json::array({value, number(number_of(metric, "low")), number(number_of(metric, "high"))}));
    }
    row.push_back(number(number_of(run.manifest, "parameters")));
    row.push_back(run.log.epochs());
    row.push_back(number(number_of(run.manifest, "seconds")));
    row.push_back(run.metrics.is_null() ? "not evaluated" : set_name(run.split));
    table.rows.push_back(std::move(row));
  }
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.columns[c].type == "interval") table.columns[c].range = interval_range(table.rows, c);
  return table;
}

/// Rows of a figure of intervals: all outputs pooled and each by itself, or each run.
struct IntervalRow {
  const Run* run;
  std::string name;
  const Json* metric;
};

std::vector<IntervalRow> interval_rows(const Runs& runs, const std::string& metric) {
  std::vector<IntervalRow> rows;
  const auto add = [&](const Run& run, const std::string& name, const Json& metrics) {
    const Json& value = member(metrics, metric.c_str());
    if (number_of(value, "low") == number_of(value, "low")) rows.push_back({&run, name, &value});
  };
  for (const Run& run : runs) {
    const bool profile = is_profile(run);
    add(run, runs.size() > 1 ? run.id : profile ? "model" : pooled_name(run.metrics), pooled_metrics(run));
    if (runs.size() > 1) continue;
    if (profile) {
      add(run, "second measurement", member(member(run.metrics, "ceiling"), "metrics"));
      add(run, "mean profile", member(member(run.metrics, "floor"), "metrics"));
      continue;
    }
    for (const Json& output : member(run.metrics, "outputs")) add(run, filled(text_of(output, "name")), member(output, "metrics"));
  }
  return rows;
}

}  // namespace

std::vector<std::string> ids_of(const Runs& runs) {
  std::vector<std::string> ids;
  for (const Run& run : runs) ids.push_back(run.id);
  return ids;
}

std::string pooled_name(const Json& metrics) {
  const Json& outputs = member(metrics, "outputs");
  if (outputs.size() == 2 && text_of(outputs.at(0), "name") == "forward" && text_of(outputs.at(1), "name") == "reverse")
    return "both strands";
  return outputs.size() == 1 ? filled(text_of(outputs.at(0), "name")) : "all outputs pooled";
}

std::string set_name(const std::string& split) { return split == "train" ? "training set" : split + " set"; }

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
    f.kind = "intervals";
    f.spec = intervals_spec(title, {});
    DataTable values("values", {run_field(),
                                {.name = "name"},
                                {.name = "value", .title = title},
                                {.name = "low", .title = "from"},
                                {.name = "high", .title = "to"}});
    for (const IntervalRow& row : rows)
      values.add({row.run->id, row.name, short_number(number_of(*row.metric, "value")), short_number(number_of(*row.metric, "low")),
                  short_number(number_of(*row.metric, "high"))});
    DataTable ticks("references", {{.name = "name"}, {.name = "label"}, {.name = "value", .title = title}});
    for (const Run& run : runs)
      for (const Json& r : references_of(run, name)) ticks.add({runs.size() > 1 ? run.id : rows[0].name, r.at("label"), r.at("value")});
    f.data = {values, ticks};
    figures.push_back(std::move(f));
  }
  if (figures.size() == kMetricFigures)
    for (Figure& f : figures) f.size = "third";
  return figures;
}

/// How predictions were made of both strands; nothing for one strand.
std::string_view strands_sentence(std::string_view strands) {
  if (strands == "mean" || strands == "average") return " Predictions are the mean of both strands.";
  if (strands == "max") return " Predictions are the larger of those for both strands.";
  if (strands == "probability") return " Predictions are the mean probability of both strands.";
  return "";
}

Section results_section(const Runs& runs) {
  Section section{.id = "results", .title = "Results"};
  for (const Run& run : runs)
    for (const std::string& what : run.missing) section.add(text_block(what, "note"));
  const bool any = std::any_of(runs.begin(), runs.end(), [](const Run& run) { return !run.metrics.is_null(); });
  if (any && runs.size() == 1) {
    const Run& run = runs[0];
    section.lead = format("On the {}{}.", set_name(run.split), run.split == "test" ? ", which no step of training looked at" : "");
    section.lead += strands_sentence(text_of(run.metrics, "strands"));
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
