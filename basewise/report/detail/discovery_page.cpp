#include "basewise/report/detail/discovery_page.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/io/modisco_file.h"
#include "basewise/io/tsv.h"
#include "basewise/report/detail/motif_rows.h"
#include "basewise/report/detail/spec_stack.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostLogos = 200;  // of one page; the table has all
constexpr double kCore = 0.3;            // as `motifs::core_of` cuts patterns
constexpr std::int64_t kPad = 4;
constexpr std::int64_t kBins = 50;

/// A row of patterns.tsv.
struct Row {
  std::int64_t width = 0;
  double information = std::numeric_limits<double>::quiet_NaN();
  Match match = {};
};

struct Discovery {
  io::ModiscoFile file;
  std::map<std::string, Row> rows;
  std::vector<motifs::MotifMatrix> known;
};

std::map<std::string, Row> read_rows(const fs::path& file) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::map<std::string, Row> rows;
  io::TsvReader table(file, io::plain_table());
  const auto optional = [&](const char* name) { return table.has(name) ? table.optional_number(name).value_or(kNone) : kNone; };
  while (table.next()) {
    Row row{.width = table.integer("width"), .information = optional("information")};
    if (table.has("match")) row.match = {std::string(table.text("match")), optional("match_p"), optional("match_e"), optional("match_q")};
    rows[std::string(table.text("pattern"))] = row;
  }
  return rows;
}

Discovery read_discovery(const Folder& folder, FolderPage& page) {
  Discovery d;
  if (const fs::path file = folder.path / "patterns.h5"; fs::exists(file))
    d.file = io::read_modisco(file);
  else
    page.notes.push_back("patterns.h5 is missing; `basewise motifs discover` writes it: there are no logos.");
  page.notes.insert(page.notes.end(), d.file.notes.begin(), d.file.notes.end());
  if (const fs::path file = folder.path / "patterns.tsv"; fs::exists(file))
    d.rows = read_rows(file);
  else
    page.notes.push_back("patterns.tsv is missing; `basewise motifs discover` writes it: patterns have no names.");
  const bool named = std::any_of(d.rows.begin(), d.rows.end(), [](const auto& row) { return !row.second.match.name.empty(); });
  if (named) d.known = known_motifs(folder.path, text_of(folder.facts, "motifs"), page.notes);
  return d;
}

/// "+0", "-12": short, and unique in a document.
std::string short_name(const motifs::Pattern& pattern, std::size_t number) {
  return format("{} {}", pattern.positive ? "Positive" : "Negative", number);
}

/// Positions where the contributions are high, and some around them.
std::pair<std::int64_t, std::int64_t> core_of(const motifs::Pattern& pattern) {
  std::vector<double> sizes;
  for (const auto& column : pattern.contributions) {
    double sum = 0;
    for (const double x : column) sum += std::abs(x);
    sizes.push_back(sum);
  }
  if (sizes.empty()) return {0, pattern.width()};
  const double least = kCore * *std::max_element(sizes.begin(), sizes.end());
  std::int64_t begin = 0, end = std::ssize(sizes);
  while (begin < end && sizes[static_cast<std::size_t>(begin)] < least) ++begin;
  while (end > begin && sizes[static_cast<std::size_t>(end - 1)] < least) --end;
  return {std::max<std::int64_t>(0, begin - kPad), std::min(std::ssize(sizes), end + kPad)};
}

motifs::MotifMatrix matrix_of(const motifs::Pattern& pattern, std::int64_t begin, std::int64_t end) {
  motifs::MotifMatrix motif;
  for (std::int64_t i = begin; i < end; ++i) {
    motifs::BaseVector row = pattern.sequence[static_cast<std::size_t>(i)];
    const double sum = row[0] + row[1] + row[2] + row[3];
    for (double& p : row) p = sum > 0 ? p / sum : 0.25;
    motif.rows.push_back(row);
  }
  return motif;
}

std::string seqlet_count(std::size_t n) { return format("{} seqlet{}", grouped(static_cast<std::int64_t>(n)), n == 1 ? "" : "s"); }

