#include "basewise/report/detail/study_figures.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

#include "basewise/core/format.h"
#include "basewise/report/detail/runs.h"
#include "basewise/report/detail/spec_lite.h"
#include "basewise/report/detail/spec_study.h"

namespace basewise::report::detail {
namespace {

/// What all groups of a facet share.
constexpr const char* kFacetLabels[] = {"split", "weights"};

std::string label(const Json& group, const char* key) { return text_of(member(group, "labels"), key); }

std::string full_name(const Json& group) {
  const std::string variant = text_of(group, "variant");
  return variant.empty() ? name_of(group) : basewise::format("{}, {}", name_of(group), variant);
}

DataTable seeds_table(const std::string& over) {
  return {"seeds", {run_field(), {.name = "name"}, {.name = "seed", .title = over}, {.name = "value"}}};
}
DataTable means_table() {
  return {"means",
          {run_field(),
           {.name = "name"},
           {.name = "n", .format = "d"},
           {.name = "mean"},
           {.name = "low", .title = "from"},
           {.name = "high", .title = "to"}}};
}
DataTable published_table() {
  return {"published", {run_field(), {.name = "name"}, {.name = "published"}, {.name = "sd"}, {.name = "from"}, {.name = "to"}}};
}

void add_values(const Json& values, const std::string& run, const std::string& name, DataTable& seeds) {
  for (const Json& pair : values)
    if (pair.at(1).is_number()) seeds.add({run, name, pair.at(0), short_number(pair.at(1).get<double>())});
}

void add_mean(const Json& summary, const std::string& run, const std::string& name, DataTable& means) {
  if (!member(summary, "mean").is_number()) return;
  const double mean = number_of(summary, "mean"), low = number_of(summary, "low"), high = number_of(summary, "high");
  means.add({run, name, summary.at("n"), short_number(mean), short_number(std::isfinite(low) ? low : mean),
             short_number(std::isfinite(high) ? high : mean)});
}

/// The axis that is a number and varies within a name, if there is exactly one.
const Json* trend_axis(const Json& study) {
  const Json* found = nullptr;
  for (const Json& axis : study.at("axes")) {
    if (text_of(axis, "name") == text_of(study, "over") || axis.at("values").size() < 2) continue;
    const bool numbers = std::all_of(axis.at("values").begin(), axis.at("values").end(), [](const Json& value) {
      const std::string text = text_of(value, "name");
      char* end = nullptr;
      return std::isfinite(std::strtod(text.c_str(), &end)) && !text.empty() && *end == '\0';
    });
    if (!numbers) continue;
    if (found) return nullptr;
    found = &axis;
  }
  return found;
}

}  // namespace

std::string Facet::title() const {
  std::string set = set_name(find_choice<results::Set>(split).value_or(results::Set::test));
  set[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(set[0])));
  return weights == results::kBestWeights ? set : basewise::format("{}, weights by {}", set, weights);
}

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

std::string name_of(const Json& group) { return filled(text_of(group, "name")); }

const Json& metric_of(const Json& group, const std::string& metric) { return member(member(group, "metrics"), metric.c_str()); }

std::string interval_words(const Json& study) {
  return basewise::format("{:g} % bootstrap interval", 100 * number_of(study, "confidence"));
}

std::string shared_text(const Json& comparison, bool within_facet) {
  std::string text;
  for (const auto& [key, value] : member(comparison, "shared").items()) {
    if (within_facet && std::find(std::begin(kFacetLabels), std::end(kFacetLabels), key) != std::end(kFacetLabels)) continue;
    text += basewise::format("{}{} {}", text.empty() ? "" : ", ", key, value.get<std::string>());
  }
  return text;
}

std::vector<Facet> facets_of(const Json& study) {
  std::vector<Facet> facets;
  for (const Json& group : study.at("groups")) {
    const std::string split = label(group, kFacetLabels[0]), weights = label(group, kFacetLabels[1]);
    auto found = std::find_if(facets.begin(), facets.end(), [&](const Facet& f) { return f.split == split && f.weights == weights; });
    if (found == facets.end()) found = facets.insert(facets.end(), Facet{split, weights, {}});
    found->groups.push_back(&group);
  }
  return facets;
}

