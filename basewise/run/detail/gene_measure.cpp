#include "basewise/run/detail/gene_measure.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/corpus/genes.h"
#include "basewise/evaluate/gene_values.h"
#include "basewise/metrics/gene_comparison.h"
#include "basewise/run/detail/binned_set.h"
#include "basewise/run/detail/coverage_maker.h"
#include "basewise/run/detail/gene_tables.h"

namespace basewise::run::detail {
namespace {

struct GeneMeasure {
  TrackChoice tracks = {};
  corpus::GeneOptions genes = {};
  evaluate::GeneStatistic statistic = evaluate::GeneStatistic::sum;
  metrics::QuantileStatistic normalise = metrics::QuantileStatistic::mean;
  bool stranded = true;
  double pseudo_quantile = 0;
  bool within = false;
  metrics::AlternativeOptions starts = {};
};

void describe(Visitor& v, GeneMeasure& o) {
  describe(v, o.tracks);
  v("genes", o.genes.file, "BED, GTF or GFF3 file with genes");
  v("part", o.genes.part, "which bases stand for a gene");
  v.when("part", o.genes.part, {corpus::GenePart::tss},
         [&] { v("around", o.genes.around, "further bases on each side of a start", non_negative()); });
  v("types", o.genes.types, "types of features of an annotation; empty: the usual ones");
  v("statistic", o.statistic, "what the bins of a gene become");
  v("normalise", o.normalise, "what quantile normalisation across tracks takes for the values of one rank");
  v("stranded", o.stranded, "tracks in pairs of strands become one: that of the gene's own strand");
  v("pseudo_quantile", o.pseudo_quantile,
    "before logarithms each track gets this quantile of its values above 0 added, of predictions and measurements by themselves; 0: none",
    fraction());
  v("within", o.within, "also the correlation over the bins of each gene");
  v("variance", o.starts.variance, "starts of a gene are compared where log values vary more across tracks", non_negative());
  v("distance", o.starts.distance, "and where they are more than so many bases apart", non_negative());
}

/// Two strands of a track have one name.
TrackFacts columns_of(const TrackFacts& tracks, bool stranded) {
  if (!stranded || tracks.pairs.empty()) return tracks;
  TrackFacts columns;
  for (std::size_t t = 0; t < tracks.names.size(); ++t) {
    const auto forward = std::find_if(tracks.pairs.begin(), tracks.pairs.end(), [&](const auto& pair) { return pair.first == t; });
    if (std::any_of(tracks.pairs.begin(), tracks.pairs.end(), [&](const auto& pair) { return pair.second == t; })) continue;
    columns.names.push_back(forward == tracks.pairs.end() ? tracks.names[t]
                                                          : format("{}/{}", tracks.names[t], tracks.names[forward->second]));
    columns.descriptions.push_back(tracks.descriptions[t]);
  }
  return columns;
}

/// Starts of genes as genes of their own, and which gene each belongs to.
std::vector<corpus::Gene> starts_of(const GeneMeasure& o, const std::vector<corpus::Gene>& genes, std::vector<metrics::GeneStart>& of) {
  std::vector<corpus::Gene> starts;
  for (std::size_t g = 0; g < genes.size(); ++g) {
    if (genes[g].starts.size() < 2) continue;
    for (const std::int64_t start : genes[g].starts) {
      of.push_back({g, start});
      starts.push_back(genes[g]);
      starts.back().starts = {start};
      starts.back().pieces = {{std::max<std::int64_t>(0, start - o.genes.around), start + o.genes.around + 1}};
    }
  }
  return starts;
}

/// The quantile (linear between values) of what is above 0 in each column is added to it.
void add_pseudo_counts(metrics::ValueTable& table, double quantile) {
  for (std::size_t c = 0; c < table.columns && quantile > 0; ++c) {
    std::vector<float> values = table.column(c);
    std::erase_if(values, [](float x) { return !(x > 0); });
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    const double place = quantile * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const float above = values[std::min(below + 1, values.size() - 1)];
    const auto more = static_cast<float>(values[below] + (above - values[below]) * (place - static_cast<double>(below)));
    for (std::size_t r = 0; r < table.rows; ++r) table.at(r, c) += more;
  }
}

/// log2(x + 1); what predictions below 0 are taken for is told.
void take_logs(evaluate::GeneTables& tables, const GeneMeasure& o) {
  for (auto [table, what] : {std::pair(&tables.predicted, "predicted"), std::pair(&tables.measured, "measured")}) {
    add_pseudo_counts(*table, o.pseudo_quantile);
    if (const std::int64_t negative = metrics::log2_plus_one(*table); negative > 0)
      log_warning("{} {} values of genes are negative and count as 0 before log2(x + 1)", negative, what);
  }
}

void tell_left_out(const evaluate::GeneTables& tables, std::size_t genes) {
  log_info("{} of {} genes are in the set with all of their bins; {} lie outside, {} in part, {} have bins that a track does not measure",
           tables.genes.size(), genes, tables.outside, tables.partial, tables.unmeasured);
  if (tables.genes.empty())
    throw ArgumentError("no gene lies in the set with all of its bins: name other genes or another set, or start with part=tss");
}

/// By track, the mean over genes of the correlation over their bins.
std::vector<metrics::MetricResult> within_genes(const evaluate::GeneTables& tables, std::size_t tracks) {
  std::vector<metrics::MetricResult> means;
  for (std::size_t t = 0; t < tracks; ++t) {
    std::vector<metrics::MetricResult> genes;
    for (const std::vector<metrics::MetricResult>& gene : tables.within) genes.push_back(gene[t]);
    means.push_back(metrics::mean_defined(genes));
  }
  return means;
}

void add_alternatives(GeneReport& report, const evaluate::GeneValues& values, const std::vector<metrics::GeneStart>& starts,
                      const GeneMeasure& o, const std::vector<std::pair<std::size_t, std::size_t>>& pairs) {
  evaluate::GeneTables tables = values.finish(o.statistic, pairs);
  take_logs(tables, o);
  for (const std::size_t i : tables.genes) report.starts.push_back(starts[i]);
  report.alternatives = metrics::compare_starts(tables.predicted, tables.measured, report.starts, o.starts);
}

MeasureNumbers measure_genes(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context, const GeneMeasure& o) {
  if (o.genes.file.empty()) throw ArgumentError("genes: name a file with genes: BED, GTF or GFF3 (--option genes=genes.gtf)");
  const BinnedSet binned = binned_set(run, set, context, o.tracks);
  warn_of_transform(run, "what becomes of the bins of a gene is of transformed values, and log2(x + 1) is taken of it");
  const seq::ChromSizes sizes = chromosomes_of(run, set, context);
  const corpus::GeneTable genes = corpus::read_genes(o.genes, sizes);
  for (const std::string& remark : genes.remarks) log_info("{}", remark);
  std::vector<metrics::GeneStart> starts;
  const std::vector<corpus::Gene> first_bases =
      o.genes.part == corpus::GenePart::tss ? starts_of(o, genes.genes, starts) : std::vector<corpus::Gene>{};
  evaluate::GeneValues values(genes.genes, sizes, o.within), values_of_starts(first_bases, sizes);
  evaluate::each_binned(binned.source, binned.head, binned.batches, [&](const evaluate::BinnedExample& example) {
    values.add(example);
    values_of_starts.add(example);
  });
  const auto pairs = o.stranded ? binned.tracks.pairs : std::vector<std::pair<std::size_t, std::size_t>>{};
  evaluate::GeneTables tables = values.finish(o.statistic, pairs);
  tell_left_out(tables, genes.genes.size());
  GeneReport report{.genes = genes.genes, .sizes = sizes, .tracks = columns_of(binned.tracks, o.stranded), .raw = tables};
  report.within = within_genes(tables, report.tracks.names.size());
  take_logs(tables, o);
  report.found = metrics::compare_genes(tables.predicted, tables.measured, o.normalise);
  if (!starts.empty()) add_alternatives(report, values_of_starts, starts, o, pairs);
  write_gene_tables(context, report);
  return numbers_of(report);
}

}  // namespace

MeasureType gene_measure() {
  return {.name = "genes",
          .help = "genes by tracks, where genes begin or along them: pearson and spearman of log2(x + 1) over genes, across tracks, of "
                  "variable genes, of alternative starts; tables gene_cors.txt and others",
          .values = {{"genes", true}},
          .make = coverage_maker<GeneMeasure>(measure_genes)};
}

}  // namespace basewise::run::detail
