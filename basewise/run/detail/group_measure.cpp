#include "basewise/run/detail/group_measure.h"

#include <algorithm>

#include "basewise/core/log.h"
#include "basewise/corpus/region_groups.h"
#include "basewise/run/detail/coverage_maker.h"
#include "basewise/run/detail/grouped_numbers.h"

namespace basewise::run::detail {
namespace {

struct GroupMeasure {
  TrackChoice tracks = {};
  corpus::GroupOptions groups = {};
  std::vector<std::string> metrics = {};
  std::int64_t memory = 1024;
};

void describe(Visitor& v, GroupMeasure& o) {
  describe(v, o.tracks);
  describe(v, o.groups);
  v("metrics", o.metrics,
    "names of metrics; empty: pearson, r2, pearson_log and spearman, of labels auroc, average_precision, recall_at_fpr:0.1 and "
    "recall_at_fdr:0.2");
  v("memory", o.memory, "MiB that values and bins of all groups may take", at_least(1));
}

MeasureNumbers measure_groups(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context, const GroupMeasure& o) {
  const BinnedSet binned = binned_set(run, set, context, o.tracks);
  const corpus::RegionGroups regions(o.groups, chromosomes_of(run, set, context));
  for (const std::string& remark : regions.remarks()) log_info("{}", remark);
  std::vector<std::string> metrics = o.metrics;
  if (metrics.empty())
    metrics = binned.labels ? std::vector<std::string>{"auroc", "average_precision", "recall_at_fpr:0.1", "recall_at_fdr:0.2"}
                            : std::vector<std::string>{"pearson", "r2", "pearson_log", "spearman"};
  if (std::any_of(metrics.begin(), metrics.end(), [](const std::string& name) { return name.ends_with("_log"); }))
    warn_of_transform(run, "metrics of log2(x + 1) take it of values that are transformed already");
  evaluate::GroupedOptions options = grouped_options(binned, metrics, o.memory);
  options.groups = regions.names();
  options.contains = [&](std::size_t group, const std::string& chrom, std::int64_t position) {
    return regions.contains(group, chrom, position);
  };
  MeasureNumbers numbers;
  std::vector<std::vector<std::string>> rows;
  for (const results::HeadEvaluation& group : evaluate::evaluate_groups(binned.source, options, binned.batches)) {
    add_metrics(numbers, group.output + ".", metrics, binned.tracks, group);
    for (std::size_t t = 0; t < group.outputs.size(); ++t) {
      std::vector<std::string> row = {group.output, format("{}", t), binned.tracks.names[t],
                                      format("{}", group.outputs[t].counts.examples), field_of(group.outputs[t].counts.positives)};
      append_fields(row, group.outputs[t]);
      rows.push_back(std::move(row));
    }
  }
  std::vector<std::string> columns = {"group", "index", "identifier", "values", "positives"};
  columns.insert(columns.end(), metrics.begin(), metrics.end());
  write_table(context, "groups.tsv", columns, rows);
  return numbers;
}

}  // namespace

MeasureType group_measure() {
  return {.name = "groups",
          .help = "metrics within promoters, genes, what lies between them, and BED files; table groups.tsv",
          .values = {},
          .make = coverage_maker<GroupMeasure>(measure_groups)};
}

}  // namespace basewise::run::detail
