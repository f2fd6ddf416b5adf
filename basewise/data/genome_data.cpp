#include "basewise/data/genome_data.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/negatives.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/genome_windows.h"
#include "basewise/data/views.h"

namespace basewise::data {

namespace {

using detail::add_input;
using detail::EachSequence;
using detail::gets_negatives;
using detail::note_duplicates;
using detail::seed_of_negatives;
using detail::turned;

// Pieces of regions, as they are compared between sets.
EachSequence pieces_of(const seq::Genome& genome, const std::vector<seq::Interval>& regions, std::int64_t length) {
  return [&genome, &regions, length](const auto& use) {
    for (const seq::Interval& region : regions)
      for (std::int64_t start = region.start; start < region.end; start += length) {
        const seq::Interval piece{region.chrom, start, std::min(start + length, region.end), seq::Strand::none};
        use(format("{} [{}, {})", piece.chrom, piece.start, piece.end), genome.letters(piece));
      }
  };
}

void check_per_base(const DataOptions& o) {
  if (o.negatives.kind != "none")
    throw ArgumentError("negatives: with per_base every base without a site is a negative; set kind = \"none\"");
  if (o.augment.jitter > 0) throw ArgumentError("augment: with per_base windows move by random_phase; set jitter = 0");
  if (!o.genome.sites.file.empty() && !o.genome.sites.task.empty())
    throw ArgumentError("genome.sites: with per_base there is one label per strand; leave 'task' empty");
  if (o.genome.sites.file.empty() && o.genome.tracks.files.empty())
    throw ArgumentError("genome: per_base needs sites.file or tracks.files");
}

std::vector<TargetSourcePtr> make_sources(const DataOptions& o, const seq::ChromSizes& sizes, DataSplits& splits) {
  std::vector<TargetSourcePtr> sources;
  if (!o.genome.sites.file.empty()) {
    add_input(splits, o.genome.sites.file);
    const corpus::SiteTable table = corpus::read_sites(o.genome.sites, sizes);
    splits.notes.push_back(format("sites: {}", table.summary()));
    sources.push_back(site_labels(table, sizes));
  }
  if (o.genome.tracks.files.empty()) return sources;
  for (const std::filesystem::path& file : o.genome.tracks.files) add_input(splits, file);
  sources.push_back(track_signal(o.genome.tracks, sizes));
  return sources;
}

void build_tiles(const DataOptions& o, DataSplits& splits) {
  check_per_base(o);
  const auto sources = make_sources(o, splits.genome->sizes(), splits);
  GenomeTilesOptions tiles{.length = o.genome.window, .context_left = o.genome.context, .context_right = o.genome.context};
  tiles.tokens = o.encoding == "tokens";
  splits.validation = genome_tiles(splits.genome, splits.regions.validation, sources, tiles);
  splits.test = genome_tiles(splits.genome, splits.regions.test, sources, tiles);
  tiles.random_phase = o.genome.random_phase && o.augment.random;
  tiles.both_strands = o.genome.both_strands && o.augment.random;
  splits.train = turned(genome_tiles(splits.genome, splits.regions.train, sources, tiles), o, 0);
  if (o.check_duplicates)
    note_duplicates(splits, o.duplicates, seq::total_length(splits.regions.train),
                    pieces_of(*splits.genome, splits.regions.train, o.genome.window),
                    pieces_of(*splits.genome, splits.regions.validation, o.genome.window),
                    pieces_of(*splits.genome, splits.regions.test, o.genome.window));
}

// Sites at one place become one place with several labels.
std::vector<LabelledPlace> places_of(const corpus::SiteTable& table) {
  std::vector<LabelledPlace> places;
  for (const corpus::Site& site : table.sites) {
    const bool same = !places.empty() && places.back().chrom == site.chrom && places.back().centre == site.position &&
                      places.back().strand == site.strand;
    if (!same) places.push_back({site.chrom, site.position, site.strand, std::vector<float>(table.tasks.size(), 0.0F)});
    places.back().labels[site.task] = 1;
  }
  return places;
}

std::vector<seq::Interval> windows_of(const std::vector<LabelledPlace>& places, const seq::ChromSizes& sizes, std::int64_t length) {
  std::vector<seq::Interval> windows;
  for (const LabelledPlace& place : places) windows.push_back(seq::window(sizes[place.chrom].name, place.centre, length));
  return windows;
}

// One set of windows: its sites and background drawn from its own stretches of the genome.
class WindowSet {
 public:
  WindowSet(const DataOptions& o, DataSplits& splits, std::vector<std::string> labels, std::vector<seq::Interval> avoid)
      : o_(o), splits_(splits), labels_(std::move(labels)), avoid_(std::move(avoid)) {}

