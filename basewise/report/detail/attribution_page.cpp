#include "basewise/report/detail/attribution_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <tuple>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/report/detail/attribution_rows.h"
#include "basewise/report/detail/motif_rows.h"
#include "basewise/report/detail/spec_stack.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostExamples = 12;
constexpr std::int64_t kMostLookedAt = 50'000;
constexpr std::int64_t kWindow = 100;  // bases of a logo
constexpr std::int64_t kPlace = 21;    // bases that make a place strong
constexpr std::int64_t kMostBars = 600;
constexpr int kMostLanes = 5;
constexpr double kThreshold = 1e-3;                       // of the convergence difference
constexpr std::string_view kLetters = "ACGT";             // rows of scores
constexpr std::string_view kMutagenesis = "mutagenesis";  // method of attribute.json

std::string name_of(const std::vector<ExampleRow>& rows, std::int64_t example) {
  if (example >= std::ssize(rows)) return format("Example {}", example + 1);
  const ExampleRow& row = rows[static_cast<std::size_t>(example)];
  if (!row.chrom.empty()) return format("{}:{}-{}{}", row.chrom, grouped(row.start), grouped(row.end), row.reverse ? " (-)" : "");
  return row.name.empty() ? format("Example {}", example + 1) : row.name;
}

/// First position of the stretch around the place with the largest sum of absolute attributions.
std::int64_t stretch_of(const std::vector<float>& values) {
  const std::int64_t length = std::ssize(values), place = std::min(kPlace, length), window = std::min(kWindow, length);
  double sum = 0, most = -1;
  std::int64_t at = 0;
  for (std::int64_t p = 0; p < length; ++p) {
    sum += std::abs(static_cast<double>(values[static_cast<std::size_t>(p)]));
    if (p >= place) sum -= std::abs(static_cast<double>(values[static_cast<std::size_t>(p - place)]));
    if (p + 1 >= place && sum > most * (1 + 1e-9)) most = sum, at = p + 1 - place;
  }
  return std::clamp<std::int64_t>(at + place / 2 - window / 2, 0, length - window);
}

DataTable track_table(const std::vector<float>& values, StackTrack& track) {
  DataTable table("track", {{.name = "start", .unit = "bp"}, {.name = "end", .unit = "bp"}, {.name = "value", .title = "attribution"}});
  const std::int64_t length = std::ssize(values), width = (length + kMostBars - 1) / kMostBars;
  std::vector<motifs::BaseVector> ends;
  for (std::int64_t p = 0; p < length; p += width) {
    float value = 0;
    for (std::int64_t i = p; i < std::min(length, p + width); ++i)
      if (const float v = values[static_cast<std::size_t>(i)]; std::abs(v) > std::abs(value)) value = v;
    table.add({p, std::min(length, p + width), std::stod(format("{:.4g}", value))});
    ends.push_back({value, 0, 0, 0});
  }
  std::tie(track.low, track.high) = stack_ends(ends);
  return table;
}

/// Named stretches that reach into [first, last], in the lowest free lanes.
DataTable span_table(const std::vector<NamedSpan>& spans, std::int64_t example, std::int64_t first, std::int64_t last, int& lanes,
                     std::int64_t& left_out) {
  DataTable table("spans", {{.name = "start", .title = "first position", .unit = "bp"},
                            {.name = "end", .title = "last position", .unit = "bp"},
                            {.name = "name"},
                            {.name = "lane"}});
  std::vector<NamedSpan> own;
  for (const NamedSpan& s : spans)
    if (s.example == example && s.end >= first && s.start + 1 <= last) own.push_back(s);
  std::stable_sort(own.begin(), own.end(), [](const NamedSpan& a, const NamedSpan& b) { return a.start < b.start; });
  std::vector<std::int64_t> ends;
  for (const NamedSpan& s : own) {
    std::size_t lane = 0;
    while (lane < ends.size() && s.start < ends[lane] + 1) ++lane;
    if (lane == kMostLanes) {
      ++left_out;
      continue;
    }
    if (lane == ends.size()) ends.push_back(0);
    // Names are wider than short stretches.
    ends[lane] = std::max(s.end, s.start + static_cast<std::int64_t>(std::min<std::size_t>(s.name.size(), 16)));
    table.add({s.start + 1, s.end, s.name, lane});
  }
  lanes = static_cast<int>(ends.size());
  return table;
}

