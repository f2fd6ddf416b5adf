#include "basewise/run/detail/gene_tables.h"

#include "basewise/core/log.h"
#include "basewise/io/tsv.h"

namespace basewise::run::detail {
namespace {

using metrics::MetricResult;
using Rows = std::vector<std::vector<std::string>>;

std::vector<MetricResult> of_tracks(const metrics::GeneComparison& found, MetricResult metrics::TrackOverGenes::* which) {
  std::vector<MetricResult> values;
  for (const metrics::TrackOverGenes& track : found.tracks) values.push_back(track.*which);
  return values;
}

void write_tracks(const MeasureContext& context, const GeneReport& report) {
  Rows rows;
  for (std::size_t t = 0; t < report.found.tracks.size(); ++t) {
    const metrics::TrackOverGenes& track = report.found.tracks[t];
    rows.push_back({format("{}", t), field_of(track.pearson), field_of(track.spearman), field_of(track.pearson_nonzero),
                    field_of(track.spearman_nonzero), format("{}", report.raw.genes.size()), format("{}", track.nonzero),
                    field_of(track.pearson_normalised), field_of(track.pearson_specific), field_of(report.within[t]),
                    report.tracks.names[t], report.tracks.descriptions[t]});
  }
  write_table(context, "gene_cors.txt",
              {"index", "pearsonr", "spearmanr", "pearsonr_nonzero", "spearmanr_nonzero", "genes", "nonzero", "pearsonr_normalised",
               "pearsonr_specific", "pearsonr_within", "identifier", "description"},
              rows);
}

/// Genes by tracks, row by row: as text the whole table would take many times its numbers.
void write_values(const MeasureContext& context, const char* name, const GeneReport& report, const metrics::ValueTable& table) {
  std::vector<std::string> row = {"gene"};
  row.insert(row.end(), report.tracks.names.begin(), report.tracks.names.end());
  io::TsvWriter writer(context.tables / name, row);
  for (std::size_t i = 0; i < report.raw.genes.size(); ++i) {
    row.assign({report.genes[report.raw.genes[i]].name});
    for (const float value : table.row(i)) row.push_back(field_of(static_cast<double>(value)));
    writer.add(row);
  }
  writer.close();
}

void write_genes(const MeasureContext& context, const GeneReport& report) {
  Rows rows;
  for (std::size_t i = 0; i < report.raw.genes.size(); ++i) {
    const corpus::Gene& gene = report.genes[report.raw.genes[i]];
    rows.push_back({gene.name, report.sizes[gene.chrom].name, format("{}", gene.pieces.front().first),
                    format("{}", gene.pieces.back().second), std::string(1, seq::to_char(gene.strand)), field_of(report.found.variances[i]),
                    field_of(report.found.genes[i])});
  }
  write_table(context, "genes.tsv", {"gene", "chromosome", "start", "end", "strand", "variance", "pearsonr_across_tracks"}, rows);
  write_values(context, "gene_predictions.tsv", report, report.raw.predicted);
  write_values(context, "gene_measurements.tsv", report, report.raw.measured);
}

void write_quarters(const MeasureContext& context, const GeneReport& report) {
  Rows rows;
  for (std::size_t q = 0; q < report.found.quarters.size(); ++q) {
    const metrics::VarianceQuarter& quarter = report.found.quarters[q];
    rows.push_back({format("{}", q + 1), field_of(quarter.lowest), field_of(quarter.highest), format("{}", quarter.genes),
                    field_of(quarter.across_tracks), field_of(quarter.specific)});
  }
  write_table(context, "variance_quarters.tsv",
              {"quarter", "lowest_variance", "highest_variance", "genes", "pearsonr_across_tracks", "pearsonr_specific"}, rows);
}

void write_alternatives(const MeasureContext& context, const GeneReport& report) {
  if (!report.alternatives) return;
  Rows rows;
  for (const metrics::AlternativePair& pair : report.alternatives->pairs) {
    const metrics::GeneStart &first = report.starts[pair.first], &second = report.starts[pair.second];
    const corpus::Gene& gene = report.genes[first.gene];
    rows.push_back({gene.name, report.sizes[gene.chrom].name, format("{}", first.position), format("{}", second.position),
                    field_of(pair.pearson)});
  }
  write_table(context, "alternative_starts.tsv", {"gene", "chromosome", "first", "second", "pearsonr"}, rows);
}

}  // namespace

MeasureNumbers numbers_of(const GeneReport& report) {
  MeasureNumbers numbers = {{"genes", static_cast<double>(report.raw.genes.size())}};
  const metrics::GeneComparison& found = report.found;
  using Track = metrics::TrackOverGenes;
  const auto add = [&](const char* prefix, const char* metric, MetricResult Track::* which) {
    add_tracks(numbers, prefix, metric, report.tracks, of_tracks(found, which));
  };
  add("", "pearson", &Track::pearson);
  add("", "spearman", &Track::spearman);
  add("nonzero.", "pearson", &Track::pearson_nonzero);
  add("nonzero.", "spearman", &Track::spearman_nonzero);
  if (!report.raw.within.empty()) add_tracks(numbers, "within.", "pearson", report.tracks, report.within);
  if (found.tracks.size() < 2) return numbers;
  add("normalised.", "pearson", &Track::pearson_normalised);
  add("specific.", "pearson", &Track::pearson_specific);
  const metrics::DefinedSummary across = metrics::summary_of_defined(found.genes);
  numbers.emplace_back("across.pearson", across.mean.value);
  numbers.emplace_back("across.median.pearson", across.median.value);
  if (across.defined < std::ssize(found.genes))
    log_warning("the correlation across tracks is not defined for {} of {} genes, which are in no mean of it",
                std::ssize(found.genes) - across.defined, found.genes.size());
  for (std::size_t q = 0; q < found.quarters.size(); ++q) {
    numbers.emplace_back(format("quarter{}.across.pearson", q + 1), found.quarters[q].across_tracks.value);
    numbers.emplace_back(format("quarter{}.specific.pearson", q + 1), found.quarters[q].specific.value);
  }
  if (!report.alternatives) return numbers;
  numbers.emplace_back("alternative.genes", static_cast<double>(report.alternatives->pairs.size()));
  numbers.emplace_back("alternative.pearson", report.alternatives->mean.value);
  numbers.emplace_back("alternative.median.pearson", report.alternatives->median.value);
  numbers.emplace_back("alternative.pooled.pearson", report.alternatives->pooled.value);
  return numbers;
}

void write_gene_tables(const MeasureContext& context, const GeneReport& report) {
  if (context.tables.empty()) return;
  write_tracks(context, report);
  write_genes(context, report);
  write_quarters(context, report);
  write_alternatives(context, report);
}

}  // namespace basewise::run::detail