  DatasetPtr make(std::vector<LabelledPlace> places, const std::vector<seq::Interval>& regions, std::size_t set, std::uint64_t seed) const {
    const std::size_t sites = places.size();
    std::string source = format("{} around sites", sites);
    const bool wanted = gets_negatives(o_, set);
    if (wanted && o_.negatives.kind == "places") {
      add_places(places, set);
      source += format(", {} around other places", places.size() - sites);
    } else if (wanted && (o_.negatives.kind == "gc_matched" || o_.negatives.kind == "random")) {
      add_background(places, regions, set, seed);
      source += format(", {} background ({})", places.size() - sites, o_.negatives.kind);
    }
    const GenomeWindowsOptions windows{.labels = labels_,
                                       .length = o_.genome.window,
                                       .jitter = set == 0 && o_.augment.random ? o_.augment.jitter : 0,
                                       .tokens = o_.encoding == "tokens"};
    DatasetPtr result = genome_windows(splits_.genome, std::move(places), windows, source);
    if (wanted && o_.negatives.kind == "shuffled" && result->size() > 0)
      result = with_shuffled_negatives(std::move(result), "labels", o_.negatives.ratio, seed_of_negatives(o_, set, seed));
    return turned(std::move(result), o_, set);
  }

  // Windows around the places of another file, by the stretches in which they lie.
  void read_negative_places() {
    add_input(splits_, o_.negatives.places.file);
    const corpus::SiteTable table = with_context("negatives.places", [&] {
      if (o_.negatives.places.file.empty()) throw ArgumentError("the option 'file' is missing");
      return corpus::read_sites(o_.negatives.places, splits_.genome->sizes());
    });
    splits_.notes.push_back(format("negatives: {}", table.summary()));
    std::vector<LabelledPlace> places = places_of(table);
    for (LabelledPlace& place : places) place.labels.assign(labels_.size(), 0.0F);
    const corpus::IndexSplit indices =
        corpus::split_intervals(windows_of(places, splits_.genome->sizes(), o_.genome.window), splits_.regions);
    if (indices.left_out > 0)
      splits_.notes.push_back(format("{} windows of negatives lie across a border and were left out", indices.left_out));
    for (std::size_t set = 0; set < 3; ++set)
      for (const std::int64_t i : indices[set]) negatives_[set].push_back(places[static_cast<std::size_t>(i)]);
  }

 private:
  void add_places(std::vector<LabelledPlace>& places, std::size_t set) const {
    places.insert(places.end(), negatives_[set].begin(), negatives_[set].end());
  }

  void add_background(std::vector<LabelledPlace>& places, const std::vector<seq::Interval>& regions, std::size_t set,
                      std::uint64_t seed) const {
    if (places.empty()) return;
    const seq::ChromSizes& sizes = splits_.genome->sizes();
    const corpus::BackgroundOptions background{
        .ratio = o_.negatives.ratio, .match_gc = o_.negatives.kind == "gc_matched", .max_n = o_.negatives.max_n};
    const auto found = corpus::background_windows(*splits_.genome, windows_of(places, sizes, o_.genome.window), regions, avoid_, background,
                                                  Stream(seed, 0x4e6567, set));
    if (found.unmatched > 0) splits_.notes.push_back(format("{}: {}", corpus::kSetNames[set], found.summary()));
    const std::vector<float> none(places.front().labels.size(), 0.0F);
    for (const seq::Interval& window : found.windows)
      places.push_back({sizes.index(window.chrom, "background"), window.centre(), seq::Strand::none, none});
  }

