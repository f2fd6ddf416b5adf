#include "basewise/prepare/methylation_stats.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/outputs.h"
#include "basewise/core/parallel.h"
#include "basewise/core/progress.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/number_field.h"
#include "basewise/io/tsv.h"
#include "basewise/methylation/annotation.h"

namespace basewise::prepare {
namespace {

using methylation::Annotation;
using methylation::SiteList;

constexpr int kDigits = 6;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

void check_together(const MethylationStatsOptions& o) {
  MethylationStatsOptions copy = o;
  check(described(copy), "methylation stats");
  if (o.neighbours % 2 != 0)
    throw ArgumentError(format("neighbours is {}; half of them lie on each side, so that the number is even", o.neighbours));
  if (!o.bulk.empty() && !o.baselines) throw ArgumentError("bulk is a baseline; ask for baselines as well");
  std::vector<GivenPath> inputs = {{"genome", o.inputs.genome}, {"bulk", o.bulk}};
  for (const auto& file : o.inputs.calls) inputs.push_back({"calls", file});
  for (const auto& file : o.annotations) inputs.push_back({"annotations", file});
  require_apart(inputs, {{"out", o.out}});
}

/// Everything that the rows of a cell are made from.
struct Tables {
  const MethylationData& data;
  const SiteList& sites;
  const std::vector<Annotation>& annotations;
  std::optional<methylation::CellTable> bulk = {};
  std::vector<std::int64_t> inside = {};  // sites of any cell, by annotation
};

/// The measured sites of one cell: their numbers, shares and scores.
struct CellSites {
  std::vector<std::int64_t> rows = {};
  std::vector<float> shares = {};
  std::vector<std::pair<MethylationBaseline, std::vector<float>>> scores = {};
};

CellSites sites_of(const Tables& tables, std::size_t cell) {
  CellSites found;
  for (std::int64_t row = 0; row < tables.sites.size(); ++row) {
    const methylation::Site site = tables.sites[row];
    const float share = tables.data.table.at(cell, site.chrom).share_at(site.position);
    if (std::isnan(share)) continue;
    found.rows.push_back(row);
    found.shares.push_back(share);
  }
  return found;
}

void add_scores(CellSites& found, const Tables& tables, std::size_t cell, std::int64_t neighbours) {
  const methylation::Neighbours around(tables.data.table, tables.sites, neighbours / 2);
  for (const auto baseline : {MethylationBaseline::nearest, MethylationBaseline::mean, MethylationBaseline::weighted})
    found.scores.emplace_back(baseline, neighbour_scores(baseline, around, cell, found.rows));
  if (tables.bulk) found.scores.emplace_back(MethylationBaseline::bulk, bulk_scores(*tables.bulk, tables.sites, found.rows));
}

/// Sites of a cell that an annotation (null: none) holds, as one row.
MethylationRow row_of(const CellSites& all, const Tables& tables, const Annotation* annotation) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < all.rows.size(); ++i)
    if (!annotation || annotation->contains(tables.sites[all.rows[i]])) kept.push_back(i);
  const auto chosen = [&](const std::vector<float>& values) {
    std::vector<float> some;
    some.reserve(kept.size());
    for (const std::size_t i : kept) some.push_back(values[i]);
    return some;
  };
  const std::vector<float> shares = chosen(all.shares);
  MethylationRow row = {.annotation = annotation ? annotation->name() : "", .sites = std::ssize(shares), .reads_per_site = kNothing};
  double sum = 0, squares = 0;
  for (const float share : shares) sum += double{share};
  row.mean = shares.empty() ? kNothing : sum / static_cast<double>(row.sites);
  for (const float share : shares) squares += (double{share} - row.mean) * (double{share} - row.mean);
  row.variance = shares.empty() ? kNothing : squares / static_cast<double>(row.sites);
  for (const auto& [baseline, scores] : all.scores) row.baselines.push_back({baseline, baseline_auc(chosen(scores), shares)});
  return row;
}

std::vector<MethylationRow> rows_of(const Tables& tables, std::size_t cell, const MethylationStatsOptions& o) {
  CellSites found = sites_of(tables, cell);
  if (o.baselines) add_scores(found, tables, cell, o.neighbours);
  std::vector<MethylationRow> rows = {row_of(found, tables, nullptr)};
  rows.front().all = tables.sites.size();
  if (const std::int64_t reads = tables.data.table.reads(cell); reads > 0 && rows.front().sites > 0)
    rows.front().reads_per_site = static_cast<double>(reads) / static_cast<double>(rows.front().sites);
  for (std::size_t i = 0; i < tables.annotations.size(); ++i) {
    rows.push_back(row_of(found, tables, &tables.annotations[i]));
    rows.back().all = tables.inside[i];
  }
  for (MethylationRow& row : rows) row.cell = tables.data.table.cells()[cell];
  return rows;
}