/// Contributions, letters and the most alike motif under each other.
Figure pattern_figure(const motifs::Pattern& pattern, std::size_t number, const Discovery& d) {
  const auto [begin, end] = core_of(pattern);
  const motifs::MotifMatrix core = matrix_of(pattern, begin, end);
  const auto found = d.rows.find(pattern.name);
  const Match match = found == d.rows.end() ? Match{} : found->second.match;
  const motifs::MotifMatrix* known = find_motif(d.known, match.name);
  Figure f;
  f.id = format("{}_{}", pattern.positive ? "positive" : "negative", number);
  f.title = format("{}: {}{}", short_name(pattern, number), seqlet_count(pattern.seqlets.size()),
                   match.name.empty() ? "" : ", like " + match.name);
  f.caption =
      "Top: mean attribution of the letters that seqlets have. Middle: how often each letter is there, as information. Bottom: the most "
      "alike known motif, turned and moved to lie where its columns agree most. Positions of the whole pattern; flanks of low attribution "
      "are not shown.";
  f.summary = format("Consensus {}.", consensus_text(core.rows));
  f.kind = FigureKind::logo;
  f.engine = Engine::vega;
  StackSpec spec{.x_title = "position in the pattern (bp)", .first = begin + 1, .last = end, .rows = {}};
  DataTable letters = letter_table("height");
  const std::vector<motifs::BaseVector> drawn(pattern.contributions.begin() + begin, pattern.contributions.begin() + end);
  const auto [low, high] = stack_ends(drawn);
  spec.rows.push_back({.name = "contribution", .title = "Contribution", .y_title = "attribution", .low = low, .high = high, .height = 72});
  add_letters(letters, "contribution", pattern.contributions, 1, begin, end);
  spec.rows.push_back({.name = "letters", .title = "Letters of the seqlets", .y_title = "bits", .low = 0, .high = 2});
  add_letters(letters, "letters", information_heights(core.rows), begin + 1, 0, core.width());
  spec.rows.push_back({.name = "match", .title = filled(match_title(match), "No known motif"), .y_title = "bits", .low = 0, .high = 2});
  if (known != nullptr) {
    const Alignment laid = align(core.rows, *known);
    const std::int64_t first = begin + 1 + laid.offset;
    if (laid.reverse) spec.rows.back().title += " (reverse complement)";
    add_letters(letters, "match", information_heights(laid.rows), first, 0, std::ssize(laid.rows));
    spec.first = std::min(spec.first, first);
    spec.last = std::max(spec.last, first + std::ssize(laid.rows) - 1);
  } else if (!match.name.empty()) {
    spec.rows.back().title += " (matrix not at hand)";
  }
  f.spec = stack_spec(spec);
  f.data = {letters};
  return f;
}

