#include "basewise/run/detail/specificity_measure.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "basewise/core/error.h"
#include "basewise/evaluate/bin_table.h"
#include "basewise/metrics/specificity.h"
#include "basewise/run/detail/binned_set.h"
#include "basewise/run/detail/coverage_maker.h"

namespace basewise::run::detail {
namespace {

struct SpecificityMeasure {
  TrackChoice tracks = {};
  std::int64_t step = 8;
  metrics::SpecificityOptions specificity = {};
  bool stranded = true;
  std::int64_t memory = 1024;
};

void describe(Visitor& v, SpecificityMeasure& o) {
  describe(v, o.tracks);
  v("step", o.step, "every so many bins of an example", counted(1));
  v("least", o.specificity.least, "tracks of a class; nothing is defined for smaller ones", counted(2));
  v("most_variable", o.specificity.most_variable, "share of the bins that is used: those that vary most across a class as measured",
    fraction());
  v("normalise", o.specificity.statistic, "what quantile normalisation across tracks takes for the values of one rank");
  v("stranded", o.stranded, "of tracks in pairs of strands the bins of the other strand are further rows of the same column");
  v("memory", o.memory, "MiB that bins may take", at_least(1));
}

/// Classes in the order of their first tracks; those with pairs of strands and those without are
/// apart, as their columns have other rows.
std::vector<metrics::TrackClass> classes_of(const TrackFacts& tracks, bool stranded) {
  std::vector<metrics::TrackClass> classes;
  std::map<std::pair<std::string, bool>, std::size_t> places;
  for (std::size_t t = 0; t < tracks.names.size(); ++t) {
    const auto pair = std::find_if(tracks.pairs.begin(), tracks.pairs.end(),
                                   [&](const auto& p) { return stranded && (p.first == t || p.second == t); });
    const bool paired = pair != tracks.pairs.end();
    if (paired && pair->second == t) continue;
    const auto [at, is_new] = places.try_emplace({tracks.classes[t], paired}, classes.size());
    if (is_new) classes.push_back({.name = tracks.classes[t]});
    metrics::TrackClass& one = classes[at->second];
    one.tracks.push_back(t);
    if (paired) one.others.push_back(pair->second);
  }
  return classes;
}

MeasureNumbers measure_specificity(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context,
                                   const SpecificityMeasure& o) {
  const BinnedSet binned = binned_set(run, set, context, o.tracks);
  const evaluate::BinTable bins =
      evaluate::read_bins(binned.source, binned.head, binned.batches, {.step = o.step, .memory = o.memory});
  std::vector<metrics::MetricResult> all(binned.tracks.names.size());
  std::vector<std::int64_t> rows_used(all.size());
  MeasureNumbers of_classes;
  for (const metrics::TrackClass& one : classes_of(binned.tracks, o.stranded)) {
    const metrics::ClassSpecificity found = metrics::specificity(bins.predicted, bins.measured, one, o.specificity);
    for (std::size_t i = 0; i < one.tracks.size(); ++i)
      for (const std::size_t t : {one.tracks[i], one.others.empty() ? one.tracks[i] : one.others[i]}) {
        all[t] = found.tracks[i];
        rows_used[t] = found.bins;
      }
    of_classes.emplace_back(one.name + (one.others.empty() ? "" : ".stranded") + ".pearson", metrics::mean_defined(found.tracks).value);
  }
  MeasureNumbers numbers;
  add_tracks(numbers, "", "pearson", binned.tracks, all);
  if (of_classes.size() > 1) numbers.insert(numbers.end(), of_classes.begin(), of_classes.end());
  std::vector<std::vector<std::string>> rows;
  for (std::size_t t = 0; t < all.size(); ++t)
    rows.push_back({format("{}", t), field_of(all[t]), binned.tracks.classes[t], format("{}", rows_used[t]), binned.tracks.names[t],
                    binned.tracks.descriptions[t]});
  write_table(context, "acc_specificity.txt", {"index", "pearsonr", "class", "bins", "identifier", "description"}, rows);
  return numbers;
}

}  // namespace

MeasureType specificity_measure() {
  return {.name = "specificity",
          .help = "what is left of each track without the mean of its class, quantile-normalised: pearson; table acc_specificity.txt",
          .values = {},
          .make = coverage_maker<SpecificityMeasure>(measure_specificity)};
}

}  // namespace basewise::run::detail