void count_inside(Tables& tables) {
  tables.inside.assign(tables.annotations.size(), 0);
  for (std::int64_t row = 0; row < tables.sites.size(); ++row) {
    const methylation::Site site = tables.sites[row];
    for (std::size_t i = 0; i < tables.annotations.size(); ++i) tables.inside[i] += tables.annotations[i].contains(site) ? 1 : 0;
  }
}

void write_table(const std::filesystem::path& path, const std::vector<MethylationRow>& rows) {
  std::vector<std::string> columns = {"cell", "annotation", "sites", "observed", "mean", "variance", "reads_per_site"};
  for (const BaselineOf& b : rows.front().baselines) {
    columns.push_back(format("{}_sites", b.baseline));
    columns.push_back(format("{}_auc", b.baseline));
  }
  io::TsvWriter table(path, columns);
  for (const MethylationRow& row : rows) {
    const auto number = [](double value) { return io::number_field(value, kDigits); };
    std::vector<std::string> fields = {row.cell, row.annotation, format("{}", row.sites)};
    fields.push_back(number(row.all > 0 ? static_cast<double>(row.sites) / static_cast<double>(row.all) : kNothing));
    for (const double value : {row.mean, row.variance, row.reads_per_site}) fields.push_back(number(value));
    for (const BaselineOf& b : row.baselines) {
      fields.push_back(format("{}", b.result.sites));
      fields.push_back(number(b.result.auc.value));
    }
    table.add(fields);
  }
  table.close();
}

void fill_rows(Tables& tables, const MethylationStatsOptions& o, MethylationStatsResult& result) {
  count_inside(tables);
  const auto cells = std::ssize(tables.data.table.cells());
  std::vector<std::vector<MethylationRow>> rows(static_cast<std::size_t>(cells));
  Progress progress("cells", cells, "cells");
  parallel_for(cells, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t cell = begin; cell < end; ++cell, progress.advance())
      rows[static_cast<std::size_t>(cell)] = rows_of(tables, static_cast<std::size_t>(cell), o);
  });
  for (auto& of_cell : rows) result.rows.insert(result.rows.end(), of_cell.begin(), of_cell.end());
}

MethylationStatsOptions with_registered_files(MethylationStatsOptions o) {
  for (auto& file : o.annotations) file = corpus::resolve_path(file.string());
  return o;
}

}  // namespace

void describe(Visitor& v, MethylationStatsOptions& o) {
  describe(v, o.inputs);
  v("annotations", o.annotations, "BED files: the sites in their regions get rows of their own");
  v("baselines", o.baselines, "AUC of guesses from the neighbours of a site in its own cell");
  v("bulk", o.bulk, "calls of a bulk sample: its share at a site is a further baseline");
  v("neighbours", o.neighbours, "measured sites around a site that baselines use, half of them on each side", between(2, 20'000));
  v("out", o.out, "table to write, TSV");
}

MethylationStatsResult methylation_stats(const MethylationStatsOptions& given) {
  const auto start = std::chrono::steady_clock::now();
  check_together(given);
  const MethylationStatsOptions options = with_registered_files(given);
  const MethylationData data = read_methylation(options.inputs);
  const SiteList sites = measured_sites(data.table);
  const auto annotations = methylation::read_annotations(options.annotations, data.table.chromosomes());
  Tables tables = {data, sites, annotations};
  std::vector<std::string> notes = data.notes;
  for (const Annotation& annotation : annotations)
    if (annotation.left_out() > 0)
      notes.push_back(format("{}: {} regions lie on other chromosomes", annotation.name(), annotation.left_out()));
  if (!options.bulk.empty()) tables.bulk = read_beside(options.bulk, options.inputs, data);
  MethylationStatsResult result = {.cells = data.cells,
                                   .sites = sites.size(),
                                   .in_two = measured_sites(data.table, {.least_cells = 2}).size(),
                                   .chromosomes = std::ssize(data.table.chromosomes()),
                                   .bytes = data.table.bytes(),
                                   .notes = std::move(notes)};
  fill_rows(tables, options, result);
  if (!options.out.empty()) write_table(options.out, result.rows);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace basewise::prepare