Table pattern_table(const Discovery& d) {
  Table table{.id = "patterns",
              .title = "Patterns",
              .caption = "Width, information and match are those of the core of a pattern, where its contributions are high.",
              .columns = {{.name = "sign", .title = "Sign", .type = ColumnType::text, .help = "positive ones raise the output"},
                          {.name = "number", .title = "No.", .type = ColumnType::number, .format = "d"},
                          {.name = "seqlets", .title = "Seqlets", .type = ColumnType::bar, .format = ",d"},
                          {.name = "consensus", .title = "Consensus", .type = ColumnType::text},
                          {.name = "width", .title = "Width", .type = ColumnType::number, .format = "d", .unit = "bp"},
                          {.name = "information", .title = "Information", .type = ColumnType::number, .format = ".1f", .unit = "bits"}}};
  for (const TableColumn& column : match_columns()) table.columns.push_back(column);
  std::map<bool, std::size_t> numbers;
  for (const motifs::Pattern& p : d.file.patterns) {
    const auto found = d.rows.find(p.name);
    const Row row = found == d.rows.end() ? Row{} : found->second;
    const auto [begin, end] = core_of(p);
    const motifs::MotifMatrix core = matrix_of(p, begin, end);
    std::vector<Json> cells = {p.positive ? "positive" : "negative",
                               numbers[p.positive]++,
                               p.seqlets.size(),
                               consensus_text(core.rows),
                               core.width(),
                               short_number(std::isfinite(row.information) ? row.information : motifs::total_information(core))};
    add_match(cells, row.match);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

/// Subpatterns as text, folded away.
std::string subpattern_text(const std::vector<motifs::Pattern>& patterns) {
  std::string text;
  for (const motifs::Pattern& pattern : patterns)
    for (const motifs::Pattern& sub : pattern.subpatterns)
      text += format("{}  {}  {}\n", sub.name, seqlet_count(sub.seqlets.size()), consensus_text(matrix_of(sub, 0, sub.width()).rows));
  return text;
}

std::vector<Section> pattern_sections(const Discovery& d) {
  std::vector<Section> sections;
  std::size_t drawn = 0;
  for (const bool positive : {true, false}) {
    Section section{.id = positive ? "positive" : "negative", .title = positive ? "Positive patterns" : "Negative patterns"};
    section.lead = positive ? "Where they stand, the output is higher." : "Where they stand, the output is lower.";
    std::size_t number = 0, left_out = 0;
    std::vector<motifs::Pattern> with_parts;
    for (const motifs::Pattern& pattern : d.file.patterns) {
      if (pattern.positive != positive) continue;
      if (drawn < kMostLogos) {
        section.add(pattern_figure(pattern, number, d));
        ++drawn;
      } else {
        ++left_out;
      }
      ++number;
      if (!pattern.subpatterns.empty()) with_parts.push_back(pattern);
    }
    if (left_out > 0) section.add(text_block(format("{} more patterns are in the table alone.", left_out), Tone::note));
    if (const std::string text = subpattern_text(with_parts); !text.empty()) section.add(listing_block("Subpatterns", text));
    if (number > 0) sections.push_back(section);
  }
  return sections;
}

/// Where seqlets lie in their examples, by the position of their middle.
std::optional<Figure> positions_figure(const io::ModiscoFile& file) {
  std::int64_t length = file.window, count = 0;
  for (const motifs::Pattern& p : file.patterns)
    for (const motifs::Seqlet& s : p.seqlets) length = std::max(length, s.end), ++count;
  if (count == 0) return {};
  const std::int64_t width = std::max<std::int64_t>(1, (length + kBins - 1) / kBins), bins = (length + width - 1) / width;
  std::map<bool, std::vector<std::int64_t>> counts = {{true, std::vector<std::int64_t>(static_cast<std::size_t>(bins))},
                                                      {false, std::vector<std::int64_t>(static_cast<std::size_t>(bins))}};
  for (const motifs::Pattern& p : file.patterns)
    for (const motifs::Seqlet& s : p.seqlets) ++counts[p.positive][static_cast<std::size_t>((s.start + s.end) / 2 / width)];
  Figure f;
  f.id = "positions";
  f.title = "Where seqlets lie";
  f.caption =
      "Seqlets by the position of their middle in the part of the examples that was looked at; a peak in the middle is usual where "
      "examples are centred on summits.";
  f.kind = FigureKind::bars;
  f.size = FigureSize::full;
  DataTable table("positions", {{.name = "start", .title = "from", .unit = "bp"},
                                {.name = "end", .title = "to", .unit = "bp"},
                                {.name = "part", .title = "sign of the pattern"},
                                {.name = "count", .title = "seqlets"}});
  for (const bool positive : {true, false})
    for (std::int64_t b = 0; b < bins; ++b)
      if (const std::int64_t n = counts[positive][static_cast<std::size_t>(b)]; n > 0)
        table.add({b * width, std::min(length, (b + 1) * width), positive ? "positive" : "negative", n});
  f.data = {table};
  f.spec = parse_json(R"json({
 "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
 "data": {"name":"positions"},
 "width": "container",
 "height": 160,
 "params": [{"name":"accent","value":"#1f5f99"},{"name":"contrast","value":"#c9650c"}],
 "mark": {"type":"bar","binSpacing":1},
 "encoding": {
  "x": {"field":"start","type":"quantitative","bin":{"binned":true},"title":"position in the examples (bp)","axis":{"grid":false,"format":",d"}},
  "x2": {"field":"end"},
  "y": {"field":"count","type":"quantitative","title":"seqlets (count)","axis":{"format":",d","tickMinStep":1}},
  "color": {"field":"part","type":"nominal","title":null,"scale":{"domain":["positive","negative"],"range":[{"expr":"accent"},{"expr":"contrast"}]}},
  "tooltip": [{"field":"start","title":"from"},{"field":"end","title":"to"},{"field":"part","title":"sign"},{"field":"count","title":"seqlets"}]}})json",
                      "the figure of positions");
  f.spec["encoding"]["x"]["scale"] = {{"domain", {0, length}}, {"nice", false}};
  return f;
}

