#include "basewise/run/detail/replicate_measure.h"

#include <cmath>
#include <map>

#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/evaluate/bin_table.h"
#include "basewise/io/tsv.h"
#include "basewise/metrics/paired.h"
#include "basewise/metrics/regression.h"
#include "basewise/run/detail/binned_set.h"
#include "basewise/run/detail/coverage_maker.h"

namespace basewise::run::detail {
namespace {

struct ReplicateMeasure {
  TrackChoice tracks = {};
  std::filesystem::path pairs = {};
  std::int64_t step = 1;
  bool log = true;
  std::int64_t memory = 1024;
};

void describe(Visitor& v, ReplicateMeasure& o) {
  describe(v, o.tracks);
  v("pairs", o.pairs, "table of tracks that repeat each other, columns a and b; empty: tracks of one description in the table of tracks");
  v("step", o.step, "every so many bins of an example", counted(1));
  v("log", o.log, "compare log2(x + 1)");
  v("memory", o.memory, "MiB that bins may take", at_least(1));
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

Pairs pairs_of_table(const TrackFacts& tracks, const std::filesystem::path& file) {
  io::TsvReader table(file);
  const std::size_t a = table.column("a"), b = table.column("b");
  Pairs pairs;
  while (table.next())
    with_context(format("{}:{}", table.name(), table.line_number()), [&] {
      pairs.emplace_back(tracks.at(std::string(table.text(a))), tracks.at(std::string(table.text(b))));
      if (pairs.back().first == pairs.back().second) throw ArgumentError(format("track '{}' is no replicate of itself", table.text(a)));
    });
  if (pairs.empty()) throw ArgumentError(format("pairs: {} has no rows", file.string()));
  return pairs;
}

Pairs pairs_of_descriptions(const TrackFacts& tracks) {
  if (!tracks.described())
    throw ArgumentError("pairs: name a table of replicates (columns a and b), or a table of tracks with descriptions (tracks)");
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t t = 0; t < tracks.names.size(); ++t)
    if (!tracks.descriptions[t].empty()) groups[tracks.descriptions[t]].push_back(t);
  Pairs pairs;
  for (const auto& [description, members] : groups)
    for (std::size_t i = 0; i < members.size(); ++i)
      for (std::size_t j = i + 1; j < members.size(); ++j) pairs.emplace_back(members[i], members[j]);
  if (pairs.empty()) throw ArgumentError("pairs: no two tracks have the same description: name a table of replicates (columns a and b)");
  return pairs;
}

/// Correlations of one pair of tracks, over bins that are measured in both.
struct PairCorrelations {
  metrics::MetricResult replicate = {};         ///< of the two experiments
  metrics::MetricResult own_a = {}, own_b = {};  ///< of a prediction with its experiment
  metrics::MetricResult a_to_b = {}, b_to_a = {};  ///< of the prediction of one with the experiment of the other
  std::int64_t bins = 0;

