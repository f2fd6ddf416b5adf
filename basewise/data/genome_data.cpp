#include "basewise/data/genome_data.h"

#include <algorithm>
#include <array>
#include <optional>

#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/corpus/negatives.h"
#include "basewise/data/build.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/left_out.h"
#include "basewise/data/detail/site_sets.h"
#include "basewise/data/kept_values.h"
#include "basewise/data/sequence_source.h"
#include "basewise/data/shuffled_negatives.h"
#include "basewise/data/site_labels.h"

namespace basewise::data {

namespace {

using detail::add_input;
using detail::add_inputs;
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
  if (o.negatives.kind != NegativeKind::none)
    throw ArgumentError("negatives: with per_base every base without a site is a negative; set kind = \"none\"");
  if (o.augment.jitter > 0) throw ArgumentError("augment: with per_base windows move by random_phase; set jitter = 0");
  if (!o.genome.sites.file.empty() && !o.genome.sites.task.empty())
    throw ArgumentError("genome.sites: with per_base there is one label per strand; leave 'task' empty");
  if (o.genome.sites.file.empty() && o.genome.tracks.files.empty())
    throw ArgumentError("genome: per_base needs sites.file or tracks.files");
  if (detail::has_own_files(o.genome.sites))
    throw ArgumentError("genome.sites: with per_base sets are stretches of the genome; leave validation_file and test_file empty");
}

// The sequence, with a context on both sides, and what is known at every base.
std::vector<SourcePtr> sources_of_tiles(const DataOptions& o, DataSplits& splits) {
  const seq::ChromSizes& sizes = splits.genome->sizes();
  std::vector<SourcePtr> sources{sequence_of(
      splits.genome,
      {.before = o.genome.context, .after = o.genome.context, .tokens = o.encoding == Encoding::tokens})};
  if (!o.genome.sites.file.empty()) {
    add_inputs(splits, o.genome.sites.file);
    const corpus::SiteTable table = corpus::read_sites(o.genome.sites, sizes);
    splits.notes.push_back(format("sites: {}", table.summary()));
    sources.push_back(site_labels(table, sizes));
  }
  if (o.genome.tracks.files.empty()) return sources;
  for (const std::filesystem::path& file : o.genome.tracks.files) add_input(splits, file);
  sources.push_back(track_signal(o.genome.tracks, sizes, splits.regions, splits.notes));
  return sources;
}

void build_tiles(const DataOptions& o, DataSplits& splits) {
  check_per_base(o);
  const std::vector<SourcePtr> sources = sources_of_tiles(o, splits);
  const auto tiles = [&](const std::vector<seq::Interval>& regions, const corpus::TileOptions& options) {
    return examples(corpus::tiles_of(regions, splits.genome->sizes(), options), sources);
  };
  const corpus::TileOptions still{.length = o.genome.window};
  splits.validation = tiles(splits.regions.validation, still);
  splits.test = tiles(splits.regions.test, still);
  const corpus::TileOptions moving{.length = o.genome.window,
                                   .random_phase = o.genome.random_phase && o.augment.random,
                                   .both_strands = o.genome.both_strands && o.augment.random};
  splits.train = turned(tiles(splits.regions.train, moving), o, 0);
  if (o.check_duplicates)
    note_duplicates(splits, o.duplicates, seq::total_length(splits.regions.train),
                    pieces_of(*splits.genome, splits.regions.train, o.genome.window),
                    pieces_of(*splits.genome, splits.regions.validation, o.genome.window),
                    pieces_of(*splits.genome, splits.regions.test, o.genome.window));
}

// Loci with a row of labels each.
struct LabelledLoci {
  std::size_t tasks;
  std::vector<corpus::Locus> loci = {};
  std::vector<float> labels = {};  // (loci, tasks)

