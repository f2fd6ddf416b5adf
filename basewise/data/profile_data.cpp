#include "basewise/data/profile_data.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/core/some_of.h"
#include "basewise/corpus/clusters.h"
#include "basewise/data/build.h"
#include "basewise/data/count_sources.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/detail/left_out.h"
#include "basewise/data/detail/site_sets.h"
#include "basewise/data/sequence_source.h"

namespace basewise::data {

namespace {

using detail::add_inputs;
using detail::EachSequence;
using detail::note_duplicates;
using detail::turned;

struct Centre {
  std::size_t chrom;
  std::int64_t position;
  friend auto operator<=>(const Centre&, const Centre&) = default;
};

corpus::StrandedCountsPtr open_track(const corpus::StrandedTrackOptions& o, const char* name, DataSplits& splits) {
  for (const FileList* files : {&o.plus, &o.minus}) add_inputs(splits, *files);
  return with_context(format("profile.{}", name), [&] {
    auto track = std::make_shared<const corpus::StrandedCounts>(o, splits.genome->sizes());
    for (const std::string& note : track->notes()) splits.notes.push_back(format("{}: {}", name, note));
    return track;
  });
}

corpus::StrandedCountsPtr open_if_named(const corpus::StrandedTrackOptions& o, const char* name, DataSplits& splits) {
  return o.plus.empty() && o.minus.empty() ? nullptr : open_track(o, name, splits);
}

detail::SiteSets read_centres(const DataOptions& o, DataSplits& splits) {
  if (o.profile.centres != Centres::sites) {
    if (detail::has_own_files(o.genome.sites))
      throw ArgumentError("profile: centres = \"signal\" reads no sites; leave validation_file and test_file of genome.sites empty");
    return {.rest = {}};
  }
  if (o.genome.sites.file.empty())
    throw ArgumentError("profile: centres = \"sites\" needs genome.sites.file; centres = \"signal\" finds places with many reads instead");
  return detail::read_site_sets(o.genome.sites, "sites", splits);
}

std::vector<Centre> centres_of(const corpus::SiteTable& table) {
  std::vector<Centre> centres;
  for (const corpus::Site& site : table.sites) centres.push_back({site.chrom, site.position});
  centres.erase(std::unique(centres.begin(), centres.end()), centres.end());
  return centres;
}

// Clusters of all chromosomes, read in pieces so that a long one needs no memory of its own length.
std::vector<Centre> centres_of_signal(const corpus::ClusterOptions& o, const corpus::StrandedCounts& counts, DataSplits& splits) {
  constexpr std::int64_t kPiece = 1 << 20;
  std::vector<float> plus(kPiece);
  std::vector<float> minus(kPiece);
  std::vector<Centre> centres;
  const seq::ChromSizes& sizes = splits.genome->sizes();
  for (std::size_t chrom = 0; chrom < sizes.size(); ++chrom) {
    if (!counts.has(chrom)) continue;
    corpus::ClusterCaller caller(o);
    for (std::int64_t start = 0; start < sizes[chrom].length; start += kPiece) {
      const auto n = static_cast<std::size_t>(std::min(kPiece, sizes[chrom].length - start));
      counts.read(chrom, start, std::span(plus).first(n), std::span(minus).first(n));
      caller.add(start, std::span(plus).first(n), std::span(minus).first(n));
    }
    for (const corpus::Cluster& cluster : caller.finish()) centres.push_back({chrom, cluster.centre});
  }
  splits.notes.push_back(format("{} places with many reads", centres.size()));
  return centres;
}

// The stretch of a set in which a window lies.
corpus::Locus locus_in(const std::vector<seq::Interval>& regions, const Centre& centre, const seq::Interval& window) {
  for (const seq::Interval& region : regions)
    if (region.chrom == window.chrom && region.start <= window.start && window.end <= region.end)
      return {centre.chrom, centre.position, seq::Strand::none, corpus::Stretch{region.start, region.end}};
  throw InternalError(format("no stretch holds [{}, {}) of {}", window.start, window.end, window.chrom));
}

class ProfileBuilder {
 public:
  ProfileBuilder(const DataOptions& o, DataSplits& splits) : o_(o), splits_(splits) {
    target_ = open_track(o.profile.target, "target", splits);
    control_ = open_if_named(o.profile.control, "control", splits);
    replicate_ = open_if_named(o.profile.replicate, "replicate", splits);
  }

