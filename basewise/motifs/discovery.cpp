#include "basewise/motifs/discovery.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/density.h"
#include "basewise/motifs/detail/discovery_input.h"
#include "basewise/motifs/detail/jaccard.h"
#include "basewise/motifs/detail/merge_patterns.h"
#include "basewise/motifs/detail/merge_seqlets.h"
#include "basewise/motifs/detail/short_examples.h"
#include "basewise/motifs/detail/subclusters.h"
#include "basewise/motifs/leiden.h"

namespace basewise::motifs {
namespace {

using detail::AlignedSeqlets;
using detail::PatternPointer;

/// The work on seqlets of one sign.
class Side {
 public:
  Side(const AttributionSet& set, bool positive, const DiscoveryOptions& options, DiscoveryCounts& counts, std::vector<std::string>& notes,
       const DiscoveryProgress& progress)
      : set_(set), positive_(positive), options_(options), counts_(counts), notes_(notes), progress_(progress) {}

  std::vector<Pattern> run(std::vector<Seqlet> seqlets) {
    sizes_ = detail::pattern_sizes(set_, seqlets, options_);
    seqlets = detail::strongest_first(set_, std::move(seqlets));
    std::vector<PatternPointer> patterns = round(seqlets, true);
    seqlets = seqlets_of(patterns);
    if (seqlets.empty()) return say_none(), std::vector<Pattern>{};
    patterns = round(seqlets, false);
    counts_.clusters = static_cast<std::int64_t>(patterns.size());
    if (patterns.size() == 1) notes_.push_back(format("all {} seqlets fell into one cluster", word()));
    return finished(merged(patterns));
  }

 private:
  std::string_view word() const { return positive_ ? "positive" : "negative"; }

  void report(std::string_view stage, std::int64_t done, std::int64_t total) const {
    if (progress_) progress_(format("{} {}", word(), stage), done, total);
  }

  void say_none() {
    notes_.push_back(format("no {} seqlets are left after their similarities were compared; there may be no motif that recurs", word()));
  }

  /// Similarities, clusters, and a pattern of each cluster.
  std::vector<PatternPointer> round(const std::vector<Seqlet>& seqlets, bool filter) {
    const std::string which = filter ? "1" : "2";
    std::vector<Seqlet> kept = seqlets;
    detail::Neighbors neighbors = coarse(seqlets, which);
    const std::vector<float> coarse_similarity = neighbors.similarity;
    detail::fine_similarities(detail::track_rows(set_, seqlets), options_.min_overlap, neighbors,
                              [&](std::int64_t done, std::int64_t total) { report("fine similarity, round " + which, done, total); });
    if (filter) {
      const auto agreeing = detail::agreeing_rows(neighbors, coarse_similarity, options_.min_agreement);
      neighbors = detail::among(neighbors, agreeing);
      kept.clear();
      for (const std::int64_t row : agreeing) kept.push_back(seqlets[row]);
      counts_.agreed = static_cast<std::int64_t>(kept.size());
    }
    return patterns_from(kept, std::move(neighbors), which);
  }

  detail::Neighbors coarse(const std::vector<Seqlet>& seqlets, const std::string& which) const {
    const detail::GappedKmerOptions kmers = {options_.top_positions, options_.min_k,   options_.max_k,
                                             options_.max_gap,       options_.max_len, options_.max_entries};
    const detail::GappedKmerSpace space(kmers);
    const auto rows = detail::gapped_kmers(set_, seqlets, positive_ ? 1 : -1, kmers, space);
    return detail::coarse_neighbors(rows, space, options_.neighbors + 1, [&](std::int64_t done, std::int64_t total) {
      report("coarse similarity, round " + which, done, total);
    });
  }

  std::vector<PatternPointer> patterns_from(const std::vector<Seqlet>& seqlets, detail::Neighbors neighbors, const std::string& which) {
    if (seqlets.empty()) return {};
    LeidenOptions leiden_options;
    leiden_options.runs = options_.leiden_runs;
    leiden_options.seed = options_.seed;
    report("clustering, round " + which, 0, 1);
    const Communities communities =
        leiden(detail::adapted_graph(std::move(neighbors), options_.perplexity, options_.kernel), leiden_options);
    report("clustering, round " + which, 1, 1);
    std::vector<std::vector<Seqlet>> clusters(communities.count);
    for (std::size_t i = 0; i < seqlets.size(); ++i) clusters[communities.community[i]].push_back(seqlets[i]);
    std::vector<PatternPointer> patterns(clusters.size());
    report("patterns, round " + which, 0, communities.count);
    parallel_for(communities.count, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) patterns[i] = aligned(std::move(clusters[i]));
    });
    report("patterns, round " + which, communities.count, communities.count);
    std::erase(patterns, nullptr);
    return patterns;
  }

