#include "basewise/draft/detail/profile_draft.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "basewise/core/error.h"
#include "basewise/draft/detail/genome_drafts.h"
#include "basewise/draft/detail/kinds.h"
#include "basewise/draft/detail/track_facts.h"

namespace basewise::draft::detail {
namespace {

constexpr std::int64_t kFewestPlaces = 20;

double reads_in(const corpus::StrandedCounts& counts, std::size_t chrom, std::int64_t centre, std::int64_t window) {
  std::vector<float> plus(static_cast<std::size_t>(window)), minus(plus.size());
  counts.read(chrom, centre - window / 2, plus, minus);
  return std::accumulate(plus.begin(), plus.end(), 0.0) + std::accumulate(minus.begin(), minus.end(), 0.0);
}

bool is_whole(const seq::Chrom& chrom, std::int64_t centre, std::int64_t window) {
  return centre - window / 2 >= 0 && centre - window / 2 + window <= chrom.length;
}

/// The clusters of one chromosome for each of several thresholds.
std::vector<std::vector<corpus::Cluster>> clusters_of(const corpus::StrandedCounts& counts, std::size_t chrom, std::int64_t length,
                                                      const std::vector<corpus::ClusterOptions>& all) {
  constexpr std::int64_t kPiece = std::int64_t{1} << 20;
  std::vector<float> plus(static_cast<std::size_t>(kPiece)), minus(plus.size());
  std::vector<corpus::ClusterCaller> callers(all.begin(), all.end());
  for (std::int64_t start = 0; start < length; start += kPiece) {
    const auto n = static_cast<std::size_t>(std::min(kPiece, length - start));
    counts.read(chrom, start, std::span(plus).first(n), std::span(minus).first(n));
    // Bases without reads, which are most, are passed over once for all callers.
    for (std::size_t from = 0, to = 0; from < n; from = to) {
      const auto empty = [&](std::size_t i) { return plus[i] == 0 && minus[i] == 0; };
      while (from < n && empty(from)) ++from;
      to = from;
      while (to < n && !empty(to)) ++to;
      const std::int64_t at = start + static_cast<std::int64_t>(from);
      for (corpus::ClusterCaller& caller : callers)
        if (to > from) caller.add(at, std::span(plus).subspan(from, to - from), std::span(minus).subspan(from, to - from));
    }
  }
  std::vector<std::vector<corpus::Cluster>> found;
  for (corpus::ClusterCaller& caller : callers) found.push_back(caller.finish());
  return found;
}

struct ProfileSizes {
  std::int64_t input = 1346;
  std::int64_t output = 1000;
};

ProfileSizes choose_sizes(const seq::ChromSizes& sizes) {
  constexpr std::int64_t kLong = 10'000;
  const bool small = std::all_of(sizes.begin(), sizes.end(), [](const seq::Chrom& c) { return c.length < kLong; });
  return small ? ProfileSizes{546, 200} : ProfileSizes{};
}

void write_counts(RecipeText& recipe, const std::string& name, const CountFacts& facts) {
  recipe.table("data.profile." + name);
  recipe.file("plus", facts.options.plus.paths, format("{} reads", grouped(static_cast<std::int64_t>(facts.plus))));
  recipe.file("minus", facts.options.minus.paths, format("{} reads", grouped(static_cast<std::int64_t>(facts.minus))));
  if (facts.options.absolute) recipe.yes("absolute", "the reverse strand is written as negative numbers");
}

/// What the windows are, whichever way their centres were found.
struct Places {
  std::vector<Weight> weights = {};
  std::vector<double> reads = {};
  std::int64_t size() const { return static_cast<std::int64_t>(reads.size()); }
};

void write_profile_rest(RecipeText& recipe, const Places& places, const SplitChoice& split, bool narrow) {
  const auto train = static_cast<std::int64_t>(split.train_share() * static_cast<double>(places.size()));
  const double depth = median_of(places.reads);
  recipe.table("model");
  recipe.text("name", "bpnet", "dilated convolutions, a head for the profile and one for the counts; sizes: docs/models.md");
  recipe.count("filters", narrow ? 32 : 64, narrow ? format("64 are published, for more than {} windows", grouped(train)) : "as published");
  recipe.table("loss", true);
  recipe.text("type", "multinomial", "where the reads lie");
  recipe.text("output", "profile");
  recipe.text("target", "profile");
  recipe.text("reduction", "sum");
  recipe.table("loss", true);
  recipe.text("type", "mse", "how many there are: log(1 + reads) of each strand");
  recipe.text("output", "counts");
  recipe.text("target", "counts");
  recipe.number("weight", std::max(1.0, rounded(depth / 10)),
                format("a tenth of the {:.0f} reads of the middle window, as in chrombpnet", depth));
  write_training(
      recipe,
      {.examples = train, .views = narrow ? 30'000 : 24'000, .most_epochs = 30, .learning_rate = 0.002, .cost = ", minutes on two cores"});
  recipe.table("evaluate");
  recipe.key("metrics", R"(["jsd", "profile_pearson"])",
             "of each window of the test set, beside the mean profile; counts: pearson. docs/metrics.md");
}

void write_windows(RecipeText& recipe, const ProfileSizes& s, const corpus::ClusterOptions* clusters, std::int64_t places,
                   double min_reads) {
  recipe.table("data.profile");
  recipe.text("centres", clusters ? "signal" : "sites", clusters ? "no sites given: places with many reads" : "");
  recipe.count("input", s.input, "bases that are read: what six dilated convolutions need beyond the profile");
  recipe.count("output", s.output, "bases whose counts are predicted, in the middle");
  if (!clusters) {
    recipe.number("min_reads", min_reads, "windows with fewer tell nothing of a profile");
    return;
  }
  recipe.count("scatter", s.output / 5, "or the middle of a window would always be its highest base");
  recipe.table("data.profile.clusters");
  recipe.number("min_count", clusters->min_count, format("reads at a base of one strand; finds {} places", grouped(places)));
  recipe.number("min_total", clusters->min_total, "reads of a place");
  recipe.count("spacing", clusters->spacing, "of places that are nearer to each other only the largest");
}

}  // namespace

CountFacts look_at_counts(const std::vector<std::filesystem::path>& files, const seq::ChromSizes& sizes) {
  CountFacts facts;
  facts.unit = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const TrackFacts track = look_at_track(files[i], sizes);
    if (track.least < 0 && track.most > 0)
      throw DataError(format("{} has values from {:.4g} to {:.4g}: counts have one sign", files[i].string(), track.least, track.most));
    if (track.sum == 0) throw DataError(format("{} has no reads: all values are 0", files[i].string()));
    const bool forward = i % 2 == 0;
    (forward ? facts.options.plus : facts.options.minus).paths.push_back(files[i]);
    (forward ? facts.plus : facts.minus) += std::abs(track.sum);
    facts.options.absolute = facts.options.absolute || track.least < 0;
    const double unit = track.least < 0 ? 0 : track.least_positive;
    if (unit > 0 && (facts.unit == 0 || unit < facts.unit)) facts.unit = unit;
  }
  if (facts.unit == 0) facts.unit = 1;
  return facts;
}