  // With no label yet.
  void add(const corpus::Locus& locus) {
    loci.push_back(locus);
    labels.resize(loci.size() * tasks, 0.0F);
  }
  void append(const LabelledLoci& others) {
    loci.insert(loci.end(), others.loci.begin(), others.loci.end());
    labels.insert(labels.end(), others.labels.begin(), others.labels.end());
  }
  void append(const LabelledLoci& others, std::int64_t number) {
    const auto at = static_cast<std::size_t>(number);
    loci.push_back(others.loci[at]);
    const auto row = others.labels.begin() + static_cast<std::ptrdiff_t>(at * tasks);
    labels.insert(labels.end(), row, row + static_cast<std::ptrdiff_t>(tasks));
  }
  std::vector<seq::Interval> windows(const seq::ChromSizes& sizes, std::int64_t length) const {
    std::vector<seq::Interval> windows;
    for (const corpus::Locus& locus : loci) windows.push_back(seq::window(sizes[locus.chrom].name, locus.centre, length));
    return windows;
  }
};

// Sites at one place become one locus with several labels, or with `tasks` of zeros.
LabelledLoci loci_of(const corpus::SiteTable& table, std::optional<std::size_t> tasks = {}) {
  LabelledLoci found{.tasks = tasks.value_or(table.tasks.size())};
  for (const corpus::Site& site : table.sites) {
    const bool same = !found.loci.empty() && found.loci.back().chrom == site.chrom &&
                      found.loci.back().centre == site.position && found.loci.back().strand == site.strand;
    if (!same) found.add({site.chrom, site.position, site.strand});
    if (!tasks) found.labels[(found.loci.size() - 1) * found.tasks + site.task] = 1;
  }
  return found;
}

// The sets of windows: their sites, and background drawn from their own stretches of the genome.
class WindowSets {
 public:
  WindowSets(const DataOptions& o, DataSplits& splits, const detail::SiteSets& sites)
      : o_(o), splits_(splits), sites_(sites), labels_(sites.rest.tasks), negatives_(3, {.tasks = labels_.size()}) {
    avoid(loci_of(sites.rest));
    for (const auto& own : sites.own)
      if (own) avoid(loci_of(*own, labels_.size()));
  }

  // The sites of each set, and negatives where places are given for them. Sets with files of their
  // own come first, as they take stretches from the others.
  std::vector<LabelledLoci> split() {
    std::optional<detail::SiteSets> places;
    if (o_.negatives.kind == NegativeKind::places) places = read_places();
    std::vector<LabelledLoci> parts(3, {.tasks = labels_.size()});
    for (const std::size_t set : {std::size_t{2}, std::size_t{1}}) {
      if (sites_.has(set)) claim(set, loci_of(*sites_.own[set]), parts[set], format("windows of {}", corpus::kSetNames[set]));
      if (places && places->has(set)) claim(set, loci_of(*places->own[set], labels_.size()), negatives_[set], "windows of negatives");
    }
    share(loci_of(sites_.rest), parts, "windows");
    if (places) share(loci_of(places->rest, labels_.size()), negatives_, "windows of negatives");
    return parts;
  }

  DatasetPtr make(LabelledLoci loci, std::size_t set, std::uint64_t seed) {
    const std::size_t sites = loci.loci.size();
    std::string what = format("of {}: {} around sites", splits_.genome->source(), sites);
    const NegativeKind negatives = gets_negatives(o_, set) ? o_.negatives.kind : NegativeKind::none;
    switch (negatives) {
      case NegativeKind::none:
      case NegativeKind::shuffled:
        break;
      case NegativeKind::places:
        loci.append(negatives_[set]);
        what += format(", {} around other places", loci.loci.size() - sites);
        break;
      case NegativeKind::gc_matched:
      case NegativeKind::random:
        add_background(loci, set, seed);
        what += format(", {} background ({})", loci.loci.size() - sites, negatives);
        break;
    }
    warn_of_one_class(set, negatives, sites, loci.loci.size() - sites);
    DatasetPtr result = windows(std::move(loci), set, std::move(what));
    if (negatives == NegativeKind::shuffled && result->size() > 0)
      result = with_shuffled_negatives(std::move(result), "labels", o_.negatives.ratio, seed_of_negatives(o_, set, seed));
    return turned(std::move(result), o_, set);
  }

