#include "basewise/run/detail/predict_tracks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/infer/genome.h"
#include "basewise/infer/tracks.h"
#include "basewise/run/detail/bed_rows.h"

namespace basewise::run::detail {
namespace {

bool wants(const PredictOptions& o, PredictFormat as) {
  if (o.formats.empty()) return as == PredictFormat::bigwig;
  return std::find(o.formats.begin(), o.formats.end(), as) != o.formats.end();
}

/// Inside [0, length): what runs over the origin of a circular chromosome becomes two intervals.
void add_split(std::vector<seq::Interval>& to, seq::Interval interval, const seq::ChromSizes& sizes) {
  interval.strand = seq::Strand::none;
  const auto length = sizes.resolve(interval.chrom, "the request").length;
  if (interval.end > length) {
    to.push_back({interval.chrom, 0, interval.end - length, seq::Strand::none});
    interval.end = length;
  }
  to.push_back(interval);
}

/// Merged intervals, sorted by the names of chromosomes, in the order of the genome.
std::vector<seq::Interval> in_order(std::vector<seq::Interval> merged, const seq::ChromSizes& sizes) {
  std::map<std::size_t, std::pair<std::size_t, std::size_t>> runs;  // by number of the chromosome
  for (std::size_t begin = 0, end = 0; begin < merged.size(); begin = end) {
    while (end < merged.size() && merged[end].chrom == merged[begin].chrom) ++end;
    runs[sizes.index(merged[begin].chrom, "the request")] = {begin, end};
  }
  std::vector<seq::Interval> ordered;
  ordered.reserve(merged.size());
  for (const auto& [chrom, run] : runs)
    for (std::size_t i = run.first; i < run.second; ++i) ordered.push_back(std::move(merged[i]));
  return ordered;
}

std::vector<std::unique_ptr<infer::TrackSink>> open_sinks(const PredictJob& job, std::int64_t channels,
                                                          const std::vector<seq::Interval>& intervals, const seq::ChromSizes& sizes) {
  std::vector<std::unique_ptr<infer::TrackSink>> sinks;
  if (wants(job.options, PredictFormat::npz)) check_outputs(job, {job.options.out.string() + ".npz"});
  if (wants(job.options, PredictFormat::bigwig)) sinks.push_back(infer::bigwig_sink(job.options.out, file_names(job, channels), sizes));
  if (wants(job.options, PredictFormat::npz)) sinks.push_back(infer::npz_sink(job.options.out, intervals, sizes));
  return sinks;
}

}  // namespace

std::vector<seq::Interval> wanted_intervals(const PredictJob& job, const seq::ChromSizes& sizes, PredictResult& result) {
  const PredictOptions& o = job.options;
  if (o.examples.regions.empty() && o.examples.bed.empty()) return sizes.intervals();
  std::vector<seq::Interval> inside;
  const auto noted = static_cast<std::ptrdiff_t>(result.notes.size());
  if (!o.examples.bed.empty()) {
    BedRows bed(job, sizes);
    for (BedRow row; bed.next(row);)
      if (row.there) add_split(inside, row.record.interval, sizes);
    bed.note(result, "left out");
  }
  for (const auto& region : o.examples.regions) {
    const auto whole = sizes.find(region);
    std::vector<seq::Interval> asked{whole ? seq::Interval{sizes[*whole].name, 0, sizes[*whole].length} : seq::parse_interval(region)};
    sizes.rename(asked, "the request");
    sizes.check(asked[0], "the request");
    add_split(inside, asked[0], sizes);
  }
  auto merged = in_order(seq::merge(std::move(inside)), sizes);
  if (merged.empty()) {
    const std::vector<std::string> why(result.notes.begin() + noted, result.notes.end());
    if (why.empty()) throw DataError(format("{}: no intervals to predict", o.examples.bed.string()));
    throw DataError(format("no intervals to predict: {}", fmt::join(why, "; ")));
  }
  return merged;
}

PredictResult predict_tracks(const PredictJob& job) {
  const auto& o = job.options;
  if (wants(o, PredictFormat::tsv))
    throw ArgumentError(format("output '{}' has a value per position: write bigwig or npz, not tsv", job.output));
  PredictResult result;
  const seq::Genome genome = load_genome(o.examples, result);
  const auto intervals = wanted_intervals(job, genome.sizes(), result);
  std::int64_t longest = 0;
  for (const auto& i : intervals) longest = std::max(longest, i.length());
  const auto plan = infer::plan_tiles(job.model, job.output, o.tile, longest, job.strands, job.shift);
  infer::GenomeTileOptions tiles;
  tiles.tile = o.tile;
  // Memory goes with bases at once, whatever the length of a tile.
  tiles.batch_size = std::clamp<std::int64_t>(65'536 / plan.tile, 1, o.batch_size);
  tiles.activation = o.activation;
  tiles.progress = "predict";
  tiles.edges = o.examples.edges;
  std::int64_t at_ends = 0;
  std::vector<std::unique_ptr<infer::TrackSink>> sinks;
  infer::predict_genome(job.score, plan, job.output, genome, intervals, tiles, [&](const infer::TrackPiece& piece) {
    if (sinks.empty()) sinks = open_sinks(job, piece.values.size(0), intervals, genome.sizes());
    for (auto& sink : sinks) sink->add(piece);
    result.values += piece.values.numel();
    at_ends += piece.at_ends;
  });
  for (auto& sink : sinks) {
    sink->close();
    const auto files = sink->files();
    result.files.insert(result.files.end(), files.begin(), files.end());
  }
  result.sequences = static_cast<std::int64_t>(intervals.size());
  if (at_ends > 0)
    result.notes.push_back(
        format("{} positions at the ends of chromosomes have no value: what the model reads there leaves the chromosome (edges = \"pad\" "
               "predicts them with N)",
               at_ends));
  return result;
}

}  // namespace basewise::run::detail
