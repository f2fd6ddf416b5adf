#include "basewise/study/table_text.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/run/measure.h"

namespace basewise::study {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }
Json number(const std::optional<double>& value) { return value ? number(*value) : Json(); }
std::string text_of(double value) { return std::isfinite(value) ? format("{:.10g}", value) : kAbsent; }
std::string text_of(const std::optional<double>& value) { return value ? text_of(*value) : kAbsent; }
std::string shown(double value, const char* pattern = "{:.4f}") {
  return std::isfinite(value) ? fmt::format(fmt::runtime(pattern), value) : "-";
}

std::string p_text(double p) { return std::isnan(p) ? "-" : p < 1e-3 ? format("{:.2g}", p) : format("{:.4f}", p); }

/// Columns aligned, two spaces apart.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (widths.size() <= c) widths.push_back(0);
      widths[c] = std::max(widths[c], row[c].size());
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (std::size_t c = 0; c < row.size(); ++c)
      line += format("{:<{}}", row[c], c + 1 < row.size() ? widths[c] + 2 : 0);
    text += line + "\n";
  }
  return text;
}

/// Groups that stand together: one set, one kind of weights.
std::vector<std::pair<std::string, std::string>> facets(const StudyTable& table) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const Group& g : table.groups) {
    const std::pair facet(g.label("split"), g.label("weights"));
    if (std::find(found.begin(), found.end(), facet) == found.end()) found.push_back(facet);
  }
  return found;
}

std::string full_name(const Group& g) { return g.variant.empty() ? g.name : format("{}, {}", g.name, g.variant); }

std::string facet_text(const StudyTable& table, const std::string& metric, const std::string& split,
                       const std::string& weights) {
  std::string bounds;
  std::vector<std::vector<std::string>> rows = {
      {"", "n", "mean", "sd", "median", "min", "max", "interval of the mean", "published", "in its sd"}};
  for (const Group& g : table.groups) {
    if (g.label("split") != split || g.label("weights") != weights) continue;
    const auto found =
        std::find_if(g.metrics.begin(), g.metrics.end(), [&](const GroupMetric& m) { return m.metric == metric; });
    if (found == g.metrics.end()) continue;
    if (bounds.empty())
      for (const auto& [bound, value] : found->bounds) bounds += format("; {} {:.4f}", bound, value);
    const metrics::SampleSummary& s = found->summary;
    const std::string n = s.n == static_cast<std::int64_t>(g.expected.size())
                              ? format("{}", s.n)
                              : format("{} of {}", s.n, g.expected.size());
    const std::string interval =
        std::isfinite(s.interval.low) ? format("{:.4f} to {:.4f}", s.interval.low, s.interval.high) : "-";
    const auto& p = found->published;
    const auto difference = found->difference_in_sd();
    rows.push_back({full_name(g), n, shown(s.mean), shown(s.sd), shown(s.median), shown(s.minimum), shown(s.maximum),
                    interval,
                    p ? (p->sd ? format("{:.4f} +- {:.4f}", p->mean, *p->sd) : format("{:.4f}", p->mean)) : "",
                    difference ? format("{:+.1f}", *difference) : ""});
  }
  if (rows.size() == 1) return {};
  return format("\n{}, {} set, weights: {}{}\n{}", metric, split, weights, bounds, aligned(rows));
}

Json summary_json(const metrics::SampleSummary& s) {
  return {{"n", s.n},
          {"mean", number(s.mean)},
          {"sd", number(s.sd)},
          {"median", number(s.median)},
          {"minimum", number(s.minimum)},
          {"maximum", number(s.maximum)},
          {"low", number(s.interval.low)},
          {"high", number(s.interval.high)}};
}

Json labels_json(const Labels& labels) {
  Json json = Json::object();
  for (const auto& [key, value] : labels) json[key] = value;
  return json;
}

Json values_json(const std::vector<std::pair<std::string, double>>& values) {
  Json json = Json::array();
  for (const auto& [seed, value] : values) json.push_back(Json::array({seed, number(value)}));
  return json;
}