  void build(std::uint64_t seed) {
    const detail::SiteSets sites = read_centres(o_, splits_);
    detail::check_own_sets(sites, splits_);
    std::vector<Centre> centres = from_sites() ? centres_of(sites.rest) : centres_of_signal(o_.profile.clusters, *target_, splits_);
    const std::vector<seq::Interval> windows = prepare(centres, seed);
    for (const std::size_t set : {std::size_t{2}, std::size_t{1}}) {
      if (!sites.has(set)) continue;
      std::vector<Centre> own = centres_of(*sites.own[set]);
      const std::vector<seq::Interval> around = prepare(own, seed);
      const std::string what = format("windows of {}", corpus::kSetNames[set]);
      place(set, own, around, detail::claim(splits_, set, around, o_.split.separation, what));
    }
    const corpus::IndexSplit indices = detail::split_rest(splits_, sites, windows, "windows");
    for (std::size_t set = 0; set < 3; ++set) place(set, centres, windows, indices[set]);
    for (std::size_t set = 0; set < 3; ++set) {
      note_silent(set);
      std::vector<seq::Interval> placed;
      for (const corpus::Locus& locus : loci_[set]) placed.push_back(window_of({locus.chrom, locus.centre}));
      detail::warn_of_unknown(*splits_.genome, corpus::kSetNames[set], placed);
    }
    splits_.train = make(0);
    splits_.validation = make(1);
    splits_.test = make(2);
    if (o_.check_duplicates)
      note_duplicates(splits_, o_.duplicates, std::ssize(loci_[0]) * o_.profile.output, letters_of(0), letters_of(1), letters_of(2));
  }

 private:
  bool from_sites() const { return o_.profile.centres == Centres::sites; }

  seq::Interval window_of(const Centre& centre) const {
    return seq::window(splits_.genome->sizes()[centre.chrom].name, centre.position, o_.profile.output);
  }

  // Moves centres, drops those without a whole window, and gives the windows of the others.
  std::vector<seq::Interval> prepare(std::vector<Centre>& centres, std::uint64_t seed) {
    scatter(centres, seed);
    drop(centres);
    std::vector<seq::Interval> windows;
    for (const Centre& centre : centres) windows.push_back(window_of(centre));
    return windows;
  }

  void place(std::size_t set, const std::vector<Centre>& centres, const std::vector<seq::Interval>& windows,
             const std::vector<std::int64_t>& numbers) {
    for (const std::int64_t i : numbers) {
      const auto at = static_cast<std::size_t>(i);
      loci_[set].push_back(locus_in(splits_.regions[set], centres[at], windows[at]));
    }
  }

  // A pure function of seed and centre, so that it does not matter which others there are.
  void scatter(std::vector<Centre>& centres, std::uint64_t seed) const {
    constexpr std::uint64_t kScatterStream = 0x53636174;
    const std::int64_t most = o_.profile.scatter;
    for (Centre& centre : centres)
      centre.position += Stream(seed, kScatterStream, centre.chrom, static_cast<std::uint64_t>(centre.position)).integer(-most, most);
  }

  // What has no whole window, was not measured, or has too few reads.
  void drop(std::vector<Centre>& centres) {
    const seq::ChromSizes& sizes = splits_.genome->sizes();
    const auto note = [&](std::size_t dropped, const std::string& why) {
      detail::note_left_out(splits_, static_cast<std::int64_t>(dropped), why);
    };
    note(std::erase_if(centres,
                       [&](const Centre& c) {
                         const seq::Interval window = window_of(c);
                         return window.start < 0 || window.end > sizes[c.chrom].length;
                       }),
         "they leave their chromosome");
    std::vector<std::string> lacking;
    const auto unmeasured = std::erase_if(centres, [&](const Centre& c) {
      if (target_->has(c.chrom) && (!control_ || control_->has(c.chrom)) && (!replicate_ || replicate_->has(c.chrom))) return false;
      const std::string& name = sizes[c.chrom].name;
      if (std::find(lacking.begin(), lacking.end(), name) == lacking.end()) lacking.push_back(name);
      return true;
    });
    note(unmeasured, format("a track lacks their chromosome: {}", some_of(lacking)));
    if (o_.profile.min_reads > 0)
      note(std::erase_if(centres, [&](const Centre& c) { return reads_in(c) < o_.profile.min_reads; }),
           format("they have fewer than {} reads", o_.profile.min_reads));
  }

  double reads_in(const Centre& centre) const {
    std::vector<float> plus(static_cast<std::size_t>(o_.profile.output));
    std::vector<float> minus(plus.size());
    target_->read(centre.chrom, window_of(centre).start, plus, minus);
    return std::accumulate(plus.begin(), plus.end(), 0.0) + std::accumulate(minus.begin(), minus.end(), 0.0);
  }