std::optional<Figure> study_dots(const Json& study, const Facet& facet, const std::string& metric, const std::string& id, bool half) {
  const std::string title = metric_title(metric), over = filled(text_of(study, "over"));
  DataTable seeds = seeds_table(over), means = means_table(), published = published_table();
  DataTable bounds("bounds", {run_field(), {.name = "name"}, {.name = "label"}, {.name = "value"}});
  std::vector<std::string> rows;
  for (const Json* group : facet.groups) {
    const Json& m = metric_of(*group, metric);
    const Json& theirs = member(m, "published");
    if (member(m, "values").empty() && theirs.is_null()) continue;
    const std::string run = name_of(*group), name = full_name(*group);
    add_once(rows, name);
    add_values(m.at("values"), run, name, seeds);
    add_mean(m, run, name, means);
    for (const auto& [label, value] : member(m, "bounds").items())
      if (value.is_number()) bounds.add({run, name, label, short_number(value.get<double>())});
    if (theirs.is_null()) continue;
    const double mean = number_of(theirs, "mean"), sd = number_of(theirs, "sd"), spread = std::isfinite(sd) ? sd : 0;
    published.add({run, name, short_number(mean), short_number(sd), short_number(mean - spread), short_number(mean + spread)});
  }
  if (seeds.rows() == 0) return std::nullopt;
  Figure f;
  f.id = id;
  f.title = basewise::format("{}, {}", title, facet.title());
  f.caption = basewise::format("A dot is one {}; the black line is the {} of the mean{}{}.", over, interval_words(study),
                               published.rows() ? ", the orange bar what was published: mean and standard deviation" : "",
                               bounds.rows() ? ", grey ticks are the ceiling (a second measurement) and the floor (the mean profile)" : "");
  f.kind = FigureKind::intervals;
  f.size = half ? FigureSize::half : FigureSize::full;
  f.spec =
      dots_spec({.value_title = title, .over_title = over, .rows = rows, .published = published.rows() > 0, .bounds = bounds.rows() > 0});
  f.data = {seeds, means};
  if (published.rows() > 0) f.data.push_back(published);
  if (bounds.rows() > 0) f.data.push_back(bounds);
  return f;
}

std::optional<Figure> study_trend(const Json& study, const Facet& facet, const std::string& metric, const std::string& id) {
  const Json* axis = trend_axis(study);
  if (!axis) return std::nullopt;
  const std::string over = filled(text_of(study, "over")), key = text_of(*axis, "name");
  TrendSpec spec{
      .x_title = filled(text_of(*axis, "title")), .value_title = metric_title(metric), .over_title = over, .runs = {}, .ticks = {}};
  for (const Json& value : axis->at("values")) spec.ticks.push_back(std::strtod(text_of(value, "name").c_str(), nullptr));
  std::sort(spec.ticks.begin(), spec.ticks.end());
  spec.log = spec.ticks.front() > 0 && spec.ticks.back() / spec.ticks.front() >= 5;
  DataTable seeds(
      "seeds",
      {run_field(), {.name = "x", .title = spec.x_title}, {.name = "seed", .title = over}, {.name = "value", .title = spec.value_title}});
  DataTable means("means", {run_field(),
                            {.name = "x", .title = spec.x_title},
                            {.name = "n", .format = "d"},
                            {.name = "mean"},
                            {.name = "low", .title = "from"},
                            {.name = "high", .title = "to"}});
  for (const Json* group : facet.groups) {
    const Json& m = metric_of(*group, metric);
    if (!member(m, "mean").is_number()) continue;
    const double x = std::strtod(label(*group, key.c_str()).c_str(), nullptr), mean = number_of(m, "mean"), low = number_of(m, "low"),
                 high = number_of(m, "high");
    add_once(spec.runs, name_of(*group));
    for (const Json& pair : m.at("values"))
      if (pair.at(1).is_number()) seeds.add({name_of(*group), x, pair.at(0), short_number(pair.at(1).get<double>())});
    means.add({name_of(*group), x, m.at("n"), short_number(mean), short_number(std::isfinite(low) ? low : mean),
               short_number(std::isfinite(high) ? high : mean)});
  }
  if (means.rows() == 0) return std::nullopt;
  Figure f;
  f.id = id;
  f.title = basewise::format("{} by {}, {}", spec.value_title, spec.x_title, facet.title());
  f.caption = basewise::format("Lines join means, vertical lines are their {}s, a faint dot is one {}.", interval_words(study), over);
  f.kind = FigureKind::curve;
  f.size = FigureSize::full;
  f.spec = trend_spec(spec);
  f.data = {seeds, means};
  return f;
}

