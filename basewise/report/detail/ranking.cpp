#include "basewise/report/detail/ranking.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/report/detail/spec_lite.h"

namespace basewise::report::detail {
namespace {

struct Line {
  const Run* run;
  std::string series;
  const results::OutputFigures* output;  ///< of curves.json
};

using Curve = std::optional<results::CurveFigure> results::OutputFigures::*;

/// The outputs that have something: all of a single run, the first (pooled) of each of several.
template <class Has>
std::vector<Line> lines_of(const Runs& runs, bool first_only, Has has) {
  std::vector<Line> lines;
  for (const Run& run : runs) {
    if (!run.curves) continue;
    const auto& outputs = run.curves->outputs;
    for (const results::OutputFigures& output : outputs) {
      if (has(output)) {
        const bool whole = output.name == results::kPooled || outputs.size() == 1;
        lines.push_back({&run, whole ? pooled_name(run) : filled(output.name), &output});
      }
      if (first_only || runs.size() > 1) break;
    }
  }
  return lines;
}

std::vector<Line> lines_of(const Runs& runs, Curve curve) {
  return lines_of(runs, false, [&](const results::OutputFigures& output) { return (output.*curve).has_value(); });
}

std::vector<Line> calibration_lines(const Runs& runs) {
  return lines_of(runs, true, [](const results::OutputFigures& output) { return !output.calibration.empty(); });
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

DataTable curve_table(const std::vector<Line>& lines, Curve which, const char* x, const char* y) {
  DataTable table("curve", {run_field(), series_field(), {.name = x}, {.name = y}, order_field()});
  for (const Line& line : lines) {
    const auto& curve = (line.output->*which)->curve;
    for (std::size_t i = 0; i < curve.x.size(); ++i) table.add({line.run->id, line.series, number(curve.x[i]), number(curve.y[i]), i});
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
    const std::string& name = line.output->name;
    const results::OutputEvaluation* evaluation = &first_head(*line.run).pooled;
    for (const results::OutputEvaluation& output : first_head(*line.run).outputs)
      if (name != results::kPooled && output.name == name) evaluation = &output;
    const auto* found = results::find_metric(evaluation->metrics, metric);
    if (!found || !found->value.defined()) continue;
    const std::string who = lines.size() > 1 ? (runs_of(lines).size() > 1 ? line.run->id : line.series) : "";
    parts.push_back(format("{} {:.4f}", who, found->value.value));
  }
  return parts.empty() ? "" : format("{}: {}.", metric_title(metric), fmt::join(parts, ", "));
}

Figure curve_figure(const std::vector<Line>& lines, const char* id, CurveSpec spec) {
  Figure f;
  f.id = id;
  f.kind = FigureKind::curve;
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
  const auto lines = lines_of(runs, &results::OutputFigures::roc);
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
  f.data = {curve_table(lines, &results::OutputFigures::roc, "fpr", "tpr"), two_points("fpr", "tpr", {0, 0}, {1, 1})};
  return f;
}

std::optional<Figure> precision_recall(const Runs& runs) {
  const auto lines = lines_of(runs, &results::OutputFigures::precision_recall);
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
  const double share = first_head(*lines[0].run).pooled.counts.prevalence();
  f.data = {curve_table(lines, &results::OutputFigures::precision_recall, "recall", "precision"),
            two_points("recall", "precision", {0, share}, {1, share})};
  return f;
}

std::optional<Figure> calibration(const Runs& runs) {
  const auto lines = calibration_lines(runs);
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
    const auto& bins = line.output->calibration;
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const metrics::CalibrationBin& b = bins[i];
      const metrics::ShareInterval open = results::interval_of(b);
      table.add({line.run->id, line.series, short_number(b.mean_probability), short_number(b.fraction_positive), short_number(open.low),
                 short_number(open.high), short_number(b.weight), i});
    }
  }
  f.data = {table, two_points("predicted", "observed", {0, 0}, {1, 1})};
  return f;
}

std::optional<Figure> prediction_counts(const Runs& runs) {
  const auto lines = calibration_lines(runs);
  if (lines.empty()) return {};
  DataTable table("curve", {run_field(),
                            series_field(),
                            {.name = "predicted", .title = "predicted probability"},
                            {.name = "count", .title = "values"},
                            order_field()});
  for (const Line& line : lines) {
    const auto& bins = line.output->calibration;
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const metrics::CalibrationBin& b = bins[i];
      const double count = b.weight, positives = std::round(count * b.fraction_positive), middle = (b.low + b.high) / 2;
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
  f.kind = FigureKind::curve;
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
