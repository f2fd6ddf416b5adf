// Receiver operating characteristic, precision and recall, calibration.
#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/report/detail/sections.h"
#include "basewise/report/detail/spec.h"

namespace basewise::report::detail {
namespace {

struct Line {
  const Run* run;
  std::string series;
  const Json* output;  ///< of curves.json
};

/// The outputs whose entry `what` there is: all of a single run, the first (pooled) of each of several.
std::vector<Line> lines_of(const Runs& runs, const char* what, bool first_only) {
  std::vector<Line> lines;
  for (const Run& run : runs) {
    const Json& outputs = member(run.curves, "outputs");
    for (const Json& output : outputs) {
      if (!member(output, what).is_null()) {
        const std::string name = text_of(output, "name");
        const bool whole = name == "pooled" || outputs.size() == 1;
        lines.push_back({&run, whole ? pooled_name(run.metrics) : filled(name), &output});
      }
      if (first_only || runs.size() > 1) break;
    }
  }
  return lines;
}

std::vector<std::string> series_of(const std::vector<Line>& lines) {
  std::vector<std::string> names;
  for (const Line& line : lines)
    if (std::find(names.begin(), names.end(), line.series) == names.end()) names.push_back(line.series);
  return names;
}

std::vector<std::string> runs_of(const std::vector<Line>& lines) {
  std::vector<std::string> names;
  for (const Line& line : lines)
    if (std::find(names.begin(), names.end(), line.run->id) == names.end()) names.push_back(line.run->id);
  return names;
}

DataTable curve_table(const std::vector<Line>& lines, const char* what, const char* x, const char* y) {
  DataTable table("curve", {run_field(), series_field(), {.name = x}, {.name = y}, order_field()});
  for (const Line& line : lines) {
    const Json& curve = line.output->at(what);
    const Json &xs = curve.at("x"), &ys = curve.at("y");
    for (std::size_t i = 0; i < xs.size(); ++i) table.add({line.run->id, line.series, xs.at(i), ys.at(i), i});
  }
  return table;
}

DataTable two_points(const char* x, const char* y, std::pair<double, double> from, std::pair<double, double> to) {
  DataTable table("reference", {{.name = x}, {.name = y}});
  table.add({number(from.first), number(from.second)});
  table.add({number(to.first), number(to.second)});
  return table;
}

/// "auroc: demo 0.959"
std::string values_text(const std::vector<Line>& lines, const char* metric) {
  std::vector<std::string> parts;
  for (const Line& line : lines) {
    const std::string name = text_of(*line.output, "name");
    const Json* found = &member(line.run->metrics, "pooled");
    for (const Json& output : member(line.run->metrics, "outputs"))
      if (name != "pooled" && text_of(output, "name") == name) found = &output;
    const double value = number_of(member(member(*found, "metrics"), metric), "value");
    if (value == value)
      parts.push_back(format("{} {:.4f}", lines.size() > 1 ? (runs_of(lines).size() > 1 ? line.run->id : line.series) : "", value));
  }
  return parts.empty() ? "" : format("{}: {}.", metric_title(metric), fmt::join(parts, ", "));
}

Figure curve_figure(const std::vector<Line>& lines, const char* id, CurveSpec spec) {
  Figure f;
  f.id = id;
  f.kind = "curve";
  spec.runs = runs_of(lines);
  spec.series = series_of(lines);
  spec.height = 300;
  spec.x.domain = spec.y.domain = {0, 1};
  f.spec = curve_spec(spec);
  return f;
}

constexpr const char* kThinned = " Points were left out where the line drawn does not move by more than 0.0005 on either axis.";

}  // namespace

std::optional<Figure> roc(const Runs& runs) {
  const auto lines = lines_of(runs, "roc", false);
  if (lines.empty()) return {};
  Figure f = curve_figure(lines, "roc",
                          {.x = {.field = "fpr", .title = "false positive rate"},
                           .y = {.field = "tpr", .title = "true positive rate"},
                           .runs = {},
                           .series = {},
                           .reference = true});
  f.title = "Receiver operating characteristic";
  f.caption = std::string("The further above the dashed diagonal (chance), the better positives and negatives are told apart.") + kThinned;
  f.summary = values_text(lines, "auroc");
  f.data = {curve_table(lines, "roc", "fpr", "tpr"), two_points("fpr", "tpr", {0, 0}, {1, 1})};
  return f;
}

std::optional<Figure> precision_recall(const Runs& runs) {
  const auto lines = lines_of(runs, "precision_recall", false);
  if (lines.empty()) return {};
  Figure f = curve_figure(lines, "precision_recall",
                          {.x = {.field = "recall", .title = "recall"},
                           .y = {.field = "precision", .title = "precision"},
                           .runs = {},
                           .series = {},
                           .reference = true});
  f.title = "Precision and recall";
  f.caption = std::string(
                  "Precision is the share of calls that are right, recall the share of positives that are called; a perfect model reaches "
                  "the upper right "
                  "corner, a blind one stays on the dashed line (share of positives).") +
              kThinned;
  f.summary = values_text(lines, "average_precision");
  const double share = number_of(member(lines[0].run->metrics, "pooled"), "prevalence");
  f.data = {curve_table(lines, "precision_recall", "recall", "precision"), two_points("recall", "precision", {0, share}, {1, share})};
  return f;
}

std::optional<Figure> calibration(const Runs& runs) {
  const auto lines = lines_of(runs, "calibration", true);
  if (lines.empty()) return {};
  Figure f = curve_figure(lines, "calibration",
                          {.x = {.field = "predicted", .title = "predicted probability", .format = ".3f"},
                           .y = {.field = "observed", .title = "share of positives", .format = ".3f"},
                           .runs = {},
                           .series = {},
                           .points = true,
                           .reference = true,
                           .intervals = true});
  f.title = "Calibration";
  f.caption =
      "On the dashed line, what is called 70 % likely happens in 70 % of cases; below it the model is too sure. Bins of equal width; "
      "vertical lines are "
      "95 % intervals (Wilson) as if values were independent.";
  DataTable table("curve", {run_field(),
                            series_field(),
                            {.name = "predicted", .title = "mean predicted probability"},
                            {.name = "observed", .title = "share of positives"},
                            {.name = "low", .title = "from"},
                            {.name = "high", .title = "to"},
                            {.name = "count", .title = "values"},
                            order_field()});
  for (const Line& line : lines) {
    const Json& bins = line.output->at("calibration");
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const Json& b = bins.at(i);
      table.add({line.run->id, line.series, short_number(number_of(b, "predicted")), short_number(number_of(b, "observed")),
                 short_number(number_of(b, "observed_low")), short_number(number_of(b, "observed_high")),
                 short_number(number_of(b, "count")), i});
    }
  }
  f.data = {table, two_points("predicted", "observed", {0, 0}, {1, 1})};
  return f;
}

