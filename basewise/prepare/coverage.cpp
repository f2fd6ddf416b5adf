#include "basewise/prepare/coverage.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/core/outputs.h"
#include "basewise/core/parallel.h"
#include "basewise/core/progress.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/alignments.h"
#include "basewise/prepare/detail/alignment_reads.h"
#include "basewise/prepare/detail/coverage_genome.h"
#include "basewise/prepare/detail/fragment_reads.h"
#include "basewise/prepare/detail/moved_reads.h"
#include "basewise/prepare/detail/tile.h"
#include "basewise/prepare/detail/track_sink.h"

namespace basewise::prepare {
namespace {

using namespace detail;

constexpr std::int64_t kTile = 1 << 19;  // bases that one thread works on at a time
constexpr std::int64_t kTilesPerThread = 2;

void require_files_apart(const CoverageOptions& o) {
  std::vector<GivenPath> inputs = {{"genome", o.genome}, {"sizes", o.sizes}, {"barcodes", o.barcodes}};
  for (const auto& file : o.reads) inputs.push_back({"reads", file});
  std::vector<GivenPath> outputs;
  for (const auto& file : output_files(o)) outputs.push_back({"out", file});
  require_apart(inputs, outputs);
}

/// Files that are named "data:..." as paths.
CoverageOptions with_registered_files(CoverageOptions o) {
  for (auto* file : {&o.genome, &o.sizes, &o.barcodes}) *file = corpus::resolve_path(file->string());
  for (auto& file : o.reads) file = corpus::resolve_path(file.string());
  return o;
}

std::vector<TrackStrands> tracks_of(StrandTracks strands) {
  switch (strands) {
    case StrandTracks::together: break;
    case StrandTracks::apart: return {{.forward = true, .reverse = false}, {.forward = false, .reverse = true}};
    case StrandTracks::forward: return {{.forward = true, .reverse = false}};
    case StrandTracks::reverse: return {{.forward = false, .reverse = true}};
  }
  return {{.forward = true, .reverse = true}};
}

void warn_of_files_given_twice(const std::vector<std::filesystem::path>& files) {
  std::set<std::filesystem::path> seen;
  for (const auto& file : files)
    if (!seen.insert(std::filesystem::weakly_canonical(file)).second)
      log_warning("reads: {} is given more than once, and its reads are counted each time", file.string());
}

void read_all(ReadCounter& counter) {
  const CoverageOptions& o = counter.options;
  warn_of_files_given_twice(o.reads);
  std::set<std::string> barcodes;
  if (!o.barcodes.empty()) barcodes = read_barcodes(o.barcodes);
  for (const auto& file : o.reads) {
    const bool alignments = io::is_alignment_file(file);
    if (alignments && !barcodes.empty())
      throw ArgumentError(format("barcodes: {} is no file of fragments; barcodes of alignments are not looked at", file.string()));
    if (alignments)
      count_alignments(counter, file);
    else
      count_fragments(counter, file, barcodes);
  }
  if (counter.tally.used > 0) return;
  std::vector<std::string> reasons;
  for (const auto& [why, times] : counter.tally.left_out) reasons.push_back(format("{} {}", times, why));
  const std::string files = shown_files(o.reads);
  if (counter.tally.records == 0) throw DataError(format("{}: there is no read to count, as there is no record", files));
  throw DataError(format("{}: no read is left to count, of {} records ({})", files, counter.tally.records, fmt::join(reasons, ", ")));
}

/// The tracks while they are made.
class Maker {
 public:
  Maker(const CoverageGenome& genome, MovedReads& reads, const CoverageOptions& options, CoverageResult& result)
      : genome_(genome), reads_(reads), o_(options), result_(result), tiles_(options, result.scale), strands_(tracks_of(options.strands)),
        tile_((kTile + options.bin - 1) / options.bin * options.bin) {}

  void fit_gc();
  void write();

 private:
  /// Calls `each(tile, start, end)` for all tiles of a chromosome, from several threads; and `then`
  /// in between, for the tiles that are done, in order.
  template <class Each, class Then>
  void for_tiles(std::int64_t length, const Each& each, const Then& then) const;
  BasesOf bases_of(std::size_t chrom) const {
    return [this, chrom](std::int64_t start, std::int64_t end) { return genome_.bases(chrom, start, end); };
  }
  void write_chromosome(std::size_t chrom, std::size_t track, TrackSink& sink, Progress& progress);

