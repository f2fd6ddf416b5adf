#include "basewise/report/detail/tracks.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/json.h"
#include "basewise/report/binning.h"
#include "basewise/report/detail/spec_tracks.h"

namespace basewise::report::detail {
namespace {

constexpr std::size_t kMostChannels = 8;  // of one locus: more rows cannot be read
constexpr std::int64_t kNarrowest = 40;   // bases that zoom goes down to

/// A stretch as the first run that has it tells, and the predictions of every run that has it too.
struct Locus {
  const Run* first;
  const results::Locus* locus;
  std::vector<std::pair<const Run*, const results::Locus*>> predictions;
};

std::string place_of(const results::Locus& locus) {
  return locus.chromosome.empty() ? format("example {}", locus.example) : locus.chromosome;
}

bool same_place(const results::Locus& a, const results::Locus& b) {
  return place_of(a) == place_of(b) && a.start == b.start && a.end == b.end;
}

std::vector<Locus> loci_of(const Runs& runs) {
  std::vector<Locus> loci;
  for (const Run& run : runs) {
    if (!run.tracks) continue;
    for (const results::Locus& locus : run.tracks->loci) {
      const auto known = std::find_if(loci.begin(), loci.end(), [&](const Locus& l) { return same_place(*l.locus, locus); });
      if (known == loci.end())
        loci.push_back({&run, &locus, {{&run, &locus}}});
      else
        known->predictions.emplace_back(&run, &locus);
    }
  }
  return loci;
}

/// Two channels named for the strands share a row: the reverse strand below the line.
bool stranded(const Run& run) {
  return run.tracks->channels == strand_names();
}

std::vector<float> negative(std::vector<float> values) {
  for (float& v : values) v = -v;
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
  std::int64_t bases_per_value = 1;
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
        const std::int64_t bases = width * bases_per_value;
        coarsest = std::max(coarsest, bases);
        // Of one value, mean and peak are the value itself.
        signals.add(
            {run, row, role, s.strand, start, bases, three_digits(track.mean), width == 1 ? Json::array() : three_digits(track.peak)});
      }
    }
    if (unit && strands.size() > 1) low = -1;
    if (low == high) high = 1;
    rows.add({row, title, short_number(low), short_number(high)});
  }
};

void add_rows(TrackTables& tables, const Run& run, const std::vector<std::vector<float>>& channels, const char* role,
              const std::string& title) {
  const bool unit = run.tracks->predicted == results::TrackValue::probability;
  if (stranded(run)) {
    if (channels.size() != 2) throw DataError(format("tracks: {} has {} channels for two strands", role, channels.size()));
    tables.add_row(run.id, role, title, {{"+", channels[0]}, {"-", negative(channels[1])}}, unit);
    return;
  }
  const auto& names = run.tracks->channels;
  for (std::size_t c = 0; c < std::min(channels.size(), kMostChannels); ++c)
    tables.add_row(run.id, role, format("{}: {}", c < names.size() ? names[c] : std::to_string(c), title), {{"+", channels[c]}}, unit);
}

/// Lowest free lane for each gene; the number of lanes.
int add_genes(DataTable& table, const results::Locus& locus) {
  std::vector<std::int64_t> ends;
  std::vector<results::Gene> genes = locus.genes;
  std::stable_sort(genes.begin(), genes.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  for (const results::Gene& gene : genes) {
    auto lane = std::find_if(ends.begin(), ends.end(), [&](std::int64_t e) { return e <= gene.start; });
    if (lane == ends.end()) lane = ends.insert(ends.end(), 0);
    *lane = gene.end;
    table.add({gene.start, gene.end, gene.strand, gene.name, lane - ends.begin()});
  }
  return static_cast<int>(ends.size());
}

void add_sites(DataTable& table, const Run& run, const results::Locus& locus) {
  if (!run.tracks->binary) return;
  const bool strands = stranded(run);
  for (std::size_t c = 0; c < locus.observed.size(); ++c)
    for (std::size_t i = 0; i < locus.observed[c].size(); ++i) {
      if (locus.observed[c][i] != 1) continue;
      const auto at = locus.start + static_cast<std::int64_t>(i) * locus.bases_per_value;
      table.add({at, at + locus.bases_per_value, strands ? (c == 0 ? "+" : "-") : ".", format("label at {}", grouped(at)), "label"});
    }
}

std::string choice_text(const results::Locus& locus) { return locus.target_sum == 0 ? "without a label" : locus.choice; }

Figure locus_figure(const Locus& locus, std::size_t index) {
  const results::Locus& shown = *locus.locus;
  const std::int64_t start = shown.start, end = shown.end;
  const std::string where = place_of(shown), unit(to_word(locus.first->tracks->predicted));
  TrackTables tables;
  tables.start = start;
  tables.bases_per_value = shown.bases_per_value;
  for (const auto& [run, own] : locus.predictions)
    add_rows(tables, *run, own->predicted, "predicted",
             locus.predictions.size() > 1 ? format("predicted by {} ({})", run->id, unit) : format("predicted ({})", unit));
  add_rows(tables, *locus.first, shown.observed, "observed", "observed");
  DataTable genes("genes", {{.name = "start"}, {.name = "end"}, {.name = "strand"}, {.name = "name"}, {.name = "lane"}});
  DataTable sites("sites", {{.name = "start"}, {.name = "end"}, {.name = "strand"}, {.name = "name"}, {.name = "kind"}});
  const int lanes = add_genes(genes, shown);
  add_sites(sites, *locus.first, shown);
  Figure f;
  f.id = format("locus_{}", index + 1);
  f.title = format("{}:{}-{}", where, grouped(start), grouped(end));
  if (const std::string choice = choice_text(shown); !choice.empty()) f.title += ", " + choice;
  f.caption =
      format("{}Dark bars are means and light bars the values furthest from zero of bins of 1, {} or {} bases, as far as one zooms in{}.",
             stranded(*locus.first) ? "Bars above the line belong to the forward strand, those below it to the reverse strand. " : "",
             kZoomFactor, kZoomFactor * kZoomFactor, lanes > 0 ? "; arrows are genes" : "");
  f.summary = format("{} labels or signal in {} bases.", json_text(short_number(shown.target_sum)), grouped(end - start));
  f.kind = FigureKind::tracks;
  f.size = FigureSize::full;
  f.engine = Engine::vega;
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

std::vector<Figure> locus_tracks(const Runs& runs) {
  std::vector<Figure> figures;
  const auto loci = loci_of(runs);
  for (std::size_t i = 0; i < loci.size(); ++i) figures.push_back(locus_figure(loci[i], i));
  return figures;
}

}  // namespace

Section tracks_section(const Runs& runs) {
  Section section{.id = "tracks", .title = "Along the sequence"};
  for (const Figure& figure : locus_tracks(runs)) section.add(figure);
  if (section.blocks.empty()) return section;
  const Run& run = *std::find_if(runs.begin(), runs.end(), [](const Run& r) { return r.tracks.has_value(); });
  section.lead = format(
      "Loci of the {}, chosen by how much was observed there and not by how well it was predicted: the densest, those at a quarter and in "
      "the middle of the ranking, and the sparsest; the first one among equals. Positions count from 0, and the end of a stretch is not "
      "part of it.",
      set_name(run.split));
  return section;
}

}  // namespace basewise::report::detail
