#include "basewise/interpret/detail/filter_measure.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "basewise/annotate/collections.h"
#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/registry.h"
#include "basewise/interpret/detail/measure_maker.h"
#include "basewise/interpret/detail/measured_set.h"
#include "basewise/interpret/filter_match.h"
#include "basewise/interpret/filters.h"

namespace basewise::interpret::detail {
namespace {

struct FilterMeasure {
  std::string layer = {};
  double share = 0.5;
  std::filesystem::path motifs = "data:jaspar2016_vertebrates/JASPAR_CORE_2016_vertebrates.meme";
  double e_value = 0.1;
  std::filesystem::path expected = {};
  std::vector<std::string> ignored = {"MA0615.1"};
};

void describe(Visitor& v, FilterMeasure& o) {
  v("layer", o.layer, "path of a convolution; empty: the first one");
  v("share", o.share, "activations above this share of the largest are sites", fraction());
  v("motifs", o.motifs, "file of motifs that filters are compared with");
  v("e_value", o.e_value, "largest E-value of a match", positive());
  v("expected", o.expected, "table of the motifs that filters should be (columns name and identifiers); empty: none are told");
  v("ignored", o.ignored, "identifiers that are no match in match_any where they are a filter's only one");
}

/// Motifs that no filter can be, as the collection has them under none of their identifiers.
/// Errors: ArgumentError where these are all.
void tell_missing(const std::vector<ExpectedMotif>& expected, const std::vector<motifs::MotifMatrix>& collection, const FilterMeasure& o) {
  std::set<std::string> there;
  for (const motifs::MotifMatrix& motif : collection) there.insert(motif.name);
  std::vector<std::string> missing;
  for (const ExpectedMotif& motif : expected)
    if (std::none_of(motif.identifiers.begin(), motif.identifiers.end(), [&](const std::string& id) { return there.contains(id); }))
      missing.push_back(motif.name);
  if (missing.empty()) return;
  if (missing.size() == expected.size())
    throw ArgumentError(format("{} has none of the expected motifs ({}): the identifiers of {} are of another collection; give that one "
                               "(motifs)",
                               o.motifs.string(), some_of(missing, "", 5), o.expected.string()));
  log_warning("{} of {} expected motifs are not in {} under any of their identifiers, so that no filter can match them: {}", missing.size(),
              expected.size(), o.motifs.string(), some_of(missing, "", 5));
}

run::MeasureNumbers measure_filters(const run::OpenRun& run, const data::DatasetPtr& set, const FilterMeasure& o) {
  std::vector<ExpectedMotif> expected;
  if (!o.expected.empty()) expected = read_expected_motifs(corpus::resolve_path(o.expected.string()));
  std::vector<std::string> notes;
  const motifs::MotifComparison comparison(annotate::load_motifs(o.motifs.string(), notes));
  for (const std::string& note : notes) log_info("{}", note);
  tell_missing(expected, comparison.targets(), o);

  FilterRunOptions options;
  options.layer = o.layer;
  options.rules.share = o.share;
  options.rules.legacy = true;  // uniform motifs for filters without sites
  DatasetSource source(run, *set);
  const FilterRunResult found = motifs_of_filters(run, options, source);
  std::vector<motifs::MotifMatrix> queries;
  for (const motifs::FilterMotif& filter : found.filters) queries.push_back(filter.motif);
  const MatchSummary summary = summarise(filter_hits(queries, comparison, o.e_value), expected, o.ignored);

  const auto filters = static_cast<double>(found.filters.size());
  run::MeasureNumbers numbers;
  if (!expected.empty()) numbers = {{"match_fraction", summary.matched}, {"coverage", summary.coverage}};
  numbers.emplace_back("match_any", summary.any);
  numbers.emplace_back("dead_fraction", 1 - static_cast<double>(found.count(motifs::FilterState::kept)) / filters);
  return numbers;
}

}  // namespace

run::MeasureType filter_measure() {
  return {.name = "filters",
          .help = "filters as motifs (Koo and Ploenzke 2021) that match a collection: match_fraction, coverage, match_any, dead_fraction",
          .values = {{"match_fraction", true}, {"coverage", true}, {"match_any", true}, {"dead_fraction", false}},
          .make = maker<FilterMeasure>(measure_filters)};
}

}  // namespace basewise::interpret::detail
