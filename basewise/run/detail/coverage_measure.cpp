#include "basewise/run/detail/coverage_measure.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/evaluate/grouped.h"
#include "basewise/run/detail/binned_set.h"
#include "basewise/run/detail/coverage_maker.h"

namespace basewise::run::detail {
namespace {

struct CoverageMeasure {
  TrackChoice tracks = {};
  bool ranks = true;
  std::int64_t memory = 1024;
};

void describe(Visitor& v, CoverageMeasure& o) {
  describe(v, o.tracks);
  v("ranks", o.ranks, "also Spearman correlation, from fine bins where values do not fit into a quarter of memory");
  v("memory", o.memory, "MiB that values and bins may take", at_least(1));
}

MeasureNumbers measure_coverage(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context,
                                const CoverageMeasure& o) {
  const BinnedSet binned = binned_set(run, set, context, o.tracks);
  warn_of_transform(run, "pearson_log and r2_log take log2(x + 1) of values that are transformed already");
  std::vector<std::string> metrics = {"pearson", "r2", "pearson_log", "r2_log"};
  std::vector<std::string> columns = {"index", "pearsonr", "r2", "pearson_log", "r2_log"};  // as Basenji's acc.txt calls them
  if (o.ranks) metrics.emplace_back("spearman"), columns.emplace_back("spearmanr");
  if (binned.labels) metrics = {"auroc", "average_precision"}, columns = {"index", "auroc", "auprc"};
  evaluate::GroupedOptions options{.exponential = binned.head.exponential, .groups = {"all"}};
  options.head = {.output = binned.head.output, .target = binned.head.target, .metrics = metrics, .names = binned.tracks.names};
  options.settings.memory = o.memory << 20;
  const results::HeadEvaluation found = evaluate::evaluate_groups(binned.source, options, binned.batches).front();
  MeasureNumbers numbers;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    std::vector<metrics::MetricResult> values;
    for (const results::OutputEvaluation& output : found.outputs) values.push_back(output.metrics[m].value);
    add_tracks(numbers, "", metrics[m], binned.tracks, values);
  }
  for (std::size_t t = 0; t < found.outputs.size(); ++t) {
    std::vector<std::string> row = {format("{}", t)};
    for (const results::MetricValue& value : found.outputs[t].metrics) row.push_back(field_of(value.value));
    row.insert(row.end(), {format("{}", found.outputs[t].counts.examples), binned.tracks.names[t], binned.tracks.descriptions[t]});
    rows.push_back(std::move(row));
  }
  columns.insert(columns.end(), {"bins", "identifier", "description"});
  write_table(context, "acc.txt", columns, rows);
  return numbers;
}

}  // namespace

MeasureType coverage_measure() {
  return {.name = "coverage",
          .help = "accuracy of each track over all bins: pearson, r2, both of log2(x + 1), spearman; table acc.txt",
          .values = {},
          .make = coverage_maker<CoverageMeasure>(measure_coverage)};
}

}  // namespace basewise::run::detail
