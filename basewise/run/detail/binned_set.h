// What measures of binned coverage share: the head beside its target, the tracks and what is known
// of them, and how numbers of tracks become rows and tables.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/evaluate/binned_pass.h"
#include "basewise/metrics/result.h"
#include "basewise/run/measure_tables.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::run::detail {

/// Which tracks, and what is known of them.
struct TrackChoice {
  std::string target = {};            ///< tensor of the data set; empty: what the recipe evaluates
  std::filesystem::path tracks = {};  ///< table with a row for each track; empty: none
};
void describe(Visitor& v, TrackChoice& o);

/// The tracks of a target in order.
struct TrackFacts {
  std::vector<std::string> names = {};
  std::vector<std::string> descriptions = {};  ///< empty where none is known
  std::vector<std::string> classes = {};       ///< "all" where nothing says more
  std::vector<std::pair<std::size_t, std::size_t>> pairs = {};  ///< (forward, reverse) strand of one track

  bool described() const;  ///< one has a description

  /// Place of a track. Errors: ArgumentError that names the nearest one.
  std::size_t at(const std::string& name) const;
};

/// A set that is measured.
struct BinnedSet {
  evaluate::Source source = {};
  evaluate::BinnedHead head = {};
  infer::BatchOptions batches = {};
  TrackFacts tracks = {};
  bool labels = false;  ///< targets are labels, 0 or 1, as the loss says
};

/// The head of a run that is compared with the target. What is known of tracks is what the table
/// says, else descriptions of the table that the data are of and pairs of their schema.
/// Errors: ArgumentError for a target that the set has not, tracks that the table lacks and tables
/// without the column "identifier"; DataError as `io::TsvReader`.
BinnedSet binned_set(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context, const TrackChoice& choice);

/// Warns where the values of tracks were transformed, which logarithms and sums do not suit:
/// `what` says what is taken of them. Only tracks of a genome say so.
void warn_of_transform(const OpenRun& run, std::string_view what);

/// Names and lengths of the sequences that the examples come from: of the genome of the data, else
/// those that the examples name.
seq::ChromSizes chromosomes_of(const OpenRun& run, const data::DatasetPtr& set, const MeasureContext& context);

/// Adds mean and median over the tracks where a metric is defined, as "<prefix>pearson" and
/// "<prefix>median.pearson", and with few tracks each of them, "<track>.<prefix>pearson". Tracks
/// where it is not defined are told.
void add_tracks(MeasureNumbers& numbers, const std::string& prefix, const std::string& metric, const TrackFacts& tracks,
                const std::vector<metrics::MetricResult>& values);

/// A number as tables have it: "NA" where it is not defined.
std::string field_of(const metrics::MetricResult& value);
std::string field_of(double value);

/// Writes a table into the folder of the context; nothing where there is none.
void write_table(const MeasureContext& context, const std::string& name, const std::vector<std::string>& columns,
                 const std::vector<std::vector<std::string>>& rows);

}  // namespace basewise::run::detail