  double prediction() const { return 0.5 * (own_a.value + own_b.value); }
  double cross() const { return 0.5 * (a_to_b.value + b_to_a.value); }
};

PairCorrelations correlate(const evaluate::BinTable& bins, std::size_t a, std::size_t b) {
  metrics::PairMoments replicate, own_a, own_b, a_to_b, b_to_a;
  PairCorrelations found;
  for (std::size_t r = 0; r < bins.measured.rows; ++r) {
    const double x = bins.measured.at(r, a), y = bins.measured.at(r, b);
    if (std::isnan(x) || std::isnan(y)) continue;
    ++found.bins;
    const double of_a = bins.predicted.at(r, a), of_b = bins.predicted.at(r, b);
    replicate.add(x, y);
    own_a.add(of_a, x);
    own_b.add(of_b, y);
    a_to_b.add(of_a, y);
    b_to_a.add(of_b, x);
  }
  found.replicate = replicate.pearson();
  found.own_a = own_a.pearson();
  found.own_b = own_b.pearson();
  found.a_to_b = a_to_b.pearson();
  found.b_to_a = b_to_a.pearson();
  return found;
}

/// Mean, mean difference to the replicates and the paired test of it, over pairs where both are
/// defined. Returns the mean of the replicates.
double add_differences(MeasureNumbers& numbers, const std::string& prefix, const std::vector<double>& predicted,
                     const std::vector<double>& replicates) {
  std::vector<double> differences;
  double sum = 0, sum_of_replicates = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    if (std::isnan(predicted[i]) || std::isnan(replicates[i])) continue;
    differences.push_back(predicted[i] - replicates[i]);
    sum += predicted[i];
    sum_of_replicates += replicates[i];
  }
  const auto n = static_cast<double>(differences.size());
  const metrics::SignedRankResult test = metrics::wilcoxon_signed_rank(differences);
  numbers.emplace_back(prefix + "pearson", sum / n);
  numbers.emplace_back(prefix + "difference", (sum - sum_of_replicates) / n);
  numbers.emplace_back(prefix + "p", test.p_two_sided);
  numbers.emplace_back(prefix + "p_greater", test.p_greater);
  return sum_of_replicates / n;
}

MeasureNumbers measure_replicates(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context,
                                  const ReplicateMeasure& o) {
  const BinnedSet binned = binned_set(run, set, context, o.tracks);
  const Pairs pairs = o.pairs.empty() ? pairs_of_descriptions(binned.tracks) : pairs_of_table(binned.tracks, o.pairs);
  evaluate::BinTable bins = evaluate::read_bins(binned.source, binned.head, binned.batches, {.step = o.step, .memory = o.memory});
  if (o.log) warn_of_transform(run, "log2(x + 1) is taken of values that are transformed already; log=false takes them as they are");
  if (o.log)
    for (auto [table, what] : {std::pair(&bins.predicted, "predicted"), std::pair(&bins.measured, "measured")})
      if (const std::int64_t negative = metrics::log2_plus_one(*table); negative > 0)
        log_warning("{} {} values are negative and count as 0 before log2(x + 1); log=false takes them as they are", negative, what);
  std::vector<double> predicted, cross, replicates;
  std::vector<std::vector<std::string>> rows;
  std::int64_t undefined = 0;
  for (const auto& [a, b] : pairs) {
    const PairCorrelations found = correlate(bins, a, b);
    predicted.push_back(found.prediction());
    cross.push_back(found.cross());
    replicates.push_back(found.replicate.value);
    undefined += std::isnan(predicted.back() + replicates.back());
    rows.push_back({binned.tracks.names[a], binned.tracks.names[b], field_of(found.replicate), field_of(found.own_a), field_of(found.own_b),
                    field_of(found.a_to_b), field_of(found.b_to_a), format("{}", found.bins)});
  }
  write_table(context, "replicates.tsv",
              {"a", "b", "replicate", "prediction_a", "prediction_b", "prediction_a_to_b", "prediction_b_to_a", "bins"}, rows);
  if (undefined > 0)
    log_warning("{} of {} pairs of replicates have a correlation that is not defined, and are in no mean", undefined, pairs.size());
  MeasureNumbers numbers = {{"pairs", static_cast<double>(pairs.size())}};
  const double replicate = add_differences(numbers, "prediction.", predicted, replicates);
  numbers.emplace_back("replicate.pearson", replicate);
  add_differences(numbers, "cross.", cross, replicates);
  return numbers;
}

}  // namespace

MeasureType replicate_measure() {
  return {.name = "replicates",
          .help = "predictions beside replicates: correlation of each with an experiment, paired test; table replicates.tsv",
          .values = {{"difference", true}, {"p", false}, {"p_greater", false}, {"pairs", true}},
          .make = coverage_maker<ReplicateMeasure>(measure_replicates)};
}

}  // namespace basewise::run::detail
