#include "basewise/report/detail/filters_page.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/io/meme.h"
#include "basewise/io/tsv.h"
#include "basewise/report/detail/motif_rows.h"
#include "basewise/report/detail/spec_stack.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostLogos = 300;  // of one page; the table has all
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A row of filters.tsv.
struct Filter {
  std::string name;
  std::string layer;
  std::string state;
  double sites = kNone, threshold = kNone, largest = kNone, information = kNone;
  Match match = {};
  const motifs::MotifMatrix* motif = nullptr;  ///< nullptr: none was made
};

std::vector<Filter> read_filters(const fs::path& file) {
  std::vector<Filter> filters;
  io::TsvReader table(file, io::plain_table());
  const auto text = [&](const char* name) { return table.has(name) ? std::string(table.text(name)) : std::string(); };
  const auto value = [&](const char* name) { return table.has(name) ? table.optional_number(name).value_or(kNone) : kNone; };
  while (table.next())
    filters.push_back({.name = std::string(table.text("filter")),
                       .layer = text("layer"),
                       .state = std::string(table.text("state")),
                       .sites = value("sites"),
                       .threshold = value("threshold"),
                       .largest = value("largest"),
                       .information = value("information"),
                       .match = {text("match"), value("match_p"), value("match_e"), value("match_q")}});
  std::stable_sort(filters.begin(), filters.end(), [](const Filter& a, const Filter& b) {
    const auto bits = [](const Filter& f) { return std::isfinite(f.information) ? f.information : -1; };
    return bits(a) > bits(b);
  });
  return filters;
}

/// "few sites" of "few_sites".
std::string state_words(std::string state) {
  std::replace(state.begin(), state.end(), '_', ' ');
  return filled(state, "not said");
}

std::string sites_text(double sites) { return std::isfinite(sites) ? ", " + count_text(sites) + (sites == 1 ? " site" : " sites") : ""; }

Figure filter_figure(const Filter& filter, std::size_t rank, const std::vector<motifs::MotifMatrix>& known) {
  const motifs::MotifMatrix* match = find_motif(known, filter.match.name);
  const std::vector<motifs::BaseVector> rows = motifs::probabilities(*filter.motif);
  Figure f;
  f.id = format("filter_{}", rank);
  f.title = format("{}{}{}", filled(filter.name), sites_text(filter.sites), filter.match.name.empty() ? "" : ", like " + filter.match.name);
  f.caption =
      "Top: the letters at the sites of the filter, as information. Bottom: the most alike known motif, turned and moved to lie where its "
      "columns agree most.";
  f.summary = format("Consensus {}; {}.", consensus_text(rows), state_words(filter.state));
  f.kind = FigureKind::logo;
  f.engine = Engine::vega;
  StackSpec spec{.x_title = "position in the motif of the filter (bp)", .first = 1, .last = std::ssize(rows), .rows = {}};
  DataTable letters = letter_table("information", "bits");
  spec.rows.push_back({.name = "filter", .title = "Sites of the filter", .y_title = "bits", .low = 0, .high = 2});
  add_letters(letters, "filter", information_heights(rows), 1, 0, std::ssize(rows));
  spec.rows.push_back(
      {.name = "match", .title = filled(match_title(filter.match), "No known motif"), .y_title = "bits", .low = 0, .high = 2});
  if (match != nullptr) {
    const Alignment laid = align(rows, *match);
    if (laid.reverse) spec.rows.back().title += " (reverse complement)";
    add_letters(letters, "match", information_heights(laid.rows), 1 + laid.offset, 0, std::ssize(laid.rows));
    spec.first = std::min(spec.first, 1 + laid.offset);
    spec.last = std::max(spec.last, laid.offset + std::ssize(laid.rows));
  } else if (!filter.match.name.empty()) {
    spec.rows.back().title += " (matrix not at hand)";
  }
  f.spec = stack_spec(spec);
  f.data = {letters};
  return f;
}

