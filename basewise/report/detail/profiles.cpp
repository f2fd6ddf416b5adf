// Profiles: how the values of single examples spread, for the model, a second measurement and the mean profile in its place.
#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/report/detail/sections.h"
#include "basewise/report/detail/spec.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostMetrics = 4;

struct Part {
  const char* key;
  const char* name;
};
constexpr Part kParts[] = {{"counts", "model"}, {"ceiling", "second measurement"}, {"floor", "mean profile"}};

const Json& histogram_of(const Run& run, const std::string& metric) {
  for (const Json& h : member(run.curves, "examples"))
    if (text_of(h, "metric") == metric) return h;
  static const Json none;
  return none;
}

std::vector<std::string> metrics_of(const Runs& runs) {
  std::vector<std::string> names;
  for (const Run& run : runs)
    for (const Json& h : member(run.curves, "examples"))
      if (const std::string name = text_of(h, "metric"); std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  if (names.size() > kMostMetrics) names.resize(kMostMetrics);
  return names;
}

/// A line through the middles of the bins: which share of the examples lies in each.
void add_line(DataTable& table, const Run& run, const Json& histogram, const Part& part) {
  const Json& counts = member(histogram, part.key);
  const double low = number_of(histogram, "low"), high = number_of(histogram, "high");
  if (!counts.is_array() || counts.empty() || !(high > low)) return;
  double sum = 0;
  for (const Json& n : counts) sum += n.get<double>();
  if (sum == 0) return;
  const double width = (high - low) / static_cast<double>(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i)
    table.add(
        {run.id, part.name, short_number(low + (static_cast<double>(i) + 0.5) * width), short_number(counts.at(i).get<double>() / sum), i});
}

std::vector<std::string> series_of(const Runs& runs, const std::string& metric) {
  std::vector<std::string> names;
  for (const Part& part : kParts)
    if (std::any_of(runs.begin(), runs.end(), [&](const Run& run) { return !member(histogram_of(run, metric), part.key).empty(); }))
      names.emplace_back(part.name);
  return names;
}

}  // namespace

bool is_profile(const Run& run) { return text_of(run.metrics, "kind") == "profile"; }

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
    f.kind = "curve";
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

std::string profile_note(const Run& run, const std::string& name, const Json& metric) {
  std::vector<std::string> parts;
  const auto add = [&](const char* what, double value) {
    if (value == value) parts.push_back(format("{} {:.4f}", what, value));
  };
  add("median", number_of(metric, "median"));
  for (std::size_t i = 1; i < std::size(kParts); ++i)
    add(kParts[i].name, number_of(member(member(member(run.metrics, kParts[i].key), "metrics"), name.c_str()), "value"));
  if (const double n = number_of(metric, "undefined"); n > 0)
    parts.push_back(format("undefined in {} of {} examples", count_text(n), count_text(number_of(metric, "examples"))));
  return format("{}", fmt::join(parts, "; "));
}

}  // namespace basewise::report::detail