 private:
  // Shuffled negatives are made later, one or more for each site.
  static void warn_of_one_class(std::size_t set, NegativeKind negatives, std::size_t sites, std::size_t found) {
    if (negatives == NegativeKind::none || negatives == NegativeKind::shuffled || sites == 0 || found > 0) return;
    log_warning("{}: no negatives ({}) were found for its {} sites: auroc cannot be computed there, average_precision and accuracy say "
                "nothing",
                corpus::kSetNames[set], negatives, sites);
  }

  DatasetPtr windows(LabelledLoci loci, std::size_t set, std::string what) const {
    const corpus::LocusWindowOptions around{.length = o_.genome.window,
                                            .jitter = set == 0 && o_.augment.random ? o_.augment.jitter : 0};
    if (around.jitter > 0) {
      const detail::TrainingRoom room(splits_.regions, splits_.genome->sizes(), o_.split.separation);
      for (corpus::Locus& locus : loci.loci) {
        const std::int64_t start = locus.centre - around.length / 2;
        locus.within = room.around(locus.chrom, start, start + around.length);
      }
    }
    Field labels{.name = "labels", .shape = {std::ssize(labels_)}, .role = Role::target, .channels = labels_};
    return examples(corpus::windows_around(std::move(loci.loci), splits_.genome->sizes(), around),
                    {sequence_of(splits_.genome, {.tokens = o_.encoding == Encoding::tokens}),
                     kept_values(std::move(labels), std::move(loci.labels))},
                    std::move(what));
  }

  detail::SiteSets read_places() const {
    return with_context("negatives.places", [&] {
      if (o_.negatives.places.file.empty()) throw ArgumentError("the option 'file' is missing");
      return detail::read_site_sets(o_.negatives.places, "negatives", splits_);
    });
  }

  std::vector<seq::Interval> windows_of(const LabelledLoci& loci) const {
    return loci.windows(splits_.genome->sizes(), o_.genome.window);
  }

  void avoid(const LabelledLoci& loci) {
    const std::int64_t margin = o_.negatives.exclude_margin;
    for (const seq::Interval& window : windows_of(loci))
      avoid_.push_back({window.chrom, window.start - margin, window.end + margin, seq::Strand::none});
  }

  void claim(std::size_t set, const LabelledLoci& loci, LabelledLoci& part, const std::string& what) {
    for (const std::int64_t i : detail::claim(splits_, set, windows_of(loci), o_.split.separation, what)) part.append(loci, i);
  }

  void share(const LabelledLoci& loci, std::vector<LabelledLoci>& parts, const std::string& what) {
    const corpus::IndexSplit indices = detail::split_rest(splits_, sites_, windows_of(loci), what);
    for (std::size_t set = 0; set < 3; ++set)
      for (const std::int64_t i : indices[set]) parts[set].append(loci, i);
  }

  // A set with sites of its own has no stretches but their windows: its background lies where
  // otherwise training windows may, and takes its place from them.
  void add_background(LabelledLoci& loci, std::size_t set, std::uint64_t seed) {
    if (loci.loci.empty()) return;
    const seq::ChromSizes& sizes = splits_.genome->sizes();
    const corpus::BackgroundOptions background{.ratio = o_.negatives.ratio,
                                               .match_gc = o_.negatives.kind == NegativeKind::gc_matched,
                                               .max_n = o_.negatives.max_n};
    const bool own = sites_.has(set);
    const auto found = corpus::background_windows(*splits_.genome, windows_of(loci), splits_.regions[own ? 0 : set], avoid_, background,
                                                  Stream(seed, 0x4e6567, set));
    if (found.unmatched > 0) splits_.notes.push_back(format("{}: {}", corpus::kSetNames[set], found.summary()));
    for (const seq::Interval& window : found.windows)
      loci.add({sizes.index(window.chrom, "background"), window.centre()});
    if (!own) return;
    detail::add_stretches(splits_, set, found.windows, o_.split.separation);
    avoid_.insert(avoid_.end(), found.windows.begin(), found.windows.end());
  }