CalledPlaces call_places(const CountFacts& facts, const seq::ChromSizes& sizes, std::int64_t window) {
  constexpr std::size_t kMost = 8000;
  std::vector<corpus::ClusterOptions> all;
  for (const double count : {2, 3, 5, 10, 20, 50, 100, 200})
    all.push_back({.min_count = count * facts.unit, .min_total = 4 * count * facts.unit, .spacing = window / 4});
  const corpus::StrandedCounts counts(facts.options, sizes);
  std::vector<std::vector<std::pair<std::size_t, std::int64_t>>> centres(all.size());
  for (std::size_t chrom = 0; chrom < sizes.size(); ++chrom) {
    if (!counts.has(chrom)) continue;
    const auto found = clusters_of(counts, chrom, sizes[chrom].length, all);
    for (std::size_t i = 0; i < all.size(); ++i)
      for (const corpus::Cluster& cluster : found[i])
        if (is_whole(sizes[chrom], cluster.centre, window)) centres[i].emplace_back(chrom, cluster.centre);
  }
  std::size_t chosen = 0;
  while (chosen + 1 < all.size() && centres[chosen].size() > kMost) ++chosen;
  CalledPlaces places{.options = all[chosen]};
  for (const seq::Chrom& chrom : sizes) places.weights.push_back({.chromosome = chrom.name, .length = chrom.length});
  for (const auto& [chrom, centre] : centres[chosen]) {
    ++places.weights[chrom].weight;
    places.weights[chrom].positions.push_back(centre);
    places.reads.push_back(reads_in(counts, chrom, centre, window));
  }
  return places;
}

