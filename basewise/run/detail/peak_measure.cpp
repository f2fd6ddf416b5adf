#include "basewise/run/detail/peak_measure.h"

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/evaluate/bin_table.h"
#include "basewise/metrics/peaks.h"
#include "basewise/metrics/ranking.h"
#include "basewise/run/detail/binned_set.h"
#include "basewise/run/detail/coverage_maker.h"

namespace basewise::run::detail {
namespace {

struct PeakMeasure {
  TrackChoice tracks = {};
  std::int64_t step = 8;
  metrics::PeakOptions peaks = {};
  std::int64_t memory = 1024;
};

void describe(Visitor& v, PeakMeasure& o) {
  describe(v, o.tracks);
  v("step", o.step, "every so many bins of an example", counted(1));
  v("fdr", o.peaks.fdr, "peaks have a q-value below it", fraction());
  v("rule", o.peaks.rule, "how p-values become q-values");
  v("memory", o.memory, "MiB that bins may take", at_least(1));
}

MeasureNumbers measure_peaks(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context, const PeakMeasure& o) {
  const BinnedSet binned = binned_set(run, set, context, o.tracks);
  warn_of_transform(run, "the Poisson tail is that of transformed values");
  const evaluate::BinTable bins =
      evaluate::read_bins(binned.source, binned.head, binned.batches, {.step = o.step, .memory = o.memory});
  std::vector<metrics::MetricResult> auroc, precision, share;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t t = 0; t < bins.measured.columns; ++t) {
    std::vector<float> predicted, measured;
    for (std::size_t b = 0; b < bins.measured.rows; ++b) {
      if (std::isnan(bins.measured.at(b, t))) continue;
      predicted.push_back(bins.predicted.at(b, t));
      measured.push_back(bins.measured.at(b, t));
    }
    const metrics::Peaks peaks =
        with_context(format("track '{}'", binned.tracks.names[t]), [&] { return metrics::call_peaks(measured, o.peaks); });
    const metrics::Ranking ranking(predicted, peaks.labels);
    auroc.push_back(ranking.auroc());
    // Without other bins every ranking is right: that says nothing.
    precision.push_back(auroc.back().defined() ? ranking.average_precision() : auroc.back());
    share.push_back(metrics::MetricResult::of(static_cast<double>(peaks.count) / static_cast<double>(measured.size())));
    rows.push_back({format("{}", t), format("{}", peaks.count), field_of(auroc.back()), field_of(precision.back()),
                    format("{}", measured.size()), field_of(peaks.mean), binned.tracks.names[t]});
  }
  write_table(context, "peaks.txt", {"index", "count", "auroc", "auprc", "bins", "mean", "identifier"}, rows);
  MeasureNumbers numbers;
  add_tracks(numbers, "", "auroc", binned.tracks, auroc);
  add_tracks(numbers, "", "average_precision", binned.tracks, precision);
  add_tracks(numbers, "", "share", binned.tracks, share);
  return numbers;
}

}  // namespace

MeasureType peak_measure() {
  return {.name = "peaks",
          .help = "peaks of what was measured (Poisson tail, Benjamini-Hochberg) ranked by predictions: auroc, average_precision; table "
                  "peaks.txt",
          .values = {{"share", true}},
          .make = coverage_maker<PeakMeasure>(measure_peaks)};
}

}  // namespace basewise::run::detail
