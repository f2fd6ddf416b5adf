// Predicted and observed along chosen loci.
#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/report/binning.h"
#include "basewise/report/detail/sections.h"
#include "basewise/report/detail/spec.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostChannels = 8;  // of one locus: more rows cannot be read
constexpr std::int64_t kNarrowest = 40;   // bases that zoom goes down to

/// A stretch as the first run that has it tells, and the predictions of every run that has it too.
struct Locus {
  const Run* first;
  const Json* json;
  std::vector<std::pair<const Run*, const Json*>> predictions;
};

std::string place_of(const Json& locus) {
  const std::string chromosome = text_of(locus, "chromosome");
  return chromosome.empty() ? format("example {}", locus.value("example", std::int64_t{0})) : chromosome;
}

// A place of a chromosome. Errors: DataError for what no chromosome has, as damaged files do.
std::int64_t place(const Json& object, const char* key) {
  constexpr double kFarthest = 1LL << 40;
  const double value = object.at(key).get<double>();
  if (!(value >= 0 && value <= kFarthest)) throw DataError(format("tracks: '{}' is {}, which is no position of a chromosome", key, value));
  return static_cast<std::int64_t>(value);
}

bool same_place(const Json& a, const Json& b) {
  return place_of(a) == place_of(b) && a.at("start") == b.at("start") && a.at("end") == b.at("end");
}

std::vector<Locus> loci_of(const Runs& runs) {
  std::vector<Locus> loci;
  for (const Run& run : runs)
    for (const Json& json : member(run.tracks, "loci")) {
      const auto known = std::find_if(loci.begin(), loci.end(), [&](const Locus& l) { return same_place(*l.json, json); });
      if (known == loci.end())
        loci.push_back({&run, &json, {{&run, &json}}});
      else
        known->predictions.emplace_back(&run, &json);
    }
  return loci;
}

/// Two channels named for the strands share a row: the reverse strand below the line.
bool stranded(const Run& run) {
  const Json& channels = member(run.tracks, "channels");
  return channels.size() == 2 && channels.at(0) == "forward" && channels.at(1) == "reverse";
}

std::vector<float> values_of(const Json& array, bool negative) {
  std::vector<float> values;
  for (const Json& v : array)
    values.push_back(v.is_number() ? v.get<float>() * (negative ? -1.0F : 1.0F) : std::numeric_limits<float>::quiet_NaN());
  return values;
}

Json three_digits(const std::vector<float>& values) {
  Json json = Json::array();
  for (const float v : values)
    json.push_back(!std::isfinite(v)                          ? Json(nullptr)
                   : v == std::trunc(v) && std::abs(v) < 1e6F ? Json(static_cast<std::int64_t>(v))
                                                              : Json(std::stod(format("{:.3g}", v))));
  return json;
}

/// The tables of a locus while they grow.
struct TrackTables {
  DataTable rows{"rows", {{.name = "row"}, {.name = "title"}, {.name = "low"}, {.name = "high"}}};
  DataTable signals{"signals",
                    {run_field(),
                     {.name = "row"},
                     {.name = "role"},
                     {.name = "strand"},
                     {.name = "start"},
                     {.name = "bin"},
                     {.name = "mean"},
                     {.name = "high"}}};
  std::int64_t start = 0;
  std::int64_t coarsest = 1;

  struct Signal {
    std::string strand;
    std::vector<float> values;
  };

  void add_row(const std::string& run, const std::string& role, const std::string& title, const std::vector<Signal>& strands, bool unit) {
    const auto row = rows.rows();
    float low = 0, high = unit ? 1 : 0;
    for (const Signal& s : strands) {
      for (const float v : s.values) low = std::min(low, v), high = std::max(high, v);
      for (const std::int64_t width : zoom_widths(static_cast<std::int64_t>(s.values.size()))) {
        const BinnedTrack track = bin_track(s.values, width);
        coarsest = std::max(coarsest, width);
        // At one base, mean and peak are the value itself.
        signals.add(
            {run, row, role, s.strand, start, width, three_digits(track.mean), width == 1 ? Json::array() : three_digits(track.peak)});
      }
    }
    if (unit && strands.size() > 1) low = -1;
    if (low == high) high = 1;
    rows.add({row, title, short_number(low), short_number(high)});
  }
};

void add_rows(TrackTables& tables, const Run& run, const Json& locus, const char* role, const std::string& title) {
  const Json& channels = locus.at(role);
  const bool unit = text_of(run.tracks, "predicted") == "probability";
  if (stranded(run)) {
    tables.add_row(run.id, role, title, {{"+", values_of(channels.at(0), false)}, {"-", values_of(channels.at(1), true)}}, unit);
    return;
  }
  const Json& names = member(run.tracks, "channels");
  for (std::size_t c = 0; c < std::min(channels.size(), kMostChannels); ++c)
    tables.add_row(
        run.id, role,
        format("{}: {}", names.size() > c && names.at(c).is_string() ? names.at(c).get<std::string>() : std::to_string(c), title),
        {{"+", values_of(channels.at(c), false)}}, unit);
}