/// What each mutation changes: its score less that of the letter that is there.
DataTable cell_table(const DrawnExample& e, std::int64_t first, std::int64_t last, double& largest) {
  DataTable table("cells", {{.name = "position", .unit = "bp"},
                            {.name = "letter"},
                            {.name = "value", .title = "change of the target"},
                            {.name = "there", .title = "letter of the sequence"}});
  const auto length = static_cast<std::size_t>(std::ssize(e.projected));
  for (std::int64_t p = first; p <= last; ++p)
    for (std::size_t l = 0; l < 4; ++l) {
      const auto at = static_cast<std::size_t>(p - 1);
      const bool there = e.letters[at] == kLetters[l];
      const double value = static_cast<double>(e.scores[l * length + at]) - static_cast<double>(e.projected[at]);
      largest = std::max(largest, std::abs(value));
      table.add({p, std::string(1, kLetters[l]), std::stod(format("{:.4g}", value)), there});
    }
  return table;
}

Figure example_figure(const Folder& folder, const DrawnExample& e, std::size_t rank, const std::vector<ExampleRow>& rows,
                      const std::vector<NamedSpan>& spans) {
  const bool mutations = text_of(folder.facts, "method") == kMutagenesis && member(folder.facts, "hypothetical") == Json(true);
  const std::int64_t first = stretch_of(e.projected) + 1, last = std::min<std::int64_t>(first + kWindow - 1, std::ssize(e.projected));
  Figure f;
  f.id = format("example_{}", rank);
  f.title = name_of(rows, e.number);
  f.caption = format(
      "Top: attributions along the whole example{}; the shaded stretch is drawn below. Letters: their attribution; those below the line "
      "lower the target.{}{}",
      std::ssize(e.projected) > kMostBars ? " (of neighbours the one furthest from zero)" : "",
      spans.empty() ? "" : " Named bars are seqlets.",
      mutations ? " Cells: what a mutation to that letter changes; dots are the letters that are there." : "");
  f.summary = format("Attributions sum to {:.4g}.", e.sum);
  f.kind = FigureKind::logo;
  f.size = FigureSize::full;
  f.engine = Engine::vega;
  StackSpec spec{.x_title = "position in the example (bp, from 1)", .first = first, .last = last, .rows = {}};
  StackTrack track{
      .title = "Whole example", .x_title = "bases from its start (bp)", .y_title = "attribution", .length = std::ssize(e.projected)};
  f.data.push_back(track_table(e.projected, track));
  spec.track = track;
  DataTable letters = letter_table("attribution");
  std::vector<motifs::BaseVector> heights(static_cast<std::size_t>(last - first + 1));
  for (std::int64_t p = first; p <= last; ++p)
    if (const auto l = std::string_view("ACGT").find(e.letters[static_cast<std::size_t>(p - 1)]); l != std::string_view::npos)
      heights[static_cast<std::size_t>(p - first)][l] = static_cast<double>(e.projected[static_cast<std::size_t>(p - 1)]);
  const auto [low, high] = stack_ends(heights);
  spec.rows.push_back({.name = "attribution", .title = "", .y_title = "attribution", .low = low, .high = high, .height = 96});
  add_letters(letters, "attribution", heights, first, 0, std::ssize(heights));
  f.data.push_back(letters);
  std::int64_t left_out = 0;
  const DataTable named = span_table(spans, e.number, first, last, spec.lanes, left_out);
  if (spec.lanes > 0) f.data.push_back(named);
  if (left_out > 0) f.summary += format(" {} seqlets over others are not drawn.", left_out);
  if (mutations) {
    double largest = 0;
    f.data.push_back(cell_table(e, first, last, largest));
    spec.heat = largest > 0 ? largest : 1;
    spec.heat_title = "Change of the target by a mutation";
  }
  f.spec = stack_spec(spec);
  return f;
}

/// How far sums of attributions are from differences of outputs.
std::optional<Table> convergence_table(const std::vector<ExampleRow>& rows) {
  constexpr std::array kEnds = {1e-5, 1e-4, 1e-3, 1e-2};
  std::array<std::int64_t, 5> counts{};
  std::int64_t known = 0;
  for (const ExampleRow& row : rows) {
    if (!std::isfinite(row.convergence)) continue;
    ++known;
    ++counts[static_cast<std::size_t>(std::lower_bound(kEnds.begin(), kEnds.end(), std::abs(row.convergence)) - kEnds.begin())];
  }
  if (known == 0) return {};
  Table table{.id = "convergence",
              .title = "Convergence",
              .caption = "Sum of the attributions of an example less the difference of outputs that they explain.",
              .columns = {{.name = "difference", .title = "Absolute difference", .type = ColumnType::text},
                          {.name = "examples", .title = "Examples", .type = ColumnType::bar, .format = ",d"}}};
  const std::array<const char*, 5> names = {"up to 0.00001", "up to 0.0001", "up to 0.001", "up to 0.01", "more"};
  for (std::size_t i = 0; i < counts.size(); ++i) table.rows.push_back({names[i], counts[i]});
  return table;
}