  const CoverageGenome& genome_;
  MovedReads& reads_;
  const CoverageOptions& o_;
  CoverageResult& result_;
  TileMaker tiles_;
  std::vector<TrackStrands> strands_;
  std::int64_t tile_;
};

template <class Each, class Then>
void Maker::for_tiles(std::int64_t length, const Each& each, const Then& then) const {
  const std::int64_t count = (length + tile_ - 1) / tile_, at_once = threads() * kTilesPerThread;
  for (std::int64_t first = 0; first < count; first += at_once) {
    const std::int64_t here = std::min(at_once, count - first);
    parallel_for(here, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        each(static_cast<std::size_t>(i), (first + i) * tile_, std::min(length, (first + i + 1) * tile_));
    });
    for (std::int64_t i = 0; i < here; ++i)
      then(static_cast<std::size_t>(i), (first + i) * tile_, std::min(length, (first + i + 1) * tile_));
  }
}

void Maker::fit_gc() {
  GcPoints points;
  Progress progress("looking at G and C", genome_.sizes().total_length() * static_cast<std::int64_t>(strands_.size()), "bases");
  for (std::size_t chrom = 0; chrom < genome_.sizes().size(); ++chrom)
    for (const TrackStrands& strands : strands_) {
      const TrackChrom counts = reads_.take(chrom, strands);
      std::vector<GcPoints> parts(static_cast<std::size_t>(threads() * kTilesPerThread));
      for_tiles(
          counts.length,
          [&](std::size_t tile, std::int64_t start, std::int64_t end) {
            parts[tile] = {};
            tiles_.gc_points(counts, bases_of(chrom), start, end, parts[tile]);
          },
          [&](std::size_t tile, std::int64_t start, std::int64_t end) {
            points.merge(parts[tile]);
            progress.advance(end - start);
          });
    }
  if (points.count() < GcModel::kFewestPoints)
    throw DataError(format("gc_correct: only {} places have coverage around them; a correction needs {} or more", points.count(),
                           GcModel::kFewestPoints));
  const GcModel model(points);
  result_.gc.assign(model.coefficients().begin(), model.coefficients().end());
  tiles_.set_gc(model);
}

void Maker::write_chromosome(std::size_t chrom, std::size_t track, TrackSink& sink, Progress& progress) {
  const TrackChrom counts = reads_.take(chrom, strands_[track]);
  CoverageTrack& seen = result_.tracks[track];
  std::vector<std::vector<float>> values(static_cast<std::size_t>(threads() * kTilesPerThread));
  for_tiles(
      counts.length,
      [&](std::size_t tile, std::int64_t start, std::int64_t end) { values[tile] = tiles_.values(counts, bases_of(chrom), start, end); },
      [&](std::size_t tile, std::int64_t start, std::int64_t end) {
        for (const float value : values[tile]) {
          if (value == 0) continue;
          ++seen.above_zero;
          seen.sum += static_cast<double>(value);
          seen.highest = std::max(seen.highest, static_cast<double>(value));
        }
        if (values[tile].empty())
          sink.add_zeros(chrom, start, end);
        else
          sink.add(chrom, start, values[tile], o_.bin);
        progress.advance(end - start);
      });
}

void Maker::write() {
  const CoverageFormat format = output_format(o_);
  std::vector<std::unique_ptr<TrackSink>> sinks;
  for (const auto& file : output_files(o_)) {
    result_.tracks.push_back({.file = file});
    sinks.push_back(make_sink(file, format, genome_.chromosomes()));
  }
  Progress progress("writing", genome_.sizes().total_length() * static_cast<std::int64_t>(sinks.size()), "bases");
  for (std::size_t chrom = 0; chrom < genome_.sizes().size(); ++chrom)
    for (std::size_t track = 0; track < sinks.size(); ++track) write_chromosome(chrom, track, *sinks[track], progress);
  for (const auto& sink : sinks) {
    sink->close();
    if (const std::string note = sink->note(); !note.empty()) result_.notes.push_back(note);
  }
}

void tell(const ReadTally& tally, CoverageResult& r) {
  r.records = tally.records;
  r.used = tally.used;
  r.multi = tally.multi;
  r.left_out = tally.left_out;
  r.notes = tally.remarks;
  for (const auto& [what, times] : tally.notes) r.notes.push_back(format("{} times: {}", times, what));
}

}  // namespace

CoverageResult coverage(const CoverageOptions& given) {
  const auto begin = std::chrono::steady_clock::now();
  const CoverageOptions options = with_registered_files(given);
  require_consistent(options);
  require_files_apart(options);
  const CoverageGenome genome(options);
  ReadCounter counter(options, genome.sizes(), options.out);
  read_all(counter);

  CoverageResult result;
  tell(counter.tally, result);
  result.chromosomes = static_cast<std::int64_t>(genome.sizes().size());
  result.bases = genome.sizes().total_length();
  result.scale = options.scale;
  if (options.normalise == Normalisation::cpm) result.scale *= 1e6 / static_cast<double>(counter.tally.used);
  MovedReads reads(counter);
  Maker maker(genome, reads, options, result);
  if (options.gc_correct) maker.fit_gc();
  maker.write();
  result.moved_out = reads.moved_out();
  result.fragment = reads.fragment();
  result.shift_forward = reads.forward();
  result.shift_reverse = reads.reverse();
  result.rounds = reads.rounds();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace basewise::prepare