Json group_json(const Group& g) {
  Json json = {{"name", g.name},
               {"title", g.title},
               {"variant", g.variant},
               {"labels", labels_json(g.labels)},
               {"expected", g.expected.size()},
               {"missing", g.missing},
               {"parameters", g.parameters},
               {"epochs", number(g.epochs)},
               {"train_seconds", number(g.train_seconds)}};
  Json& metrics = json["metrics"] = Json::object();
  for (const GroupMetric& m : g.metrics) {
    Json one = summary_json(m.summary);
    one["values"] = values_json(m.values);
    for (const auto& [bound, value] : m.bounds) one["bounds"][bound] = value;
    if (m.published)
      one["published"] = {{"mean", m.published->mean},
                          {"sd", number(m.published->sd)},
                          {"source", m.source},
                          {"difference_in_sd", number(m.difference_in_sd())}};
    metrics[m.metric] = std::move(one);
  }
  return json;
}

std::string how_text(const ComparisonResult& c) {
  switch (c.by) {
    case ComparisonTest::wilcoxon:
      return c.test.exact ? "Wilcoxon, exact" : "Wilcoxon, normal";
    case ComparisonTest::student:
      return format("Student, {} and {}", c.t_test.n_a, c.t_test.n_b);
    case ComparisonTest::welch:
      return format("Welch, {} and {}", c.t_test.n_a, c.t_test.n_b);
  }
  throw InternalError("a comparison by no test");
}

Json comparison_json(const ComparisonResult& c) {
  Json json = {{"name", c.name},   {"metric", c.metric},  {"a", c.a}, {"b", c.b}, {"shared", labels_json(c.shared)},
               {"split", c.split}, {"weights", c.weights}};
  json.update(summary_json(c.summary));
  json["differences"] = values_json(c.differences);
  json["unpaired"] = c.unpaired;
  json["test"] = to_word(c.by);
  if (c.by == ComparisonTest::wilcoxon)
    json["wilcoxon"] = {{"p", number(c.test.p_two_sided)}, {"p_greater", number(c.test.p_greater)},
                        {"rank_sum", c.test.rank_sum},     {"zeros", c.test.zeros},
                        {"exact", c.test.exact},           {"reason", c.test.reason}};
  else
    json["t_test"] = {{"title", c.by == ComparisonTest::student ? "Student's t-test" : "Welch's t-test"},
                      {"p", number(c.t_test.p_two_sided)},   {"t", number(c.t_test.t)},
                      {"degrees", number(c.t_test.degrees)}, {"difference", number(c.t_test.difference)},
                      {"a", c.t_test.n_a},                   {"b", c.t_test.n_b},
                      {"reason", c.t_test.reason}};
  return json;
}

Json correlation_json(const RankCorrelation& c) {
  return {{"value", number(c.value)}, {"low", number(c.interval.low)}, {"high", number(c.interval.high)}};
}

Json relation_json(const RelationResult& r) {
  Json json = {{"name", r.name}, {"x", r.x}, {"y", r.y}, {"across", correlation_json(r.across)}};
  if (!r.within_axes.empty()) json["within"] = correlation_json(r.within);
  json["within_axes"] = r.within_axes;
  json["points"] = Json::array();
  for (const RelationPoint& p : r.points) json["points"].push_back({p.run, p.group, p.x, p.y});
  return json;
}

std::string relations_text(const StudyTable& table) {
  if (table.relations.empty()) return {};
  std::vector<std::vector<std::string>> rows = {{"", "x", "y", "runs", "among", "Spearman", "interval"}};
  for (const RelationResult& r : table.relations) {
    const auto add = [&](const std::string& among, const RankCorrelation& c) {
      const std::string interval = std::isfinite(c.interval.low) ? format("{:+.3f} to {:+.3f}", c.interval.low, c.interval.high) : "-";
      rows.push_back({r.name, r.x, r.y, format("{}", r.points.size()), among, shown(c.value, "{:+.3f}"), interval});
    };
    add("all", r.across);
    if (!r.within_axes.empty()) add(format("within {}", fmt::join(r.within_axes, ", ")), r.within);
  }
  return "\nRank correlations over runs\n" + aligned(rows);
}

}  // namespace

