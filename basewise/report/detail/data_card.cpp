#include "basewise/report/detail/data_card.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/core/some_of.h"
#include "basewise/report/detail/spec_lite.h"

namespace basewise::report::detail {
namespace {

/// The kind of data that reads no file.
constexpr const char* kSimulation = "simulation";

/// "training set" for train; sets of other names as they are called.
std::string set_title(const std::string& name) {
  const auto set = find_choice<results::Set>(name);
  return set ? set_name(*set) : name + " set";
}

/// Sums over the outputs of a set; NaN where no output has the number.
double total(const Json& set, const char* key) {
  double sum = 0;
  bool any = false;
  for (const Json& output : member(set, "outputs")) {
    const double value = number_of(output, key);
    if (value != value) continue;
    sum += value;
    any = true;
  }
  return any ? sum : number_of({}, key);
}

Json sets_table(const Run& run, std::size_t number_of_run, const std::string& suffix) {
  Table table{.id = format("sets_{}", number_of_run), .title = "Sets" + suffix};
  table.columns = {
      {.name = "set", .title = "Set", .type = ColumnType::text},
      {.name = "examples", .title = "Examples", .type = ColumnType::number, .format = ",d"},
      {.name = "output", .title = "Output", .type = ColumnType::text},
      {.name = "values", .title = "Values", .type = ColumnType::number, .format = ",d", .help = "Targets that were measured and counted."},
      {.name = "missing", .title = "Missing", .type = ColumnType::number, .format = ",d"},
      {.name = "positives", .title = "Positives", .type = ColumnType::number, .format = ",d"},
      {.name = "share", .title = "Share", .type = ColumnType::number, .format = ".3~%", .help = "Positives among the values."},
      {.name = "mean", .title = "Mean", .type = ColumnType::number, .format = ".4~g"},
      {.name = "deviation", .title = "Deviation", .type = ColumnType::number, .format = ".4~g"}};
  bool sampled = false;
  for (const Json& set : member(run.data, "sets")) {
    sampled = sampled || number_of(set, "counted") < number_of(set, "examples");
    for (const Json& output : member(set, "outputs")) {
      const double values = number_of(output, "values"), positives = number_of(output, "positives");
      table.rows.push_back({text_of(set, "name"), number(number_of(set, "examples")), text_of(output, "name"), number(values),
                            number(number_of(output, "missing")), number(positives), number(positives / values),
                            number(number_of(output, "mean")), number(number_of(output, "deviation"))});
    }
  }
  if (sampled) table.caption = "Targets of large sets were counted over examples spread evenly through them.";
  // Columns that no row fills say nothing.
  for (std::size_t c = table.columns.size(); c-- > 3;) {
    if (std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return !row[c].is_null(); })) continue;
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(c));
    for (auto& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
  }
  return table.to_json();
}

Json inputs_table(const Run& run, std::size_t number_of_run, const std::string& suffix) {
  Table table{.id = format("inputs_{}", number_of_run), .title = "Files read" + suffix};
  table.columns = {{.name = "file", .title = "File", .type = ColumnType::text},
                   {.name = "bytes", .title = "Bytes", .type = ColumnType::number, .format = ",d"},
                   {.name = "sha256", .title = "SHA-256", .type = ColumnType::text}};
  for (const Json& input : member(run.manifest, "inputs"))
    table.rows.push_back(
        {text_of(input, "reference", text_of(input, "path")), number(number_of(input, "bytes")), text_of(input, "sha256")});
  return table.rows.empty() ? Json() : table.to_json();
}

// Files by the names that the recipe gives them: where they lay on the machine that trained is for
// the record.
std::string without_paths(const Run& run, std::string text) {
  for (const Json& input : member(run.manifest, "inputs")) {
    const std::string path = text_of(input, "path"), reference = text_of(input, "reference");
    if (path.empty() || reference.empty() || path == reference) continue;
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at + reference.size()))
      text.replace(at, path.size(), reference);
  }
  return text;
}

std::vector<Fact> card(const Run& run) {
  std::vector<Fact> facts = {{.name = "Kind", .value = text_of(run.data, "kind", "unknown")},
                             {.name = "Split", .value = "by " + text_of(run.data, "split", "unknown")}};
  for (const Json& set : member(run.data, "sets"))
    facts.push_back({.name = "Examples: " + set_title(text_of(set, "name")),
                     .value = number(number_of(set, "examples")),
                     .format = ",d",
                     .note = without_paths(run, text_of(set, "summary"))});
  const Json& datasets = member(run.data, "datasets");
  for (const Json& d : datasets) {
    facts.push_back({.name = "Data set", .value = format("{}: {}", text_of(d, "name"), text_of(d, "title")), .note = text_of(d, "source")});
    facts.push_back({.name = "Licence", .value = text_of(d, "licence")});
    facts.push_back({.name = "Citation", .value = text_of(d, "citation")});
  }
  if (datasets.empty())
    facts.push_back({.name = "Licence",
                     .value = text_of(run.data, "kind") == kSimulation ? "simulated: nothing was read"
                                                                       : "not known: no file is of a registered data set"});
  return facts;
}

std::optional<Figure> class_balance(const Run& run) {
  DataTable table(
      "counts",
      {{.name = "name", .title = "set"}, {.name = "part", .title = "class"}, {.name = "value", .title = "values"}, order_field()});
  double least = 1;
  for (const Json& set : member(run.data, "sets")) {
    const double values = total(set, "values"), positives = total(set, "positives");
    if (!(values > 0) || positives != positives) continue;
    least = std::min({least, positives / values, 1 - positives / values});
    table.add({text_of(set, "name"), "positive", short_number(positives), 0});
    table.add({text_of(set, "name"), "negative", short_number(values - positives), 1});
  }
  constexpr double kVisible = 0.005;  // a bar shorter than that is no bar; the table has the number
  if (table.rows() == 0 || least < kVisible) return {};
  Figure f;
  f.id = "balance";
  f.title = "Class balance";
  f.caption = "Positive and negative values of each set, all outputs together.";
  f.kind = FigureKind::bars;
  f.spec = parts_spec("values", {"positive", "negative"});
  f.data = {table};
  return f;
}

}  // namespace

Section data_section(const Runs& runs) {
  Section section{.id = "data", .title = "Data", .lead = "What was trained on what."};
  std::vector<std::string> seen;  // of several runs on the same data, once is enough
  const auto fresh = [&seen](const std::string& text) {
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) return false;
    seen.push_back(text);
    return true;
  };
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const Run& run = runs[r];
    const std::string suffix = runs.size() > 1 ? ": " + run.id : "";
    if (run.metrics && run.metrics->on_other_data())
      section.add(text_block(format("{}The numbers of this page were measured on other data than these: {}.",
                                    runs.size() > 1 ? run.id + ": " : "", some_of(run.metrics->inputs)),
                             Tone::note));
    if (!run.data.is_null() && fresh(json_text(run.data))) {
      section.add(facts_block("Data card" + suffix, card(run)));
      if (runs.size() == 1)
        if (const auto figure = class_balance(run)) section.add(*figure);
      section.add(sets_table(run, r + 1, suffix));
    }
    if (Json table = inputs_table(run, r + 1, suffix); !table.is_null() && fresh(json_text(table.at("rows"))))
      section.add(std::move(table));
    for (const Json& note : member(run.manifest, "notes"))
      if (note.is_string() && fresh(note)) section.add(text_block(without_paths(run, note.get<std::string>()), Tone::note));
  }
  return section;
}

}  // namespace basewise::report::detail