  // Windows without any read stay: a model learns from them where nothing is. Where there are no
  // others it learns nothing.
  void note_silent(std::size_t set) {
    const auto silent =
        std::count_if(loci_[set].begin(), loci_[set].end(), [&](const corpus::Locus& l) { return reads_in({l.chrom, l.centre}) == 0; });
    if (silent == 0) return;
    const std::string which(corpus::kSetNames[set]);
    splits_.notes.push_back(format("{}: {} of {} windows have no read at all; profile.min_reads = 1 leaves such windows out", which,
                                   silent, loci_[set].size()));
    if (silent == std::ssize(loci_[set])) log_warning("{}: none of the {} windows has a read of the target", which, silent);
  }

  DatasetPtr make(std::size_t set) const {
    const ProfileDataOptions& p = o_.profile;
    const std::int64_t context = (p.input - p.output) / 2;
    std::vector<SourcePtr> sources{
        sequence_of(splits_.genome, {.before = context, .after = context, .tokens = o_.encoding == Encoding::tokens}),
        profile_counts(target_)};
    if (control_) sources.push_back(control_counts(control_, p.control_windows));
    if (replicate_) sources.push_back(replicate_counts(replicate_));
    const corpus::LocusWindowOptions around{.length = p.output,
                                            .jitter = set == 0 && o_.augment.random ? o_.augment.jitter : 0};
    return turned(examples(corpus::windows_around(loci_[set], splits_.genome->sizes(), around), std::move(sources),
                           from_sites() ? "around sites" : "around places with many reads"),
                  o_, set);
  }

  EachSequence letters_of(std::size_t set) const {
    return [this, set](const auto& use) {
      for (const corpus::Locus& locus : loci_[set]) {
        const seq::Interval window = window_of({locus.chrom, locus.centre});
        use(format("{} [{}, {})", window.chrom, window.start, window.end), splits_.genome->letters(window));
      }
    };
  }

  const DataOptions& o_;
  DataSplits& splits_;
  corpus::StrandedCountsPtr target_;
  corpus::StrandedCountsPtr control_;    // may be null
  corpus::StrandedCountsPtr replicate_;  // may be null
  std::vector<corpus::Locus> loci_[3];
};

void check_lengths(const ProfileDataOptions& o) {
  if (o.output < 1 || o.input < o.output || (o.input - o.output) % 2 != 0)
    throw ArgumentError(
        format("profiles: {} bases with counts do not stand in the middle of {} bases of sequence; make the difference an "
               "even number of 0 or more",
               o.output, o.input));
}

DataSplits build_profiles(const DataOptions& o, std::uint64_t seed) {
  detail::refuse_label_noise(o);
  if (o.negatives.kind != NegativeKind::none)
    throw ArgumentError("negatives: windows with counts at every base have none; set kind = \"none\"");
  if (!o.genome.tracks.files.empty()) throw ArgumentError("genome.tracks: profiles read profile.target; leave 'files' empty");
  check_lengths(o.profile);
  DataSplits splits = detail::open_genome(o);
  ProfileBuilder(o, splits).build(seed);
  return splits;
}

}  // namespace

void describe(Visitor& v, ProfileDataOptions& o) {
  v.group("target", o.target, "counts to predict");
  v.group("control", o.control, "counts of a control experiment; without files none");
  v.group("replicate", o.replicate,
          "a second measurement of the target, whose agreement with it is what can be reached; without files none");
  v("centres", o.centres, "where the middles of windows lie");
  v.when("centres", o.centres, {Centres::signal},
         [&] { v.group("clusters", o.clusters, "how places with many reads are found"); });
  v("scatter", o.scatter,
    "every centre is moved once by up to so many bases, in all sets and by the seed of the data: where the middle of a "
    "window is also its peak, a profile that is the same for all windows looks better than it is",
    counted(0));
  v("input", o.input, "bases of sequence", counted(1));
  v("output", o.output, "bases with counts, in the middle of the sequence", counted(1));
  v("control_windows", o.control_windows, "bases over which the control profile is averaged, one channel each");
  v("min_reads", o.min_reads, "windows with fewer reads of the target on both strands together are left out", non_negative());
}

const DataKind kProfileKind{
    "profile",
    [](Visitor& v, DataOptions& o) {
      v.group("profile", o.profile,
              "windows of a genome with counts at every base of both strands; genome.fasta and genome.sites say where");
    },
    build_profiles};

}  // namespace basewise::data