void write_table(const StudyTable& table, const fs::path& file) {
  std::vector<std::string> head;
  for (const Axis& axis : table.axes)
    if (axis.name != table.over) head.push_back(axis.name);
  const std::vector<std::string> labels = [&] {
    auto all = head;
    all.insert(all.end(), {"evaluation", "split", "weights", "method"});
    return all;
  }();
  head = labels;
  head.insert(head.end(), {"metric", "n", "expected", "mean", "sd", "median", "minimum", "maximum", "low", "high",
                           "published_mean", "published_sd", "difference_in_sd"});
  std::string text = format("{}\n", fmt::join(head, "\t"));
  for (const Group& g : table.groups)
    for (const GroupMetric& m : g.metrics) {
      std::vector<std::string> fields;
      for (const std::string& key : labels)
        fields.push_back(g.label(key.c_str()).empty() ? kAbsent : g.label(key.c_str()));
      const metrics::SampleSummary& s = m.summary;
      for (const std::string& field :
           {m.metric, format("{}", s.n), format("{}", g.expected.size()), text_of(s.mean), text_of(s.sd),
            text_of(s.median), text_of(s.minimum), text_of(s.maximum), text_of(s.interval.low),
            text_of(s.interval.high), m.published ? text_of(m.published->mean) : kAbsent,
            m.published ? text_of(m.published->sd) : kAbsent, text_of(m.difference_in_sd())})
        fields.push_back(field);
      text += format("{}\n", fmt::join(fields, "\t"));
    }
  write_file(file, text);
}

Json to_json(const StudyTable& table) {
  Json json = {{"schema", kStudySchema},
               {"name", table.name},
               {"title", table.title},
               {"over", table.over},
               {"confidence", table.confidence}};
  json["axes"] = Json::array();
  for (const Axis& axis : table.axes) {
    Json values = Json::array();
    for (const AxisValue& v : axis.values)
      values.push_back({{"name", v.name}, {"title", v.title.empty() ? v.name : v.title}});
    json["axes"].push_back(
        {{"name", axis.name}, {"title", axis.title.empty() ? axis.name : axis.title}, {"values", values}});
  }
  json["metrics"] = Json::array();
  for (const std::string& metric : table.metrics)
    json["metrics"].push_back({{"name", metric}, {"higher_is_better", run::measured_higher_is_better(metric)}});
  json["rows"] = {{"expected", table.rows_expected},
                  {"present", table.rows_present},
                  {"stale", table.rows_stale},
                  {"unknown", table.rows_unknown}};
  json["notes"] = table.notes;
  json["groups"] = Json::array();
  for (const Group& g : table.groups) json["groups"].push_back(group_json(g));
  json["comparisons"] = Json::array();
  for (const ComparisonResult& c : table.comparisons) json["comparisons"].push_back(comparison_json(c));
  json["relations"] = Json::array();
  for (const RelationResult& r : table.relations) json["relations"].push_back(relation_json(r));
  return json;
}

std::string to_text(const StudyTable& table) {
  std::string text = table.title + "\n";
  for (const std::string& note : table.notes) text += "note: " + note + "\n";
  for (const auto& [split, weights] : facets(table))
    for (const std::string& metric : table.metrics) text += facet_text(table, metric, split, weights);
  if (table.comparisons.empty()) return text + relations_text(table);
  std::vector<std::vector<std::string>> rows = {
      {"", "metric", "pairs", "a - b", "interval", "a above b", "p", ""}};
  for (const ComparisonResult& c : table.comparisons) {
    const auto above =
        std::count_if(c.differences.begin(), c.differences.end(), [](const auto& d) { return d.second > 0; });
    const std::string interval = std::isfinite(c.summary.interval.low)
                                     ? format("{:+.4f} to {:+.4f}", c.summary.interval.low, c.summary.interval.high)
                                     : "-";
    rows.push_back({format("{}: {} - {}{}", c.name, c.a, c.b, c.where.empty() ? "" : format(" ({})", c.where)),
                    c.metric, format("{}", c.summary.n), shown(c.summary.mean, "{:+.4f}"), interval,
                    format("{} of {}", above, c.summary.n), p_text(c.p()), how_text(c)});
  }
  return text + format("\nPaired differences over {}; p two-sided\n", table.over) +
         aligned(rows) + relations_text(table);
}

}  // namespace basewise::study
