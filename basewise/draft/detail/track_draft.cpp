#include "basewise/draft/detail/track_draft.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/lower_case.h"
#include "basewise/draft/detail/genome_drafts.h"
#include "basewise/draft/detail/kinds.h"
#include "basewise/draft/detail/track_facts.h"

namespace basewise::draft::detail {
namespace {

bool is_other_strand(std::string forward, std::string reverse) {
  const std::pair<const char*, const char*> words[] = {{"forward", "reverse"}, {"plus", "minus"}, {"fwd", "rev"}, {"pos", "neg"}};
  forward = lower_case(forward);
  reverse = lower_case(reverse);
  for (const auto& [plus, minus] : words)
    for (std::size_t at = forward.find(plus); at != std::string::npos; at = forward.find(plus, at + 1)) {
      std::string other = forward;
      if (other.replace(at, std::string(plus).size(), minus) == reverse) return true;
    }
  return false;
}

/// Tracks together.
struct Signal {
  std::vector<TrackFacts> tracks = {};
  std::vector<Weight> weights = {};  ///< chromosomes that all tracks measured
  std::vector<std::string> chromosomes = {};
  bool gaps_are_zeros = false;
  bool negative = false;

  double mean(std::size_t i) const { return gaps_are_zeros ? tracks[i].mean_with_zeros() : tracks[i].mean(); }
};

Signal look_at_signal(const DraftRequest& r, const seq::ChromSizes& sizes) {
  Signal signal;
  for (const std::filesystem::path& file : r.tracks) {
    signal.tracks.push_back(look_at_track(file, sizes));
    signal.gaps_are_zeros = signal.gaps_are_zeros || signal.tracks.back().leaves_out_zeros();
    signal.negative = signal.negative || signal.tracks.back().least < 0;
  }
  for (std::size_t chrom = 0; chrom < sizes.size(); ++chrom) {
    std::int64_t least = sizes[chrom].length;
    for (const TrackFacts& track : signal.tracks) least = std::min(least, track.by_chrom[chrom]);
    if (least == 0) continue;
    signal.chromosomes.push_back(sizes[chrom].name);
    signal.weights.push_back(
        {.chromosome = sizes[chrom].name, .length = sizes[chrom].length, .weight = static_cast<double>(sizes[chrom].length)});
  }
  if (signal.weights.empty())
    throw DataError(format("no sequence of {} was measured by all of {} tracks; give tracks of the same chromosomes, or one recipe each",
                           sizes.source(), signal.tracks.size()));
  return signal;
}

struct Tiles {
  std::int64_t bin = 32;
  std::int64_t window = 4096;
  std::int64_t context = 512;
  std::int64_t layers = 1;  ///< dilated ones, which read no further than the context
  std::string why_bin = {};
};

/// Bins that the layers of "dilated" before the dilated ones read on each side, at the most.
constexpr std::int64_t kBelowDilations = 5;

Tiles choose_tiles(const Signal& signal) {
  constexpr std::int64_t kFine = 16;
  Tiles tiles;
  std::int64_t step = 0, longest = 0;
  for (const TrackFacts& track : signal.tracks) step = std::max(step, track.step);
  for (const Weight& w : signal.weights) longest = std::max(longest, w.length);
  const bool stepped = step >= kFine && step < 512;
  tiles.bin = stepped ? step : 32;
  tiles.why_bin = stepped ? format("the values of the files stand in steps of {} bases", step)
                          : "one value for 32 bases, their mean; 1 for an answer at every base, which takes much longer";
  const std::int64_t wanted = std::min<std::int64_t>(4096, longest / 16);
  tiles.window = std::max<std::int64_t>(4, wanted / tiles.bin) * tiles.bin;
  const auto bins_read = [](std::int64_t layers) { return kBelowDilations + (std::int64_t{2} << layers) - 2; };
  const std::int64_t most = tiles.window * 2 / 5 / tiles.bin;
  while (tiles.layers < 6 && bins_read(tiles.layers + 1) <= most) ++tiles.layers;
  tiles.context = bins_read(tiles.layers) * tiles.bin;
  return tiles;
}

void write_track_model(RecipeText& recipe, const Signal& signal, const Tiles& tiles) {
  std::vector<double> means;
  double sum = 0;
  for (std::size_t i = 0; i < signal.tracks.size(); ++i) {
    means.push_back(rounded(signal.mean(i)));
    sum += std::abs(means.back());
  }
  const double size = sum / static_cast<double>(means.size());
  recipe.table("model");
  recipe.text("name", "dilated", "convolutions down to the bins, then dilated ones; sizes: docs/models.md");
  recipe.count("filters", 48);
  recipe.count("layers", tiles.layers, "dilated convolutions, which read no further than data.genome.context");
  recipe.key("bias_initial", toml(means), "the mean of each track: training starts there");
  if (size > 10 || (size > 0 && size < 0.1)) recipe.number("output_scale", rounded(size), "values are of this size");
}

void write_track_data(RecipeText& recipe, const DraftRequest& r, const seq::ChromSizes& sizes, const Signal& signal, const Tiles& tiles) {
  constexpr std::int64_t kSlow = 100'000'000;
  recipe.table("data");
  recipe.text("kind", "genome");
  recipe.text("encoding", "tokens", "the sequence as bytes: less memory, the same numbers");
  if (sizes.total_length() > kSlow)
    recipe.key("check_duplicates", "false",
               format("the search for sequences that two sets share takes long in {} bases", grouped(sizes.total_length())));
  write_genome(recipe, r.genome, sizes);
  if (signal.chromosomes.size() < sizes.size())
    recipe.key("chromosomes", toml(signal.chromosomes),
               format("all tracks have values on {} of {} sequences", signal.chromosomes.size(), sizes.size()));
  recipe.yes("per_base", "tracks are learned along the whole genome, tile by tile");
  recipe.count("window", tiles.window, "bases of a tile");
  recipe.count("context", tiles.context,
               "further bases that are read at each side: all that an answer depends on, in training as along a genome");
  recipe.table("data.genome.tracks");
  recipe.files("files", r.tracks);
  recipe.text("name", "signal");
  recipe.count("bin", tiles.bin, tiles.why_bin);
  if (signal.gaps_are_zeros)
    recipe.text("gaps", "zero",
                "no base has the value 0 and many have none: the files leave zeros out. \"missing\" if these bases were not measured");
  if (come_in_pairs(r.tracks)) recipe.yes("paired", "by their names the files are the two strands of one assay each");
}

}  // namespace

bool come_in_pairs(const std::vector<std::filesystem::path>& files) {
  for (std::size_t i = 0; i + 1 < files.size(); i += 2)
    if (!is_other_strand(files[i].filename().string(), files[i + 1].filename().string())) return false;
  return !files.empty() && files.size() % 2 == 0;
}

Draft draft_tracks(const DraftRequest& r) {
  const seq::ChromSizes sizes = sizes_of_genome(r.genome);
  const Signal signal = look_at_signal(r, sizes);
  const Tiles tiles = choose_tiles(signal);
  const SplitChoice split = choose_split(signal.weights);
  Draft draft;
  draft.found = {"genome: " + told(sizes)};
  double bases = 0;
  for (const Weight& w : signal.weights) bases += w.weight;
  for (std::size_t i = 0; i < r.tracks.size(); ++i) {
    const TrackFacts& t = signal.tracks[i];
    draft.found.push_back(format("{}: {} bases with a value, from {:.4g} to {:.4g}, mean {:.4g}", r.tracks[i].filename().string(),
                                 grouped(t.measured), t.least, t.most, t.mean()));
  }
  draft.found.push_back(told(split, "bases"));
  if (signal.gaps_are_zeros)
    draft.notes.emplace_back("bases without a value count as 0, for no base has that value in the file; see `gaps` in the recipe");
  RecipeText recipe(r, format("{} and {} tracks", r.genome.filename().string(), r.tracks.size()));
  write_track_data(recipe, r, sizes, signal, tiles);
  write_split(recipe, split, "bases");
  recipe.table("data.augment");
  recipe.number("reverse_complement", 0.5, "a tile may be read from either strand; the tracks turn with it");
  write_track_model(recipe, signal, tiles);
  recipe.table("loss", true);
  if (signal.negative) {
    recipe.text("type", "mse", "some values are negative");
  } else {
    recipe.text("type", "poisson", "no value is negative: a rate");
    recipe.key("log_input", "false", "the model gives the rate itself, never below 0");
  }
  recipe.text("output", "signal");
  recipe.text("target", "signal");
  write_training(recipe, {.examples = static_cast<std::int64_t>(split.train_share() * bases) / tiles.window,
                          .views = 30'000,
                          .most_epochs = 30,
                          .cost = ", minutes on two cores"});
  recipe.table("evaluate");
  recipe.key("metrics", R"(["pearson", "spearman"])", "of the bins of the test set, each track by itself: docs/metrics.md");
  draft.text = recipe.str();
  return draft;
}

}  // namespace basewise::draft::detail