/// Says aloud whether attributions sum to what they explain.
std::optional<Json> convergence_text(const Json& facts) {
  const Json& convergence = member(facts, "convergence");
  const double over = number_of(convergence, "over_threshold"), largest = number_of(convergence, "largest"),
               examples = number_of(facts, "examples");
  if (!std::isfinite(over)) return {};
  if (over > 0)
    return text_block(
        format("In {} of {} examples the attributions miss the difference of outputs by more than {:g} (at most {:.3g}): read "
               "those with care; `Convergence` counts them.",
               count_text(over), count_text(examples), kThreshold, largest),
        Tone::warning);
  return text_block(format("In all {} examples the attributions sum to the difference of outputs within {:g} (at most {:.3g} off).",
                           count_text(examples), kThreshold, largest));
}

Table examples_table(const AttributionRows& rows, const std::vector<ExampleRow>& examples) {
  Table table{
      .id = "examples_drawn",
      .title = "Examples that are drawn",
      .caption = "Those with the largest absolute sum of attributions.",
      .columns = {
          {.name = "number", .title = "No.", .type = ColumnType::number, .format = "d", .help = "from 1, in the order of the files"},
          {.name = "place", .title = "Example", .type = ColumnType::text},
          {.name = "name", .title = "Name", .type = ColumnType::text},
          {.name = "prediction", .title = "Target", .type = ColumnType::number, .format = ".4~g"},
          {.name = "sum", .title = "Sum of attributions", .type = ColumnType::number, .format = ".4~g"},
          {.name = "convergence", .title = "Convergence", .type = ColumnType::number, .format = ".2~g"}}};
  for (const DrawnExample& e : rows.drawn) {
    const ExampleRow none{.name = {}, .chrom = {}, .prediction = NAN, .convergence = NAN};
    const ExampleRow& row = e.number < std::ssize(examples) ? examples[static_cast<std::size_t>(e.number)] : none;
    table.rows.push_back({e.number + 1, name_of(examples, e.number), row.name, short_number(row.prediction), short_number(e.sum),
                          short_number(row.convergence)});
  }
  const auto none = [](const std::vector<Json>& row) { return row.back().is_null(); };
  if (std::all_of(table.rows.begin(), table.rows.end(), none)) {
    table.columns.pop_back();
    for (auto& row : table.rows) row.pop_back();
  }
  return table;
}

std::vector<Fact> facts_of(const Folder& folder) {
  std::vector<Fact> facts;
  if (const std::string run = text_of(folder.facts, "run"); !run.empty()) facts.push_back({.name = "Run", .value = last_part(run)});
  add_fact(facts, folder.facts, "method", "Method");
  add_fact(facts, folder.facts, "target", "Target");
  add_fact(facts, folder.facts, "references", "References");
  add_fact(facts, folder.facts, "strands", "Strands");
  add_fact(facts, folder.facts, "examples", "Examples", ",d");
  add_fact(facts, folder.facts, "length", "Length", ",d");
  return facts;
}

}  // namespace

FolderPage attribution_page(const Folder& folder) {
  const std::string run = last_part(text_of(folder.facts, "run"));
  FolderPage page{.title = format("Attributions of {}", filled(run, folder.name))};
  page.facts = facts_of(folder);
  std::vector<ExampleRow> examples;
  if (const fs::path loci = folder.path / "loci.tsv"; fs::exists(loci))
    examples = read_examples(loci);
  else
    page.notes.push_back("loci.tsv is missing; `basewise attribute` writes it: examples have no names.");
  AttributionRows rows;
  const bool arrays = fs::exists(folder.path / "sequences.npz") && fs::exists(folder.path / "attributions.npz");
  if (arrays)
    rows = read_attribution_rows(folder.path, kMostExamples, kMostLookedAt);
  else
    page.notes.push_back("sequences.npz and attributions.npz are not both there; `basewise attribute` writes them: there are no logos.");
  const std::vector<NamedSpan> spans = read_spans(folder.path, examples);

  Section overview{.id = "overview", .title = "Overview"};
  if (const auto text = convergence_text(folder.facts)) overview.add(*text);
  for (const std::string& note : told(folder.facts)) overview.add(text_block(note, Tone::note));
  if (const auto table = convergence_table(examples)) overview.add(table->to_json());
  if (arrays && rows.drawn.empty()) overview.add(text_block("There are no examples.", Tone::warning));
  if (!rows.drawn.empty()) overview.add(examples_table(rows, examples).to_json());
  Section drawn{.id = "examples", .title = "Examples"};
  drawn.lead =
      format("The {} with the largest absolute sum of attributions of {}{}, strongest first.", rows.drawn.size(), grouped(rows.looked_at),
             rows.looked_at < rows.examples ? format(" that were looked at, spread evenly over all {}", grouped(rows.examples)) : "");
  for (std::size_t i = 0; i < rows.drawn.size(); ++i) drawn.add(example_figure(folder, rows.drawn[i], i + 1, examples, spans));
  page.sections = {overview, drawn, folder_record(folder, "attribute.json")};
  return page;
}

}  // namespace basewise::report::detail