std::optional<Figure> prediction_counts(const Runs& runs) {
  const auto lines = lines_of(runs, "calibration", true);
  if (lines.empty()) return {};
  DataTable table("curve", {run_field(),
                            series_field(),
                            {.name = "predicted", .title = "predicted probability"},
                            {.name = "count", .title = "values"},
                            order_field()});
  for (const Line& line : lines) {
    const Json& bins = line.output->at("calibration");
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const Json& b = bins.at(i);
      const double count = number_of(b, "count"), positives = std::round(count * number_of(b, "observed")),
                   middle = (number_of(b, "low") + number_of(b, "high")) / 2;
      // A logarithmic axis has no place for none.
      if (positives > 0) table.add({line.run->id, "positives", short_number(middle), short_number(positives), i});
      if (count > positives) table.add({line.run->id, "negatives", short_number(middle), short_number(count - positives), i});
    }
  }
  Figure f;
  f.id = "prediction_counts";
  f.title = "Predicted probabilities";
  f.caption =
      "How many positives and negatives are given which probability, in bins of equal width; the further apart the lines lean to their own "
      "sides, the surer and "
      "the better the model. The axis of counts is logarithmic; empty bins have no point.";
  f.kind = "curve";
  f.spec = curve_spec({.x = {.field = "predicted", .title = "predicted probability", .format = ".3f", .domain = {0, 1}},
                       .y = {.field = "count", .title = "values", .format = ",d", .domain = {}, .log = true},
                       .runs = runs_of(lines),
                       .series = {"positives", "negatives"},
                       .height = 300,
                       .points = true});
  f.data = {table};
  return f;
}

}  // namespace basewise::report::detail
