#include "basewise/study/page_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "basewise/core/nearest.h"
#include "basewise/run/measure.h"
#include "basewise/study/conditions.h"

namespace basewise::study {
namespace {

constexpr const char* kMetric = "metric";
constexpr const char* kTests = "tests";
constexpr const char* kRelations = "relations";
constexpr std::string_view kFirst = "<!-- study ", kFirstEnd = " -->", kLast = "<!-- end of table -->";

std::string rounded(double value, std::int64_t digits) { return std::isfinite(value) ? format("{:.{}f}", value, digits) : "-"; }

/// A vertical bar would begin another cell.
std::string cell_text(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

std::string line_of(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell_text(cell) + " |";
  return line + "\n";
}

std::string head_of(const std::vector<std::string>& cells) {
  std::string line = line_of(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) line += "---|";
  return line + "\n";
}

/// The title of a value of an axis or of an evaluation; else the value.
std::string title_of(const StudyTable& table, const std::string& key, const std::string& value) {
  const auto in = [&](const auto& all) {
    for (const auto& one : all)
      if (one.name == value && !one.title.empty()) return one.title;
    return value;
  };
  if (key == to_word(RowName::evaluation)) return in(table.evaluations);
  for (const Axis& axis : table.axes)
    if (axis.name == key) return in(axis.values);
  return value;
}

using Place = std::vector<std::string>;  ///< one value for each key

struct Entry {
  const Group* group = nullptr;
  const GroupMetric* metric = nullptr;
};

/// Places in the order in which they come.
std::size_t index_of(std::vector<Place>& all, const Place& place) {
  const auto found = std::find(all.begin(), all.end(), place);
  if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
  all.push_back(place);
  return all.size() - 1;
}

class Grid {
 public:
  Grid(const StudyTable& table, const TablePlan& plan) : table_(table), plan_(plan) {
    const std::vector<Condition> conditions = parse_conditions(plan.when);
    for (const std::string& name : plan.metrics)
      for (const Group& g : table.groups) {
        if (!all_hold(conditions, g.labels)) continue;
        for (const GroupMetric& m : g.metrics)
          if (m.metric == name) put({&g, &m});
      }
  }

  std::string markdown() const {
    if (rows_.empty()) return "No run of this table is done yet.\n";
    std::vector<std::string> head(plan_.rows.begin(), plan_.rows.end());
    for (const Place& c : columns_) head.push_back(titles(plan_.columns, c));
    std::string text = head_of(head);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      std::vector<std::string> cells;
      for (std::size_t k = 0; k < plan_.rows.size(); ++k) cells.push_back(title_of(table_, plan_.rows[k], rows_[r][k]));
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const auto found = cells_.find({r, c});
        cells.push_back(found == cells_.end() ? "" : shown(found->second));
      }
      text += line_of(cells);
    }
    return text + "\n" + legend();
  }

 private:
  static std::string label(const Entry& e, const std::string& key) {
    return key == kMetric ? e.metric->metric : e.group->label(key.c_str());
  }

  void put(const Entry& e) {
    Place row, column;
    for (const std::string& key : plan_.rows) row.push_back(label(e, key));
    for (const std::string& key : plan_.columns) column.push_back(label(e, key));
    const std::pair place(index_of(rows_, row), index_of(columns_, column));
    const auto [there, fresh] = cells_.emplace(place, e);
    if (!fresh)
      throw ArgumentError(format("table '{}': {} of '{}' and of '{}' fall into one cell; say more in rows, columns or when",
                                 plan_.name, e.metric->metric, there->second.group->title, e.group->title));
  }

  std::string titles(const std::vector<std::string>& keys, const Place& place) const {
    std::vector<std::string> parts;
    for (std::size_t k = 0; k < keys.size(); ++k) parts.push_back(title_of(table_, keys[k], place[k]));
    return parts.empty() ? plan_.metrics.front() : format("{}", fmt::join(parts, ", "));
  }

