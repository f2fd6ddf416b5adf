#include "basewise/report/detail/study_document.h"

#include <algorithm>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "basewise/core/clock.h"
#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/core/version.h"
#include "basewise/report/detail/study_figures.h"
#include "basewise/report/document.h"

namespace basewise::report::detail {
namespace {

constexpr const char* kSchema = "basewise.study/1";

Table facet_table(const Json& study, const Facet& facet, const std::string& metric, const std::string& id) {
  const bool higher = [&] {
    for (const Json& m : study.at("metrics"))
      if (text_of(m, "name") == metric) return member(m, "higher_is_better") != Json(false);
    return true;
  }();
  Table table{
      .id = id,
      .title = basewise::format("{}, {}", metric_title(metric), facet.title()),
      .caption = basewise::format("{} is better. The interval is the {} of the mean; n counts what is there of what the study asks for.",
                                  higher ? "Higher" : "Lower", interval_words(study)),
      .columns = {{.name = "name", .title = "Method", .type = ColumnType::text, .run = true},
                  {.name = "variant", .title = "Variant", .type = ColumnType::text},
                  {.name = "n", .title = "n", .type = ColumnType::number, .format = "d"},
                  {.name = "expected", .title = "of", .type = ColumnType::number, .format = "d"},
                  {.name = "mean", .title = "Mean", .type = ColumnType::interval, .format = ".4f"},
                  {.name = "sd", .title = "SD", .type = ColumnType::number, .format = ".4f"},
                  {.name = "median", .title = "Median", .type = ColumnType::number, .format = ".4f"},
                  {.name = "minimum", .title = "Min", .type = ColumnType::number, .format = ".4f"},
                  {.name = "maximum", .title = "Max", .type = ColumnType::number, .format = ".4f"},
                  {.name = "published", .title = "Published", .type = ColumnType::number, .format = ".4f"},
                  {.name = "published_sd", .title = "its SD", .type = ColumnType::number, .format = ".4f"},
                  {.name = "difference", .title = "Difference in its SD", .type = ColumnType::number, .format = "+.1f"},
                  {.name = "parameters", .title = "Parameters", .type = ColumnType::number, .format = ",d"},
                  {.name = "epochs", .title = "Epochs", .type = ColumnType::number, .format = ",.0f", .help = "median"},
                  {.name = "seconds", .title = "Training", .type = ColumnType::number, .format = ",.1f", .unit = "s", .help = "median"}}};
  for (const Json* group : facet.groups) {
    const Json& m = metric_of(*group, metric);
    if (m.is_null()) continue;  // its evaluation measures something else
    const Json& p = member(m, "published");
    const auto get = [](const Json& object, const char* key) { return number(number_of(object, key)); };
    const Json mean = get(m, "mean");
    table.rows.push_back({name_of(*group), text_of(*group, "variant"), get(m, "n"), get(*group, "expected"),
                          mean.is_null() ? mean : Json::array({mean, get(m, "low"), get(m, "high")}), get(m, "sd"), get(m, "median"),
                          get(m, "minimum"), get(m, "maximum"), get(p, "mean"), get(p, "sd"), get(p, "difference_in_sd"),
                          number(std::strtod(text_of(*group, "parameters", "nan").c_str(), nullptr)), get(*group, "epochs"),
                          get(*group, "train_seconds")});
  }
  table.set_interval_ranges();
  const auto empty = [](const std::vector<Json>& row) { return row[1] == Json(""); };
  if (std::all_of(table.rows.begin(), table.rows.end(), empty)) {
    table.columns.erase(table.columns.begin() + 1);
    for (auto& row : table.rows) row.erase(row.begin() + 1);
  }
  return table;
}

Section facet_section(const Json& study, const Facet& facet, std::size_t index) {
  Section section{.id = basewise::format("facet_{}", index), .title = facet.title()};
  const Json& metrics = study.at("metrics");
  std::size_t m = 0;
  for (const Json& metric : metrics)
    if (const auto figure = study_trend(study, facet, text_of(metric, "name"), basewise::format("trend_{}_{}", index, ++m)))
      section.add(*figure);
  m = 0;
  for (const Json& metric : metrics)
    if (const auto figure =
            study_dots(study, facet, text_of(metric, "name"), basewise::format("dots_{}_{}", index, ++m), metrics.size() > 1))
      section.add(*figure);
  m = 0;
  for (const Json& metric : metrics)
    if (const auto figure =
            study_differences(study, facet, text_of(metric, "name"), basewise::format("differences_{}_{}", index, ++m), metrics.size() > 1))
      section.add(*figure);
  m = 0;
  for (const Json& metric : metrics)
    if (const Table table = facet_table(study, facet, text_of(metric, "name"), basewise::format("table_{}_{}", index, ++m));
        !table.rows.empty())
      section.add(table.to_json());
  return section;
}

Table tests_table(const Json& study) {
  Table table{.id = "tests",
              .title = "Paired tests",
              .caption = basewise::format(
                  "Differences a - b of pairs with the same {}; the interval is the {} of their mean; p is two-sided and not "
                  "corrected for the number of tests: of Wilcoxon's signed-rank test of the pairs, or of a t-test of all values "
                  "of both sides.",
                  filled(text_of(study, "over")), interval_words(study)),
              .columns = {{.name = "question", .title = "Question", .type = ColumnType::text},
                          {.name = "metric", .title = "Metric", .type = ColumnType::text},
                          {.name = "a", .title = "a", .type = ColumnType::text},
                          {.name = "b", .title = "b", .type = ColumnType::text},
                          {.name = "shared", .title = "Both", .type = ColumnType::text},
                          {.name = "pairs", .title = "Pairs", .type = ColumnType::number, .format = "d"},
                          {.name = "difference", .title = "a - b", .type = ColumnType::interval, .format = "+.4f"},
                          {.name = "above", .title = "a above b", .type = ColumnType::number, .format = "d"},
                          {.name = "p", .title = "p", .type = ColumnType::number, .format = ".2~g"},
                          {.name = "how", .title = "Computed", .type = ColumnType::text}}};
  for (const Json& c : study.at("comparisons")) {
    const bool ranks = member(c, "t_test").is_null();
    const Json& test = member(c, ranks ? "wilcoxon" : "t_test");
    const Json mean = number(number_of(c, "mean"));
    const auto above = std::count_if(c.at("differences").begin(), c.at("differences").end(),
                                     [](const Json& d) { return d.at(1).is_number() && d.at(1) > 0; });
    const std::string reason = text_of(test, "reason");
    table.rows.push_back({text_of(c, "name"), metric_title(text_of(c, "metric")), text_of(c, "a"), text_of(c, "b"), shared_text(c),
                          number(number_of(c, "n")),
                          mean.is_null() ? mean : Json::array({mean, number(number_of(c, "low")), number(number_of(c, "high"))}), above,
                          number(number_of(test, "p")),
                          !reason.empty()                        ? reason
                          : !ranks                               ? text_of(test, "title")
                          : member(test, "exact") == Json(false) ? "normal approximation"
                                                                 : "exact"});
  }
  table.set_interval_ranges();
  return table;
}

Section comparison_section(const Json& study) {
  Section section{.id = "comparisons", .title = "Comparisons", .lead = "Methods against each other, pair by pair."};
  if (!study.at("comparisons").empty()) section.add(tests_table(study).to_json());
  std::size_t index = 0;
  for (const Json& relation : member(study, "relations"))
    if (const auto figure = study_relation(study, relation, basewise::format("relation_{}", ++index))) section.add(*figure);
  return section;
}

Section record_section_of(const Json& study) {
  Section section{.id = "record", .title = "Record"};
  std::vector<Fact> facts;
  for (const Json& axis : study.at("axes")) {
    std::vector<std::string> values;
    for (const Json& value : axis.at("values")) {
      const std::string name = text_of(value, "name"), title = text_of(value, "title");
      values.push_back(title.empty() || title == name ? name : basewise::format("{} ({})", name, title));
    }
    facts.push_back({.name = text_of(axis, "title", "axis"), .value = basewise::format("{}", fmt::join(values, "; "))});
  }
  section.add(facts_block("What is varied", facts));
  std::vector<Fact> methods;
  std::vector<std::string> seen;
  for (const Json& group : study.at("groups")) {
    if (std::find(seen.begin(), seen.end(), name_of(group)) != seen.end() || text_of(group, "title") == name_of(group)) continue;
    seen.push_back(name_of(group));
    methods.push_back({.name = name_of(group), .value = text_of(group, "title")});
  }
  if (!methods.empty()) section.add(facts_block("Methods", methods));
  return section;
}

Json runs_of(const Json& study) {
  std::vector<std::string> names;
  for (const Json& group : study.at("groups")) add_once(names, name_of(group));
  if (names.empty()) names.push_back("study");
  Json runs = Json::array();
  for (const std::string& name : names) runs.push_back({{"id", name}, {"name", name}});
  return runs;
}

Json document_of(const Json& study) {
  const Json& rows = study.at("rows");
  Json json = {{"format", "basewise-report"}, {"version", kDocumentVersion}, {"title", filled(text_of(study, "title"))}};
  json["subtitle"] = text_of(study, "name");
  json["created"] = utc_now();
  json["program"] = {{"name", "basewise"}, {"version", version()}};
  json["facts"] = Json::array({to_json(Fact{.name = "Measurements",
                                            .value = rows.at("present"),
                                            .format = ",d",
                                            .note = basewise::format("of {}", json_text(rows.at("expected")))}),
                               to_json(Fact{.name = "Groups", .value = study.at("groups").size(), .format = ",d"})});
  json["runs"] = runs_of(study);
  json["sections"] = Json::array();
  std::size_t index = 0;
  for (const Facet& facet : facets_of(study)) {
    Section section = facet_section(study, facet, ++index);
    if (index == 1) {
      Json blocks = Json::array();
      for (const Json& note : study.at("notes")) blocks.push_back(text_block(note, Tone::warning));
      for (Json& block : section.blocks) blocks.push_back(std::move(block));
      section.blocks = std::move(blocks);
    }
    json["sections"].push_back(section.to_json());
    if (index == 1)
      if (const Section tests = comparison_section(study); !tests.blocks.empty()) json["sections"].push_back(tests.to_json());
  }
  json["sections"].push_back(record_section_of(study).to_json());
  return json;
}

}  // namespace

Json build_study_document(std::string_view text, const std::string& origin) {
  Json study;
  std::string reason;
  try {
    study = parse_json(text, origin);
  } catch (const DataError& error) {
    reason = basewise::format(" ({})", error.what());
  }
  if (!study.is_object() || text_of(study, "schema") != kSchema)
    throw DataError(basewise::format("{}: no study of the schema {}{}; `basewise study table` writes one", origin, kSchema, reason));
  try {
    return document_of(study);
  } catch (const nlohmann::json::exception& e) {
    throw DataError(basewise::format("{}: not what `basewise study table` writes: {}", origin, e.what()));
  }
}

}  // namespace basewise::report::detail