  /// A cluster as a pattern; nothing where no seqlet has room for it, or its sign is the other one.
  PatternPointer aligned(std::vector<Seqlet> cluster) const {
    cluster = detail::strongest_first(set_, std::move(cluster));
    const std::span all(cluster);
    const AlignedSeqlets whole =
        detail::merged(set_, AlignedSeqlets(set_, all.first(1)), all.subspan(1), detail::Likeness::jaccard, options_.min_overlap);
    auto pattern = detail::polished(whole, sizes_.trim, sizes_.flank, sizes_.background);
    const double sum = pattern ? pattern->contribution() : 0;
    if (!(positive_ ? sum > 0 : sum < 0)) return nullptr;
    return std::make_shared<const AlignedSeqlets>(std::move(*pattern));
  }

  /// Seqlets of all patterns, in their orientation; of a stretch that is in two,
  /// the orientation of the later one.
  static std::vector<Seqlet> seqlets_of(const std::vector<PatternPointer>& patterns) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> places;
    std::vector<Seqlet> seqlets;
    for (const PatternPointer& pattern : patterns)
      for (const Seqlet& seqlet : pattern->seqlets()) {
        const auto [place, fresh] = places.try_emplace({seqlet.example, seqlet.start}, seqlets.size());
        if (fresh) seqlets.push_back(seqlet);
        seqlets[place->second] = seqlet;
      }
    return detail::of_one_width(std::move(seqlets));
  }

  /// Large patterns are taken apart and what belongs together is joined again; then all patterns.
  std::vector<PatternPointer> merged(const std::vector<PatternPointer>& patterns) const {
    std::vector<PatternPointer> parts;
    const auto total = static_cast<std::int64_t>(patterns.size());
    for (std::int64_t i = 0; i < total; ++i) {
      report("merging", i, total + 1);
      if (patterns[i]->size() <= std::max(options_.min_cluster_size, options_.subcluster_perplexity)) {
        parts.push_back(patterns[i]);
        continue;
      }
      std::vector<PatternPointer> within;
      for (const auto& cluster : detail::subclusters(set_, patterns[i]->seqlets(), options_))
        within.push_back(std::make_shared<const AlignedSeqlets>(set_, cluster));
      const auto joined = detail::merge_similar(set_, std::move(within), options_, sizes_);
      parts.insert(parts.end(), joined.begin(), joined.end());
    }
    report("merging", total, total + 1);
    auto result = detail::merge_similar(set_, std::move(parts), options_, sizes_);
    report("merging", total + 1, total + 1);
    return result;
  }

  std::vector<Pattern> finished(const std::vector<PatternPointer>& patterns) {
    std::vector<Pattern> result;
    std::int64_t small = 0, empty = 0, at_edges = 0, done = 0;
    for (const PatternPointer& pattern : patterns) {
      report("subpatterns", done++, static_cast<std::int64_t>(patterns.size()));
      if (pattern->size() < options_.min_cluster_size) {
        ++small;
        continue;
      }
      if (detail::most_information(*pattern, options_.information_window, sizes_.background) < options_.min_information) {
        ++empty;
        continue;
      }
      const auto flanked = pattern->expanded(options_.final_flank, options_.final_flank);
      if (!flanked) {
        ++at_edges;
        continue;
      }
      result.push_back(with_parts(*flanked));
    }
    report("subpatterns", done, done);
    if (at_edges > 0)
      notes_.push_back(format("{} {} patterns are left out: none of their seqlets has room for the flanks of {} bases (final_flank)",
                              at_edges, word(), options_.final_flank));
    if (result.empty())
      notes_.push_back(format("no {} pattern is reported: {} with fewer than {} seqlets, {} with less than {} bits in {} bases", word(),
                              small, options_.min_cluster_size, empty, options_.min_information, options_.information_window));
    return result;
  }

  Pattern with_parts(const AlignedSeqlets& seqlets) const {
    Pattern pattern = seqlets.pattern(positive_);
    if (seqlets.size() < 2) return pattern;
    for (const auto& cluster : detail::subclusters(set_, seqlets.seqlets(), options_))
      pattern.subpatterns.push_back(AlignedSeqlets(set_, cluster).pattern(positive_));
    return pattern;
  }

  const AttributionSet& set_;
  bool positive_;
  const DiscoveryOptions& options_;
  DiscoveryCounts& counts_;
  std::vector<std::string>& notes_;
  const DiscoveryProgress& progress_;
  detail::PatternSizes sizes_;
};