  const DataOptions& o_;
  DataSplits& splits_;
  const detail::SiteSets& sites_;
  std::vector<std::string> labels_;  // their names
  std::vector<seq::Interval> avoid_ = {};
  std::vector<LabelledLoci> negatives_;  // of files, by set
};

EachSequence letters_of(const seq::Genome& genome, const LabelledLoci& loci, std::int64_t length) {
  return [&genome, &loci, length](const auto& use) {
    for (const seq::Interval& window : loci.windows(genome.sizes(), length))
      use(format("{} [{}, {})", window.chrom, window.start, window.end), genome.letters(window, seq::Edges::pad));
  };
}

void build_windows(const DataOptions& o, std::uint64_t seed, DataSplits& splits) {
  if (o.genome.sites.file.empty()) throw ArgumentError("genome: windows need sites.file");
  if (!o.genome.tracks.files.empty()) throw ArgumentError("genome: tracks need per_base = true");
  const detail::SiteSets sites = detail::read_site_sets(o.genome.sites, "sites", splits);
  detail::check_own_sets(sites, splits);
  WindowSets sets(o, splits, sites);
  const std::vector<LabelledLoci> parts = sets.split();
  DatasetPtr* const made[] = {&splits.train, &splits.validation, &splits.test};
  std::array<std::size_t, 3> order{0, 1, 2};
  // Background of sets with files of their own takes its place from that of training.
  if (detail::has_own_files(o.genome.sites)) order = {2, 1, 0};
  for (const std::size_t set : order) {
    detail::warn_of_unknown(*splits.genome, corpus::kSetNames[set], parts[set].windows(splits.genome->sizes(), o.genome.window));
    *made[set] = sets.make(parts[set], set, seed);
  }
  if (o.check_duplicates)
    note_duplicates(splits, o.duplicates, std::ssize(parts[0].loci) * o.genome.window,
                    letters_of(*splits.genome, parts[0], o.genome.window),
                    letters_of(*splits.genome, parts[1], o.genome.window),
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
  v("ambiguity", o.ambiguity, "what IUPAC letters other than N become",
    one_of({seq::Ambiguity::error, seq::Ambiguity::as_n}));
  v("chromosomes", o.chromosomes, "sequences to use; empty: all");
  v("circular", o.circular, "every sequence is circular");
  v("circular_chromosomes", o.circular_chromosomes, "sequences that are circular");
  v("aliases", o.aliases,
    "table of names of equal meaning for the chromosomes of all files: one sequence per line, columns by tabs (UCSC's chromAlias.txt, an "
    "NCBI assembly report, two columns)");
  v("per_base", o.per_base, "a label at every base of both strands; otherwise one per window");
  v("window", o.window, "bases of an example that have labels", counted(1));
  v.when("per_base", o.per_base, true, [&] {
    v("context", o.context, "further bases of sequence on each side", counted(0));
    v("random_phase", o.random_phase, "cut training windows at other places in each epoch");
    v("both_strands", o.both_strands, "every training window also as it is read from the other strand, an example of its own");
  });
  v.group("sites", o.sites, "labelled places");
  v.group("tracks", o.tracks, "signal along the genome");
}

const DataKind kGenomeKind{
    "genome", [](Visitor& v, DataOptions& o) { v.group("genome", o.genome, "windows of a genome"); }, build_genome, "profile"};

}  // namespace basewise::data