std::optional<Figure> study_differences(const Json& study, const Facet& facet, const std::string& metric, const std::string& id,
                                        bool half) {
  const std::string over = filled(text_of(study, "over")), title = basewise::format("{}: a - b", metric_title(metric));
  DataTable seeds = seeds_table(over), means = means_table(), zero("zero", {{.name = "value"}});
  std::vector<std::string> rows;
  for (const Json& c : study.at("comparisons")) {
    if (text_of(c, "metric") != metric || member(c, "differences").empty()) continue;
    if (text_of(c, "split") != facet.split || text_of(c, "weights") != facet.weights) continue;
    const std::string shared = shared_text(c, true), name = basewise::format("{} - {}{}", text_of(c, "a"), text_of(c, "b"),
                                                                             shared.empty() ? "" : basewise::format(" ({})", shared));
    if (std::find(rows.begin(), rows.end(), name) != rows.end()) continue;
    rows.push_back(name);
    add_values(c.at("differences"), text_of(c, "a"), name, seeds);
    add_mean(c, text_of(c, "a"), name, means);
  }
  if (rows.empty()) return std::nullopt;
  zero.add({0});
  Figure f;
  f.id = id;
  f.title = basewise::format("{}, paired differences, {}", metric_title(metric), facet.title());
  f.caption = basewise::format("A dot is one {}, the black line the {} of the mean; right of the dashed line a is above b.", over,
                               interval_words(study));
  f.kind = FigureKind::intervals;
  f.size = half ? FigureSize::half : FigureSize::full;
  f.spec = dots_spec({.value_title = title, .over_title = over, .rows = rows, .zero = true});
  f.data = {seeds, means, zero};
  return f;
}

std::optional<Figure> study_relation(const Json& study, const Json& relation, const std::string& id) {
  RelationSpec spec{.x_title = metric_title(text_of(relation, "x")), .y_title = metric_title(text_of(relation, "y"))};
  DataTable runs("runs", {{.name = "group"}, {.name = "name"}, {.name = "x"}, {.name = "y"}});
  for (const Json& point : member(relation, "points")) {
    spec.groups = spec.groups || !point.at(1).get<std::string>().empty();
    runs.add({point.at(1), point.at(0), short_number(point.at(2).get<double>()), short_number(point.at(3).get<double>())});
  }
  if (runs.rows() == 0) return std::nullopt;
  const auto told = [&](const Json& correlation) {
    if (!member(correlation, "value").is_number()) return std::string("not defined");
    const double low = number_of(correlation, "low"), high = number_of(correlation, "high");
    return basewise::format("{:.2f}{}", number_of(correlation, "value"),
                            std::isfinite(low) ? basewise::format(" ({:.2f} to {:.2f})", low, high) : "");
  };
  Figure f;
  f.id = id;
  f.title = filled(text_of(relation, "name"));
  f.caption = basewise::format("A dot is one run. Spearman correlation and its {}: {} over all runs", interval_words(study),
                               told(member(relation, "across")));
  if (const Json& within = member(relation, "within"); !within.is_null())
    f.caption += basewise::format(", {} within groups of one colour (mean by size)", told(within));
  f.caption += ".";
  f.kind = FigureKind::scatter;
  f.size = FigureSize::full;
  f.spec = relation_spec(spec);
  f.data = {runs};
  return f;
}

}  // namespace basewise::report::detail