/// Names, and what is counted last.
void count_patterns(std::vector<Pattern>& patterns, bool positive, DiscoveryCounts& counts) {
  counts.patterns = static_cast<std::int64_t>(patterns.size());
  counts.mapped = 0;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    counts.mapped += static_cast<std::int64_t>(patterns[i].seqlets.size());
    patterns[i].name = format("{}_patterns.pattern_{}", positive ? "pos" : "neg", i);
    for (std::size_t j = 0; j < patterns[i].subpatterns.size(); ++j)
      patterns[i].subpatterns[j].name = format("{}.subpattern_{}", patterns[i].name, j);
  }
}

}  // namespace

std::vector<Pattern> patterns_of(const AttributionSet& set, const std::vector<Seqlet>& seqlets, bool positive,
                                 const DiscoveryOptions& options, DiscoveryCounts& counts, std::vector<std::string>& notes,
                                 const DiscoveryProgress& progress) {
  detail::check_discovery(set, options);
  detail::check_seqlets(set, seqlets);
  counts.used = static_cast<std::int64_t>(seqlets.size());
  if (seqlets.empty()) return {};
  auto patterns = Side(set, positive, options, counts, notes, progress).run(seqlets);
  count_patterns(patterns, positive, counts);
  return patterns;
}

DiscoveryResult discover(const AttributionSet& set, const DiscoveryOptions& options, const DiscoveryProgress& progress) {
  detail::check_discovery(set, options);
  DiscoveryResult result;
  detail::note_input(set, result.notes);
  if (progress) progress("seqlets", 0, 1);
  const detail::SignedSeqlets seqlets = detail::signed_seqlets(set, options, result.notes);
  result.threshold = seqlets.threshold;
  if (progress) progress("seqlets", 1, 1);
  const std::int64_t pad = detail::padding_of_examples(set, options);
  const AttributionSet longer = pad > 0 ? detail::padded(set, pad) : AttributionSet{};
  for (const bool positive : {true, false}) {
    DiscoveryCounts& counts = positive ? result.positive : result.negative;
    auto chosen = detail::seqlets_to_use(positive ? seqlets.positive : seqlets.negative, positive, options, counts, result.notes);
    for (Seqlet& seqlet : chosen) seqlet.start += pad, seqlet.end += pad;
    auto patterns = patterns_of(pad > 0 ? longer : set, chosen, positive, options, counts, result.notes, progress);
    if (pad > 0) patterns = detail::without_padding(set, patterns, pad, options, result.notes);
    count_patterns(patterns, positive, counts);
    std::move(patterns.begin(), patterns.end(), std::back_inserter(result.patterns));
  }
  return result;
}

std::pair<std::int64_t, std::int64_t> core_of(const Pattern& pattern, double threshold, std::int64_t pad) {
  std::vector<double> sums;
  for (const BaseVector& row : pattern.contributions)
    sums.push_back(std::accumulate(row.begin(), row.end(), 0.0, [](double sum, double x) { return sum + std::abs(x); }));
  const auto width = static_cast<std::int64_t>(sums.size());
  if (width == 0) return {0, 0};
  const double least = threshold * *std::max_element(sums.begin(), sums.end());
  const auto high = [&](double sum) { return sum >= least; };
  const std::int64_t first = std::find_if(sums.begin(), sums.end(), high) - sums.begin();
  const std::int64_t last = width - 1 - (std::find_if(sums.rbegin(), sums.rend(), high) - sums.rbegin());
  return {std::max<std::int64_t>(0, first - pad), std::min(width, last + pad + 1)};
}

MotifMatrix core_motif(const Pattern& pattern, double threshold, std::int64_t pad) {
  const auto [begin, end] = core_of(pattern, threshold, pad);
  MotifMatrix motif;
  motif.name = pattern.name;
  motif.nsites = static_cast<double>(pattern.seqlets.size());
  for (std::int64_t p = begin; p < end; ++p) {
    BaseVector row = pattern.sequence[p];
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    for (double& share : row) share = sum > 0 ? share / sum : 0.25;
    motif.rows.push_back(row);
  }
  return motif;
}

}  // namespace basewise::motifs