/// Lowest free lane for each gene; the number of lanes.
int add_genes(DataTable& table, const Json& locus) {
  std::vector<std::int64_t> ends;
  std::vector<const Json*> genes;
  for (const Json& gene : member(locus, "genes")) genes.push_back(&gene);
  std::stable_sort(genes.begin(), genes.end(), [](const Json* a, const Json* b) { return a->at("start") < b->at("start"); });
  for (const Json* gene : genes) {
    const std::int64_t start = place(*gene, "start"), end = place(*gene, "end");
    auto lane = std::find_if(ends.begin(), ends.end(), [&](std::int64_t e) { return e <= start; });
    if (lane == ends.end()) lane = ends.insert(ends.end(), 0);
    *lane = end;
    table.add({start, end, text_of(*gene, "strand"), text_of(*gene, "name"), lane - ends.begin()});
  }
  return static_cast<int>(ends.size());
}

void add_sites(DataTable& table, const Run& run, const Json& locus) {
  if (!member(run.tracks, "binary").is_boolean() || !run.tracks.at("binary").get<bool>()) return;
  const bool strands = stranded(run);
  const Json& observed = locus.at("observed");
  const std::int64_t start = place(locus, "start");
  for (std::size_t c = 0; c < observed.size(); ++c)
    for (std::size_t i = 0; i < observed.at(c).size(); ++i) {
      if (observed.at(c).at(i) != 1) continue;
      const auto at = start + static_cast<std::int64_t>(i);
      table.add({at, at + 1, strands ? (c == 0 ? "+" : "-") : ".", format("label at {}", grouped(at)), "label"});
    }
}

std::string choice_text(const Json& locus) {
  const std::string choice = text_of(locus, "choice");
  const double sum = number_of(locus, "target_sum");
  return sum == 0 ? "without a label" : choice.empty() ? "" : choice;
}

Figure locus_figure(const Locus& locus, std::size_t index) {
  const Json& json = *locus.json;
  const std::int64_t start = place(json, "start"), end = place(json, "end");
  const std::string where = place_of(json), unit = text_of(locus.first->tracks, "predicted", "value");
  TrackTables tables;
  tables.start = start;
  for (const auto& [run, own] : locus.predictions)
    add_rows(tables, *run, *own, "predicted",
             locus.predictions.size() > 1 ? format("predicted by {} ({})", run->id, unit) : format("predicted ({})", unit));
  add_rows(tables, *locus.first, json, "observed", "observed");
  DataTable genes("genes", {{.name = "start"}, {.name = "end"}, {.name = "strand"}, {.name = "name"}, {.name = "lane"}});
  DataTable sites("sites", {{.name = "start"}, {.name = "end"}, {.name = "strand"}, {.name = "name"}, {.name = "kind"}});
  const int lanes = add_genes(genes, json);
  add_sites(sites, *locus.first, json);
  Figure f;
  f.id = format("locus_{}", index + 1);
  f.title = format("{}:{}-{}", where, grouped(start), grouped(end));
  if (const std::string choice = choice_text(json); !choice.empty()) f.title += ", " + choice;
  f.caption =
      format("{}Dark bars are means and light bars the values furthest from zero of bins of 1, {} or {} bases, as far as one zooms in{}.",
             stranded(*locus.first) ? "Bars above the line belong to the forward strand, those below it to the reverse strand. " : "",
             kZoomFactor, kZoomFactor * kZoomFactor, lanes > 0 ? "; arrows are genes" : "");
  f.summary = format("{} labels or signal in {} bases.", short_number(number_of(json, "target_sum")).dump(), grouped(end - start));
  f.kind = "tracks";
  f.size = "full";
  f.vega = true;
  const std::vector<std::string> kinds = sites.rows() > 0 ? std::vector<std::string>{"label"} : std::vector<std::string>{};
  f.spec = tracks_spec({.start = start,
                        .end = end,
                        .x_title = format("position on {} (bp)", where),
                        .rows = static_cast<int>(tables.rows.rows()),
                        .lanes = lanes,
                        .roles = {"predicted", "observed"},
                        .kinds = kinds,
                        .coarsest = tables.coarsest});
  f.zoom = {{"signal", "view"}, {"extent", {start, end}}, {"smallest", kNarrowest}, {"prefix", where}, {"unit", "bp"}};
  f.data = {tables.rows, tables.signals, genes, sites};
  return f;
}

}  // namespace

std::vector<Figure> locus_tracks(const Runs& runs) {
  std::vector<Figure> figures;
  const auto loci = loci_of(runs);
  for (std::size_t i = 0; i < loci.size(); ++i) figures.push_back(locus_figure(loci[i], i));
  return figures;
}

Section tracks_section(const Runs& runs) {
  Section section{.id = "tracks", .title = "Along the sequence"};
  for (const Figure& figure : locus_tracks(runs)) section.add(figure);
  if (section.blocks.empty()) return section;
  const Run& run = *std::find_if(runs.begin(), runs.end(), [](const Run& r) { return !r.tracks.is_null(); });
  section.lead = format(
      "Loci of the {}, chosen by how much was observed there and not by how well it was predicted: the densest, those at a quarter and in "
      "the middle of the ranking, and the sparsest; the first one among equals. Positions count from 0, and the end of a stretch is not "
      "part of it.",
      set_name(run.split));
  return section;
}

}  // namespace basewise::report::detail
