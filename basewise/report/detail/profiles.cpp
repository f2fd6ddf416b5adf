#include "basewise/report/detail/profiles.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/report/detail/spec_lite.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostMetrics = 4;

using Counts = std::vector<std::int64_t>;
struct Part {
  Counts results::ExampleHistogram::* counts;
  const char* name;
};
constexpr Part kParts[] = {{&results::ExampleHistogram::counts, "model"},
                           {&results::ExampleHistogram::ceiling, "second measurement"},
                           {&results::ExampleHistogram::floor, "mean profile"}};

const std::vector<results::ExampleHistogram>& histograms_of(const Run& run) {
  static const std::vector<results::ExampleHistogram> none;
  return run.curves ? run.curves->examples : none;
}

const results::ExampleHistogram& histogram_of(const Run& run, const std::string& metric) {
  for (const auto& h : histograms_of(run))
    if (h.metric == metric) return h;
  static const results::ExampleHistogram none;
  return none;
}

std::vector<std::string> metrics_of(const Runs& runs) {
  std::vector<std::string> names;
  for (const Run& run : runs)
    for (const auto& h : histograms_of(run))
      if (std::find(names.begin(), names.end(), h.metric) == names.end()) names.push_back(h.metric);
  if (names.size() > kMostMetrics) names.resize(kMostMetrics);
  return names;
}

/// A line through the middles of the bins: which share of the examples lies in each.
void add_line(DataTable& table, const Run& run, const results::ExampleHistogram& histogram, const Part& part) {
  const Counts& counts = histogram.*part.counts;
  const double low = histogram.low, high = histogram.high;
  if (counts.empty() || !(high > low)) return;
  double sum = 0;
  for (const std::int64_t n : counts) sum += static_cast<double>(n);
  if (sum == 0) return;
  const double width = (high - low) / static_cast<double>(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i)
    table.add({run.id, part.name, short_number(low + (static_cast<double>(i) + 0.5) * width),
               short_number(static_cast<double>(counts[i]) / sum), i});
}

std::vector<std::string> series_of(const Runs& runs, const std::string& metric) {
  std::vector<std::string> names;
  for (const Part& part : kParts)
    if (std::any_of(runs.begin(), runs.end(), [&](const Run& run) { return !(histogram_of(run, metric).*part.counts).empty(); }))
      names.emplace_back(part.name);
  return names;
}

}  // namespace

bool is_profile(const Run& run) { return first_head(run).profile; }

std::vector<Figure> example_values(const Runs& runs) {
  std::vector<Figure> figures;
  for (const std::string& metric : metrics_of(runs)) {
    const std::string title = metric_title(metric);
    DataTable table("curve", {run_field(),
                              series_field(),
                              {.name = "value", .title = title},
                              {.name = "share", .title = "share of examples", .format = ".2%"},
                              order_field()});
    Runs shown;
    for (const Run& run : runs) {
      const std::size_t before = table.rows();
      for (const Part& part : kParts) add_line(table, run, histogram_of(run, metric), part);
      if (table.rows() > before) shown.push_back(run);
    }
    if (shown.empty()) continue;
    Figure f;
    f.id = format("examples_{}", figures.size() + 1);
    f.title = title + " of single examples";
    f.caption =
        "How the values of the examples spread, in bins of equal width. The second measurement in place of the prediction shows what noise "
        "lets one "
        "reach, the mean profile of the training set what the place in the window alone tells.";
    f.kind = FigureKind::curve;
    f.spec = curve_spec({.x = {.field = "value", .title = title},
                         .y = {.field = "share", .title = "share of examples", .format = ".2%"},
                         .runs = ids_of(shown),
                         .series = series_of(shown, metric),
                         .height = 240});
    f.data = {table};
    figures.push_back(std::move(f));
  }
  return figures;
}

std::string profile_note(const Run& run, const results::MetricValue& metric) {
  std::vector<std::string> parts;
  const auto add = [&](const char* what, double value) {
    if (value == value) parts.push_back(format("{} {:.4f}", what, value));
  };
  if (metric.examples) add("median", metric.examples->median.value);
  const results::HeadEvaluation& head = first_head(run);
  for (const auto& [name, other] : {std::pair("second measurement", &head.ceiling), {"mean profile", &head.floor}})
    if (const auto* found = *other ? results::find_metric((*other)->values.metrics, metric.metric) : nullptr) add(name, found->value.value);
  if (metric.examples && metric.examples->undefined > 0)
    parts.push_back(format("undefined in {} of {} examples", grouped(metric.examples->undefined), grouped(metric.examples->examples)));
  return format("{}", fmt::join(parts, "; "));
}

}  // namespace basewise::report::detail