Table filter_table(const std::vector<Filter>& filters) {
  Table table{
      .id = "filters",
      .title = "Filters",
      .columns = {{.name = "filter", .title = "Filter", .type = ColumnType::text},
                  {.name = "layer", .title = "Layer", .type = ColumnType::text},
                  {.name = "state", .title = "State", .type = ColumnType::text},
                  {.name = "sites", .title = "Sites", .type = ColumnType::number, .format = ",d"},
                  {.name = "information", .title = "Information", .type = ColumnType::bar, .format = ".1f", .unit = "bits"},
                  {.name = "consensus", .title = "Consensus", .type = ColumnType::text},
                  {.name = "threshold", .title = "Threshold", .type = ColumnType::number, .format = ".3~g", .help = "of the activation"},
                  {.name = "largest", .title = "Largest", .type = ColumnType::number, .format = ".3~g", .help = "activation"}}};
  for (const TableColumn& column : match_columns()) table.columns.push_back(column);
  for (const Filter& f : filters) {
    std::vector<Json> row = {f.name,
                             f.layer,
                             state_words(f.state),
                             short_number(f.sites),
                             short_number(f.information),
                             f.motif == nullptr ? std::string() : consensus_text(motifs::probabilities(*f.motif)),
                             short_number(f.threshold),
                             short_number(f.largest)};
    add_match(row, f.match);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

FolderPage filters_page(const Folder& folder) {
  const std::string run = last_part(text_of(folder.facts, "run"));
  FolderPage page{.title = format("Filters of {}", filled(run, folder.name))};
  std::vector<Filter> filters;
  if (const fs::path file = folder.path / "filters.tsv"; fs::exists(file))
    filters = read_filters(file);
  else
    page.notes.push_back("filters.tsv is missing; `basewise motifs filters` writes it.");
  std::vector<motifs::MotifMatrix> made;
  if (const fs::path file = folder.path / "filters.meme"; fs::exists(file)) made = io::read_meme(file).motifs;
  std::map<std::string, std::int64_t> states;
  for (Filter& f : filters) {
    ++states[f.state];
    for (const motifs::MotifMatrix& motif : made)
      if (motif.name == f.name) f.motif = &motif;
  }
  const bool named = std::any_of(filters.begin(), filters.end(), [](const Filter& f) { return !f.match.name.empty(); });
  std::vector<motifs::MotifMatrix> known;
  if (named) known = known_motifs(folder.path, text_of(folder.facts, "motifs"), page.notes);

  page.facts = {{.name = "Filters", .value = filters.size(), .format = ",d"}};
  for (const auto& [state, count] : states) page.facts.push_back({.name = "State: " + state_words(state), .value = count, .format = ",d"});
  if (!run.empty()) page.facts.push_back({.name = "Run", .value = run});
  add_fact(page.facts, folder.facts, "layer", "Layer");
  add_fact(page.facts, folder.facts, "preset", "Rules");

  Section overview{.id = "overview", .title = "Overview"};
  for (const std::string& note : told(folder.facts)) overview.add(text_block(note, Tone::note));
  if (filters.empty() && page.notes.empty()) overview.add(text_block("There are no filters.", Tone::warning));
  if (!filters.empty()) overview.add(filter_table(filters).to_json());
  Section logos{
      .id = "logos", .title = "Logos", .lead = "The most informative filters first; those without a motif are in the table alone."};
  std::size_t drawn = 0, left_out = 0;
  for (const Filter& f : filters) {
    if (f.motif == nullptr) continue;
    if (drawn == kMostLogos) {
      ++left_out;
      continue;
    }
    logos.add(filter_figure(f, ++drawn, known));
  }
  if (left_out > 0) logos.add(text_block(format("{} more filters are in the table alone.", left_out), Tone::note));
  if (drawn == 0 && !filters.empty()) overview.add(text_block("No filter gave a motif; the column State says why.", Tone::warning));
  page.sections = {overview, logos, folder_record(folder, "filters.json")};
  return page;
}

}  // namespace basewise::report::detail
