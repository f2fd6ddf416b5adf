#include "basewise/run/detail/coverage_measure.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/run/detail/coverage_maker.h"
#include "basewise/run/detail/grouped_numbers.h"

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
  evaluate::GroupedOptions options = grouped_options(binned, metrics, o.memory);
  options.groups = {"all"};
  const results::HeadEvaluation found = evaluate::evaluate_groups(binned.source, options, binned.batches).front();
  MeasureNumbers numbers;
  std::vector<std::vector<std::string>> rows;
  add_metrics(numbers, "", metrics, binned.tracks, found);
  for (std::size_t t = 0; t < found.outputs.size(); ++t) {
    std::vector<std::string> row = {format("{}", t)};
    append_fields(row, found.outputs[t]);
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