  std::string shown(const Entry& e) const {
    const metrics::SampleSummary& s = e.metric->summary;
    const auto number = [&](double value) { return rounded(value, plan_.digits); };
    std::string text;
    if (s.n == 0) text = "-";
    else if (plan_.value == CellValue::mean) text = number(s.mean) + (s.n > 1 ? format(" ± {}", number(s.sd)) : "");
    else text = number(s.median) + (s.n > 1 ? format(" ({} to {})", number(s.minimum), number(s.maximum)) : "");
    const auto expected = static_cast<std::int64_t>(e.group->expected.size());
    if (s.n > 0 && s.n < expected) text += format(", {} of {} runs", s.n, expected);
    if (const auto& p = e.metric->published) text += format(" [{}{}]", number(p->mean), p->sd ? format(" ± {}", number(*p->sd)) : "");
    return text;
  }

  std::string legend() const {
    std::set<std::size_t> runs;
    bool published = false, several = false;
    for (const auto& [place, e] : cells_) {
      runs.insert(e.group->expected.size());
      several = several || e.group->expected.size() > 1;
      published = published || e.metric->published;
    }
    std::string text = plan_.metrics.size() == 1 ? format("`{}`", plan_.metrics.front()) : "Each cell";
    if (several)
      text += format(": {} of {} runs", plan_.value == CellValue::mean ? "mean ± standard deviation" : "median (smallest to largest)",
                     fmt::join(runs, " or "));
    else
      text += ": one run";
    return text + (published ? "; [published].\n" : ".\n");
  }

  const StudyTable& table_;
  const TablePlan& plan_;
  std::vector<Place> rows_, columns_;
  std::map<std::pair<std::size_t, std::size_t>, Entry> cells_;
};

std::string p_text(double p) { return std::isnan(p) ? "-" : p < 1e-3 ? format("{:.2g}", p) : format("{:.3f}", p); }

std::string interval_text(double low, double high) { return std::isfinite(low) ? format("{:+.3f} to {:+.3f}", low, high) : "-"; }

/// All comparisons, a line each.
std::string tests_markdown(const StudyTable& table) {
  if (table.comparisons.empty()) return "The study compares nothing.\n";
  std::string text = head_of({"question", "of", "metric", "n", "difference", "interval", "p", "test"});
  std::size_t waiting = 0;
  for (const ComparisonResult& c : table.comparisons) {
    const bool ranks = c.by == ComparisonTest::wilcoxon;
    if (ranks ? c.summary.n == 0 : c.t_test.n_a == 0 || c.t_test.n_b == 0) {
      ++waiting;
      continue;
    }
    text += line_of({c.name, c.where, format("`{}`", c.metric),
                     ranks ? format("{}", c.summary.n) : format("{}, {}", c.t_test.n_a, c.t_test.n_b),
                     ranks ? rounded(c.summary.mean, 3) : rounded(c.t_test.difference, 3),
                     ranks ? interval_text(c.summary.interval.low, c.summary.interval.high) : "", p_text(c.p()),
                     ranks ? "Wilcoxon" : c.by == ComparisonTest::student ? "Student" : "Welch"});
  }
  text += "\np is two-sided and not corrected for the number of tests.";
  if (waiting > 0) text += format(" {} of {} tests wait for runs.", waiting, table.comparisons.size());
  return text + "\n";
}

/// All relations: a line for all runs, and one within the axes of each.
std::string relations_markdown(const StudyTable& table) {
  if (table.relations.empty()) return "The study relates nothing.\n";
  std::string text = head_of({"question", "x", "y", "runs", "among", "Spearman", "interval"});
  for (const RelationResult& r : table.relations) {
    const auto add = [&](const std::string& among, const RankCorrelation& c) {
      text += line_of({r.name, format("`{}`", r.x), format("`{}`", r.y), format("{}", r.points.size()), among,
                       std::isfinite(c.value) ? format("{:+.2f}", c.value) : "-", interval_text(c.interval.low, c.interval.high)});
    };
    add("all", r.across);
    if (!r.within_axes.empty()) add(format("within {}", fmt::join(r.within_axes, ", ")), r.within);
  }
  return text;
}

std::string text_of(const StudyTable& table, const std::vector<TablePlan>& plans, const std::string& name) {
  if (name == kTests) return tests_markdown(table);
  if (name == kRelations) return relations_markdown(table);
  std::vector<std::string> known = {kTests, kRelations};
  for (const TablePlan& plan : plans) {
    if (plan.name == name) return to_markdown(table, plan);
    known.push_back(plan.name);
  }
  const auto near = nearest(name, known);
  throw ArgumentError(format("study '{}' has no table '{}'{}; there are {}", table.name, name,
                             near ? format(" (did you mean '{}'?)", *near) : "", fmt::join(known, ", ")));
}

/// "NAME: TABLE" of a first line; two empty texts for any other.
std::pair<std::string, std::string> marked(std::string_view line) {
  if (!line.starts_with(kFirst) || !line.ends_with(kFirstEnd)) return {};
  line = line.substr(kFirst.size(), line.size() - kFirst.size() - kFirstEnd.size());
  const auto colon = line.find(": ");
  if (colon == std::string_view::npos) return {};
  return {std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))};
}

}  // namespace