std::vector<double> reads_at(const CountFacts& facts, const SiteFacts& sites, const seq::ChromSizes& sizes, std::int64_t window) {
  const corpus::StrandedCounts counts(facts.options, sizes);
  std::vector<double> reads;
  for (const corpus::Site& site : sites.table.sites)
    if (counts.has(site.chrom) && is_whole(sizes[site.chrom], site.position, window))
      reads.push_back(reads_in(counts, site.chrom, site.position, window));
  return reads;
}

Draft draft_profile(const DraftRequest& r) {
  const seq::ChromSizes sizes = sizes_of_genome(r.genome);
  const ProfileSizes windows = choose_sizes(sizes);
  const CountFacts target = look_at_counts(r.profile, sizes);
  Draft draft;
  draft.found = {"genome: " + told(sizes),
                 format("reads: {:.0f} on the forward and {:.0f} on the reverse strand", target.plus, target.minus)};
  RecipeText recipe(r, format("{} and counts of both strands", r.genome.filename().string()));
  recipe.table("data");
  recipe.text("kind", "profile");
  recipe.text("encoding", "tokens", "the sequence as bytes: less memory, the same numbers");
  write_genome(recipe, r.genome, sizes);
  Places places;
  const double min_reads = 10 * target.unit;
  if (r.sites.empty()) {
    CalledPlaces called = call_places(target, sizes, windows.output);
    places = {std::move(called.weights), std::move(called.reads)};
    draft.found.push_back(format("places: {} with {:.4g} reads or more at a base", places.size(), called.options.min_count));
    write_windows(recipe, windows, &called.options, places.size(), 0);
  } else {
    const SiteFacts sites = look_at_sites(r.sites, sizes);
    places = {weights_of(sites, sizes), reads_at(target, sites, sizes, windows.output)};
    std::erase_if(places.reads, [&](double reads) { return reads < min_reads; });
    draft.found.push_back(format("sites: {}; {} of them with {:.4g} reads or more", sites.table.summary(), places.size(), min_reads));
    write_sites(recipe, sites);
    write_windows(recipe, windows, nullptr, places.size(), min_reads);
  }
  if (places.size() < kFewestPlaces)
    throw DataError(
        format("{} windows of {} bases have enough reads ({}): too few to learn a profile from; sum replicates, or give more sites",
               places.size(), windows.output, fmt::join(draft.found, "; ")));
  write_counts(recipe, "target", target);
  if (!r.control.empty()) write_counts(recipe, "control", look_at_counts(r.control, sizes));
  const SplitChoice split = choose_split(places.weights);
  draft.found.push_back(told(split, "windows"));
  write_split(recipe, split, "windows");
  recipe.table("data.augment");
  recipe.count("jitter", windows.output / 5, "training windows move by up to so many bases, anew each time");
  recipe.number("reverse_complement", 0.5, "the strands of the profile change places with the sequence");
  constexpr std::int64_t kFew = 3000;
  write_profile_rest(recipe, places, split, places.size() < kFew);
  draft.text = recipe.str();
  return draft;
}

}  // namespace basewise::draft::detail
