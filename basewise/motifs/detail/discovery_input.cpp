#include "basewise/motifs/detail/discovery_input.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/options.h"
#include "basewise/motifs/seqlets.h"

namespace basewise::motifs {

void describe(Visitor& v, DiscoveryOptions& o) {
  v("max_seqlets", o.max_seqlets, "seqlets of each sign that are used, in the order of the examples", counted(1));
  v("min_seqlets", o.min_seqlets, "a sign with no more seqlets than this is left out", counted(0));
  v("seqlet_size", o.seqlet_size, "core of a seqlet in bases", between(2, 1000));
  v("seqlet_flank", o.seqlet_flank, "bases on each side of the core", between(0, 1000));
  v("target_fdr", o.target_fdr, "expected share of false seqlets", fraction());
  v("min_passing", o.min_passing, "share of windows that pass at least", fraction());
  v("max_passing", o.max_passing, "share of windows that pass at most", fraction());
  v("weak_threshold", o.weak_threshold, "quantile of absolute attribution that a seqlet needs for its sign", fraction());
  v("top_positions", o.top_positions, "positions of highest attribution that make gapped k-mers", between(2, 64));
  v("min_k", o.min_k, "letters of a gapped k-mer, at least", between(2, 8));
  v("max_k", o.max_k, "letters of a gapped k-mer, at most", between(2, 8));
  v("max_gap", o.max_gap, "bases between two letters of a gapped k-mer, at most", between(1, 20));
  v("max_len", o.max_len, "bases that a gapped k-mer spans, at most", between(2, 20));
  v("max_entries", o.max_entries, "gapped k-mers kept for each seqlet", between(1, 100'000));
  v("neighbors", o.neighbors, "nearest seqlets that are compared finely", counted(1));
  v("min_overlap", o.min_overlap, "share of a seqlet that stays in view at every offset", fraction());
  v("min_agreement", o.min_agreement, "rank correlation of coarse and fine similarity that a seqlet needs", between(-1, 1));
  v("perplexity", o.perplexity, "effective number of neighbours of the density adaption", at_least(1));
  v("kernel", o.kernel, "how distances become affinities");
  v("leiden_runs", o.leiden_runs, "clusterings of different seeds; the best one counts", between(1, 1000));
  v("trim_size", o.trim_size, "most informative stretch that a pattern is cut to, in bases", between(2, 1000));
  v("initial_flank", o.initial_flank, "bases put on each side of that stretch", between(0, 1000));
  v("final_flank", o.final_flank, "bases put on each side at the end", between(0, 1000));
  v("subcluster_perplexity", o.subcluster_perplexity, "effective number of neighbours within a pattern", between(2, 1000));
  v("merge_sample", o.merge_sample, "seqlets of a pattern that overlaps of patterns are computed from", between(2, 100'000));
  v("min_cluster_size", o.min_cluster_size, "seqlets that a pattern needs", counted(1));
  v("min_information", o.min_information, "bits that the best window of a pattern needs", non_negative());
  v("information_window", o.information_window, "bases of that window", between(1, 1000));
  v("seed", o.seed, "seed of everything random");
}

namespace detail {

void check_discovery(const AttributionSet& set, const DiscoveryOptions& options) {
  DiscoveryOptions copy = options;
  check(described(copy), "discovery");
  if (options.min_k > options.max_k) throw ArgumentError(format("min_k = {} is more than max_k = {}", options.min_k, options.max_k));
  if (options.min_k > options.max_len)
    throw ArgumentError(format("min_k = {} letters do not fit into max_len = {} bases", options.min_k, options.max_len));
  const auto positions = static_cast<std::size_t>(set.examples * set.length);
  if (set.tokens.size() != positions || set.contributions.size() != positions)
    throw DataError(format("{} examples of {} positions need {} letters and contributions; there are {} and {}", set.examples, set.length,
                           positions, set.tokens.size(), set.contributions.size()));
  if (!set.hypothetical.empty() && set.hypothetical.size() != 4 * positions)
    throw DataError(format("{} examples of {} positions need {} hypothetical attributions; there are {}", set.examples, set.length,
                           4 * positions, set.hypothetical.size()));
  const auto finite = [](float x) { return std::isfinite(x); };
  const auto bad = std::find_if_not(set.contributions.begin(), set.contributions.end(), finite);
  if (bad != set.contributions.end()) {
    const std::int64_t at = bad - set.contributions.begin();
    throw DataError(
        format("the attribution of example {}, position {} is {}; expected finite numbers", at / set.length, at % set.length, *bad));
  }
  if (!std::all_of(set.hypothetical.begin(), set.hypothetical.end(), finite))
    throw DataError("a hypothetical attribution is not finite; expected finite numbers");
}

void check_seqlets(const AttributionSet& set, const std::vector<Seqlet>& seqlets) {
  for (std::size_t i = 0; i < seqlets.size(); ++i) {
    const Seqlet& s = seqlets[i];
    if (s.example < 0 || s.example >= set.examples || s.start < 0 || s.end > set.length || s.start >= s.end)
      throw ArgumentError(format("seqlet {}: [{}, {}) of example {} lies outside of {} examples of {} positions", i, s.start, s.end,
                                 s.example, set.examples, set.length));
    if (s.end - s.start != seqlets[0].end - seqlets[0].start)
      throw ArgumentError(format("seqlet {} has {} positions, the first one {}; expected one width", i, s.end - s.start,
                                 seqlets[0].end - seqlets[0].start));
  }
}

void note_input(const AttributionSet& set, std::vector<std::string>& notes) {
  if (set.hypothetical.empty())
    notes.push_back("there are no hypothetical attributions: seqlets are compared by the letters that are there alone");
}

SignedSeqlets signed_seqlets(const AttributionSet& set, const DiscoveryOptions& options, std::vector<std::string>& notes) {
  ModiscoSeqletOptions method;
  method.window = options.seqlet_size;
  method.flank = options.seqlet_flank;
  method.fdr = options.target_fdr;
  method.min_passing = options.min_passing;
  method.max_passing = options.max_passing;
  method.weak_quantile = options.weak_threshold;
  SignedSeqlets result;
  if (set.examples == 0 || set.length < options.seqlet_size + 2 * options.seqlet_flank) {
    notes.push_back(format("no seqlets: {} examples of {} bases, but a seqlet has {} with its flanks", set.examples, set.length,
                           options.seqlet_size + 2 * options.seqlet_flank));
    return result;
  }
  const SeqletResult found = modisco_seqlets(set, method);
  result.threshold = found.null.sign_threshold;
  for (const Seqlet& seqlet : found.seqlets) {
    if (seqlet.attribution > result.threshold) result.positive.push_back(seqlet);
    if (seqlet.attribution < -result.threshold) result.negative.push_back(seqlet);
  }
  notes.insert(notes.end(), found.notes.begin(), found.notes.end());
  return result;
}

std::vector<Seqlet> seqlets_to_use(const std::vector<Seqlet>& found, bool positive, const DiscoveryOptions& options,
                                   DiscoveryCounts& counts, std::vector<std::string>& notes) {
  const std::string_view word = positive ? "positive" : "negative";
  counts.found = static_cast<std::int64_t>(found.size());
  if (counts.found <= options.min_seqlets) {
    notes.push_back(format("{} {} seqlets; with no more than {} (min_seqlets) no {} patterns are looked for", counts.found, word,
                           options.min_seqlets, word));
    return {};
  }
  if (counts.found <= options.max_seqlets) return found;
  notes.push_back(format("{} {} seqlets; the first {} (max_seqlets) are used", counts.found, word, options.max_seqlets));
  return {found.begin(), found.begin() + options.max_seqlets};
}

PatternSizes pattern_sizes(const AttributionSet& set, const std::vector<Seqlet>& seqlets, const DiscoveryOptions& options) {
  PatternSizes sizes;
  sizes.trim = options.trim_size;
  sizes.flank = options.initial_flank;
  std::array<double, 4> counts = {};
  for (const Seqlet& seqlet : seqlets)
    for (std::int64_t at = seqlet.start; at < seqlet.end; ++at) {
      const seq::Token token = set.tokens[seqlet.example * set.length + at];
      if (token < 4) counts[token] += 1;
    }
  const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
  if (sum > 0)
    for (std::size_t c = 0; c < 4; ++c) sizes.background[c] = counts[c] / sum;
  return sizes;
}

std::vector<Seqlet> strongest_first(const AttributionSet& set, std::vector<Seqlet> seqlets) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < seqlets.size(); ++i) order.emplace_back(-strength(set, seqlets[i]), i);
  std::sort(order.begin(), order.end());
  std::vector<Seqlet> result;
  for (const auto& [unused, i] : order) result.push_back(seqlets[i]);
  return result;
}

std::vector<Seqlet> of_one_width(std::vector<Seqlet> seqlets) {
  std::int64_t width = std::numeric_limits<std::int64_t>::max();
  for (const Seqlet& seqlet : seqlets) width = std::min(width, seqlet.end - seqlet.start);
  for (Seqlet& seqlet : seqlets) {
    seqlet.start += (seqlet.end - seqlet.start - width) / 2;
    seqlet.end = seqlet.start + width;
  }
  return seqlets;
}

double most_information(const AlignedSeqlets& pattern, std::int64_t window, const BaseVector& background) {
  const std::vector<double> bits = pattern.information(background);
  const std::int64_t start = best_window(bits, window);
  const auto end = std::min<std::int64_t>(static_cast<std::int64_t>(bits.size()), start + window);
  return std::accumulate(bits.begin() + start, bits.begin() + end, 0.0);
}

}  // namespace detail
}  // namespace basewise::motifs