void describe(Visitor& v, TablePlan& o) {
  v("name", o.name, "as a page asks for it", required());
  v("metrics", o.metrics, "what cells hold; several go with \"metric\" in rows or columns", required());
  v("rows", o.rows, "axes whose values stand downwards; evaluation, split, weights, method and metric too", required());
  v("columns", o.columns, "and those that stand across");
  v("when", o.when, "conditions on what goes in, such as evaluation=filters");
  v("value", o.value, "what a cell says of its runs");
  v("digits", o.digits, "behind the point", between(0, 10));
}

std::string to_markdown(const StudyTable& table, const TablePlan& plan) { return Grid(table, plan).markdown(); }

FilledPage fill_page(const std::string& page, const StudyTable& table, const std::vector<TablePlan>& plans) {
  FilledPage result;
  std::istringstream lines(page);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    result.text += line + "\n";
    const auto [study, name] = marked(line);
    if (study != table.name || name.empty()) continue;
    const std::size_t first = number;
    result.text += "\n" + with_context(format("line {}", first), [&] { return text_of(table, plans, name); }) + "\n";
    bool ended = false;
    while (!ended && std::getline(lines, line)) {
      ++number;
      ended = line == kLast;
      if (!ended && !marked(line).first.empty()) break;
    }
    if (!ended) throw ArgumentError(format("line {}: the table '{}' has no last line; put {} where it ends", first, name, kLast));
    result.text += line + "\n";
    ++result.tables;
  }
  if (!page.ends_with('\n') && !result.text.empty()) result.text.pop_back();
  return result;
}

namespace detail {

void check_plans(const StudyOptions& o) {
  std::vector<std::string> known = {kMetric};
  for (const Axis& axis : o.axes)
    if (axis.name != o.over) known.push_back(axis.name);
  for (const RowName name : {RowName::evaluation, RowName::split, RowName::weights, RowName::method}) known.emplace_back(to_word(name));
  std::set<std::string> names = {kTests, kRelations};
  for (const TablePlan& t : o.tables) {
    const std::string where = format("table '{}'", t.name);
    if (!names.insert(t.name).second) throw ArgumentError(where + ": this name is taken; choose another");
    if (t.metrics.empty() || t.rows.empty()) throw ArgumentError(where + ": name at least one metric and one axis in rows");
    for (const std::string& metric : t.metrics) with_context(where, [&] { run::measured_higher_is_better(metric); });
    std::set<std::string> used;
    for (const auto* keys : {&t.rows, &t.columns})
      for (const std::string& key : *keys) {
        if (std::find(known.begin(), known.end(), key) == known.end())
          throw ArgumentError(format("{}: '{}' cannot be a row or a column; there are {}", where, key, fmt::join(known, ", ")));
        if (!used.insert(key).second) throw ArgumentError(format("{}: '{}' stands twice in rows and columns", where, key));
      }
    if (t.metrics.size() > 1 && !used.contains(kMetric))
      throw ArgumentError(format("{}: several metrics need \"metric\" in rows or columns", where));
  }
}

}  // namespace detail
}  // namespace basewise::study
