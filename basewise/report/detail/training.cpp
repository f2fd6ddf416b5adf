#include "basewise/report/detail/training.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/report/detail/spec_lite.h"

namespace basewise::report::detail {
namespace {

constexpr std::string_view kValidation = "validation_";
constexpr const char* kLoss = "loss";

/// Why training stopped before all epochs were done, as the manifest tells it.
enum class EarlyEnd { early_stopped, time_limit };
constexpr auto words_of(EarlyEnd) {
  return words<EarlyEnd>({{EarlyEnd::early_stopped, "early_stopped", "early because the validation no longer improved"},
                          {EarlyEnd::time_limit, "time_limit", "at its time limit"}});
}

/// A column of the log as a line.
struct LogLine {
  std::string series;
  std::string column;
};

/// Runs of one epoch have no curve.
bool has_curve(const Run& run) { return run.log.epochs() > 1; }

std::optional<Figure> log_figure(const Runs& runs, const std::string& id, const std::string& title, const std::string& y_title,
                                 const std::vector<LogLine>& lines) {
  DataTable table("curve", {run_field(), series_field(), {.name = "epoch"}, {.name = "value", .title = y_title}, order_field()});
  std::vector<std::string> shown, series;
  for (const Run& run : runs) {
    if (!has_curve(run)) continue;
    const auto epochs = run.log.column("epoch");
    for (const LogLine& line : lines) {
      const auto values = run.log.column(line.column);
      for (std::size_t i = 0; i < std::min(values.size(), epochs.size()); ++i) {
        if (!std::isfinite(values[i])) continue;
        table.add({run.id, line.series, short_number(epochs[i]), short_number(values[i]), i});
        if (std::find(shown.begin(), shown.end(), run.id) == shown.end()) shown.push_back(run.id);
        if (std::find(series.begin(), series.end(), line.series) == series.end()) series.push_back(line.series);
      }
    }
  }
  if (table.rows() == 0) return {};
  Figure f;
  f.id = id;
  f.title = title;
  f.kind = FigureKind::curve;
  f.spec = curve_spec({.x = {.field = "epoch", .title = "epoch", .format = "d", .domain = {}, .whole = true},
                       .y = {.field = "value", .title = y_title},
                       .runs = shown,
                       .series = series,
                       .points = true});
  f.data = {table};
  return f;
}

/// Names behind "validation_" in the logs, the loss apart.
std::vector<std::string> validation_metrics(const Runs& runs) {
  std::vector<std::string> names;
  for (const Run& run : runs)
    for (const std::string& column : run.log.columns) {
      if (!column.starts_with(kValidation)) continue;
      const std::string name = column.substr(kValidation.size());
      if (name != kLoss && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  return names;
}

std::string lead_of(const Runs& runs) {
  if (runs.size() > 1) return "One line per run; validation is on data that no weight was fitted to.";
  const Run& run = runs[0];
  const std::string reason = text_of(run.manifest, "detail");
  std::string why;
  for (const auto& end : words_of(EarlyEnd{}))
    if (end.word == reason) why = format("; it stopped {}", end.help);
  return format("{} epoch{}{}. Validation is on data that no weight was fitted to.", run.log.epochs(), run.log.epochs() == 1 ? "" : "s",
                why);
}

std::vector<Figure> training_curves(const Runs& runs) {
  std::vector<Figure> figures;
  const auto add = [&](std::optional<Figure> figure, std::string caption) {
    if (!figure) return;
    figure->caption = std::move(caption);
    figures.push_back(std::move(*figure));
  };
  add(log_figure(runs, "loss", "Loss", "loss", {{"training", "train_loss"}, {"validation", "validation_loss"}}),
      "The lower the better; validation that rises while training falls means that the model learns by heart.");
  const auto metrics = validation_metrics(runs);
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    const std::string title = metric_title(metrics[m]);
    add(log_figure(runs, format("validation_{}", m + 1), title + " on the validation set", title,
                   {{"validation", std::string(kValidation) + metrics[m]}}),
        "One point per epoch that was validated.");
  }
  add(log_figure(runs, "learning_rate", "Learning rate", "learning rate", {{"learning rate", "learning_rate"}}),
      "Step size of the optimiser at the end of each epoch.");
  return figures;
}

std::optional<Figure> epoch_times(const Runs& runs) {
  const std::vector<std::string> parts = {"computing", "waiting for data"};
  DataTable table("time",
                  {run_field(), {.name = "epoch"}, {.name = "part"}, {.name = "value", .title = "time", .unit = "s"}, order_field()});
  std::vector<std::string> shown;
  for (const Run& run : runs) {
    if (!has_curve(run)) continue;
    const auto epochs = run.log.column("epoch"), seconds = run.log.column("seconds"), waits = run.log.column("data_wait_seconds");
    if (waits.size() != seconds.size() || epochs.size() != seconds.size()) continue;
    shown.push_back(run.id);
    double before = 0;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      const double whole = std::max(0.0, seconds[i] - before), wait = std::clamp(waits[i], 0.0, whole);
      table.add({run.id, short_number(epochs[i]), parts[0], short_number(whole - wait), 0});
      table.add({run.id, short_number(epochs[i]), parts[1], short_number(wait), 1});
      before = seconds[i];
    }
  }
  if (table.rows() == 0) return {};
  Figure f;
  f.id = "epoch_time";
  f.title = "Time per epoch";
  f.caption = "Each bar is an epoch, validation included; the upper part is time in which the model waited for data.";
  f.kind = FigureKind::bars;
  f.spec = epochs_spec("time (s)", shown, parts);
  f.data = {table};
  return f;
}

}  // namespace

Section training_section(const Runs& runs) {
  Section section{.id = "training", .title = "Training"};
  for (const Figure& figure : training_curves(runs)) section.add(figure);
  if (const auto figure = epoch_times(runs)) section.add(*figure);
  if (!section.blocks.empty()) section.lead = lead_of(runs);
  return section;
}

}  // namespace basewise::report::detail