  const DataOptions& o_;
  DataSplits& splits_;
  std::vector<std::string> labels_;  // their names
  std::vector<seq::Interval> avoid_;
  std::vector<LabelledPlace> negatives_[3];  // of a file
};

EachSequence letters_of(const seq::Genome& genome, const std::vector<LabelledPlace>& places, std::int64_t length) {
  return [&genome, &places, length](const auto& use) {
    for (const seq::Interval& window : windows_of(places, genome.sizes(), length))
      use(format("{} [{}, {})", window.chrom, window.start, window.end), genome.letters(window, seq::Edges::pad));
  };
}

void build_windows(const DataOptions& o, std::uint64_t seed, DataSplits& splits) {
  if (o.genome.sites.file.empty()) throw ArgumentError("genome: windows need sites.file");
  if (!o.genome.tracks.files.empty()) throw ArgumentError("genome: tracks need per_base = true");
  const seq::ChromSizes& sizes = splits.genome->sizes();
  add_input(splits, o.genome.sites.file);
  const corpus::SiteTable table = corpus::read_sites(o.genome.sites, sizes);
  splits.notes.push_back(format("sites: {}", table.summary()));
  const std::vector<LabelledPlace> places = places_of(table);
  const std::vector<seq::Interval> windows = windows_of(places, sizes, o.genome.window);
  const corpus::IndexSplit indices = corpus::split_intervals(windows, splits.regions);
  if (indices.left_out > 0)
    splits.notes.push_back(
        format("{} windows lie across a border between sets or the end of a chromosome and were left out", indices.left_out));
  std::vector<seq::Interval> avoid;
  const std::int64_t margin = o.negatives.exclude_margin;
  for (const seq::Interval& window : windows)
    avoid.push_back({window.chrom, window.start - margin, window.end + margin, seq::Strand::none});
  std::vector<LabelledPlace> parts[3];
  for (std::size_t set = 0; set < 3; ++set)
    for (const std::int64_t i : indices[set]) parts[set].push_back(places[static_cast<std::size_t>(i)]);
  WindowSet builder(o, splits, table.tasks, std::move(avoid));
  if (o.negatives.kind == "places") builder.read_negative_places();
  splits.train = builder.make(parts[0], splits.regions.train, 0, seed);
  splits.validation = builder.make(parts[1], splits.regions.validation, 1, seed);
  splits.test = builder.make(parts[2], splits.regions.test, 2, seed);
  if (o.check_duplicates)
    note_duplicates(splits, o.duplicates, static_cast<std::int64_t>(parts[0].size()) * o.genome.window,
                    letters_of(*splits.genome, parts[0], o.genome.window), letters_of(*splits.genome, parts[1], o.genome.window),
                    letters_of(*splits.genome, parts[2], o.genome.window));
}

DataSplits build_genome(const DataOptions& o, std::uint64_t seed) {
  detail::refuse_label_noise(o);
  DataSplits splits = detail::open_genome(o);
  if (o.genome.per_base)
    build_tiles(o, splits);
  else
    build_windows(o, seed, splits);
  return splits;
}

}  // namespace

void describe(Visitor& v, GenomeDataOptions& o) {
  v("fasta", o.fasta, "FASTA file with the genome");
  v("ambiguity", o.ambiguity, "IUPAC letters other than N: an error, or N", one_of({"error", "n"}));
  v("chromosomes", o.chromosomes, "sequences to use; empty: all");
  v("circular", o.circular, "every sequence is circular");
  v("circular_chromosomes", o.circular_chromosomes, "sequences that are circular");
  v("per_base", o.per_base, "a label at every base of both strands; otherwise one per window");
  v("window", o.window, "bases of an example that have labels", at_least(1));
  v("context", o.context, "per base: further bases of sequence on each side", non_negative());
  v("random_phase", o.random_phase, "per base: cut training windows at other places in each epoch");
  v("both_strands", o.both_strands, "per base: every training window also as it is read from the other strand, an example of its own");
  v.group("sites", o.sites, "labelled places");
  v.group("tracks", o.tracks, "signal along the genome");
}

const DataKind kGenomeKind{
    "genome", [](Visitor& v, DataOptions& o) { v.group("genome", o.genome, "windows of a genome"); }, build_genome};

}  // namespace basewise::data