std::vector<Fact> facts_of(const Folder& folder, const Discovery& d) {
  std::int64_t positive = 0, negative = 0, seqlets = 0;
  for (const motifs::Pattern& p : d.file.patterns) {
    ++(p.positive ? positive : negative);
    seqlets += std::ssize(p.seqlets);
  }
  std::vector<Fact> facts = {{.name = "Positive patterns", .value = positive, .format = ",d"},
                             {.name = "Negative patterns", .value = negative, .format = ",d"},
                             {.name = "Seqlets in them", .value = seqlets, .format = ",d"}};
  add_fact(facts, folder.facts, "examples", "Examples", ",d");
  add_fact(facts, folder.facts, "length", "Positions looked at", ",d");
  if (const std::string motifs = text_of(folder.facts, "motifs"); !motifs.empty())
    facts.push_back({.name = "Compared with", .value = last_part(motifs)});
  return facts;
}

/// What became of the seqlets, from their finding to the patterns.
std::optional<Table> counts_table(const Json& facts) {
  Table table{
      .id = "counts", .title = "From seqlets to patterns", .columns = {{.name = "sign", .title = "Sign", .type = ColumnType::text}}};
  for (const auto& [key, title] : std::vector<std::pair<const char*, const char*>>{{"found", "Found"},
                                                                                   {"used", "Used"},
                                                                                   {"agreed", "Agreed with neighbours"},
                                                                                   {"clusters", "Clusters"},
                                                                                   {"patterns", "Patterns"},
                                                                                   {"mapped", "Seqlets in patterns"}})
    table.columns.push_back({.name = key, .title = title, .type = ColumnType::number, .format = ",d"});
  for (const char* sign : {"positive", "negative"}) {
    const Json& counts = member(facts, sign);
    if (!counts.is_object()) continue;
    std::vector<Json> row = {sign};
    for (std::size_t c = 1; c < table.columns.size(); ++c) row.push_back(number(number_of(counts, table.columns[c].name.c_str())));
    table.rows.push_back(row);
  }
  return table.rows.empty() ? std::nullopt : std::optional(table);
}

}  // namespace

FolderPage discovery_page(const Folder& folder) {
  const std::string input = last_part(text_of(folder.facts, "input"));
  FolderPage page{.title = format("Motifs discovered in {}", filled(input, folder.name))};
  const Discovery d = read_discovery(folder, page);
  page.facts = facts_of(folder, d);
  Section overview{.id = "overview", .title = "Overview"};
  if (d.file.patterns.empty() && fs::exists(folder.path / "patterns.h5"))
    overview.add(text_block("No pattern was found: too few seqlets of high attribution agree with each other.", Tone::warning));
  for (const std::string& note : told(folder.facts)) overview.add(text_block(note, Tone::note));
  if (!d.file.patterns.empty()) overview.add(pattern_table(d).to_json());
  if (const auto figure = positions_figure(d.file)) overview.add(*figure);
  if (const auto table = counts_table(folder.facts)) overview.add(table->to_json());
  page.sections = {overview};
  for (Section& section : pattern_sections(d)) page.sections.push_back(std::move(section));
  page.sections.push_back(folder_record(folder, "discovery.json"));
  return page;
}

}  // namespace basewise::report::detail
