// Motifs found in attributions, in the manner of TF-MoDISco (Shrikumar et al. 2018).
//
// Seqlets of high attribution are compared twice: by the cosine of their gapped k-mers (coarse, all
// pairs through an inverted index), then by a continuous Jaccard index over offsets (fine, nearest
// neighbours). The affinities are adapted to the density around each seqlet, clustered (Leiden),
// and each cluster is aligned into a pattern; similar patterns are merged. Positive and negative
// seqlets are treated apart.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/pattern.h"

namespace basewise::motifs {

/// How a distance d between seqlets becomes an affinity, once a search has found the rate beta at
/// which exp(-beta d) has the wanted perplexity.
enum class DensityKernel {
  divided,    ///< exp(-d / beta), as modisco-lite computes it
  multiplied  ///< exp(-d beta), as t-SNE defines it
};
constexpr auto words_of(DensityKernel) {
  return words<DensityKernel>({{DensityKernel::divided, "divided", "exp(-d / beta), as modisco-lite computes"},
                               {DensityKernel::multiplied, "multiplied", "exp(-d beta), as t-SNE is defined"}});
}

/// Defaults are those of `modisco motifs` (modisco-lite 2 and 3);
/// behind each option stands its name there.
struct DiscoveryOptions {
  std::int64_t max_seqlets = 20'000;  ///< of each sign, in the order in which they are found (max_seqlets_per_metacluster)
  std::int64_t min_seqlets = 100;     ///< a sign with no more than these is left out (min_metacluster_size)

  std::int64_t seqlet_size = 20;  ///< core of a seqlet in bases (sliding_window_size)
  std::int64_t seqlet_flank = 5;  ///< bases on each side of the core (flank_size)
  double target_fdr = 0.05;       ///< expected share of false seqlets (target_seqlet_fdr)
  double min_passing = 0.03;      ///< share of windows that pass at least (min_passing_windows_frac)
  double max_passing = 0.2;       ///< share of windows that pass at most (max_passing_windows_frac)
  double weak_threshold = 0.8;    ///< quantile of absolute attribution that gives a seqlet its sign (weak_threshold_for_counting_sign)

  std::int64_t top_positions = 20;  ///< positions of highest attribution that make gapped k-mers (topn)
  std::int64_t min_k = 4;           ///< letters of a gapped k-mer, at least (min_k)
  std::int64_t max_k = 6;           ///< letters of a gapped k-mer, at most (max_k)
  std::int64_t max_gap = 15;        ///< bases from one letter of a gapped k-mer to the next, at most (max_gap)
  std::int64_t max_len = 15;        ///< bases that a gapped k-mer spans, at most (max_len)
  std::int64_t max_entries = 500;   ///< gapped k-mers kept for each seqlet (max_entries)
  std::int64_t neighbors = 500;     ///< nearest seqlets that are compared finely (nearest_neighbors_to_compute)
  double min_overlap = 0.7;         ///< share of a seqlet that stays in view at every offset (min_overlap_while_sliding)
  double min_agreement = 0.15;      ///< rank correlation of coarse and fine similarity that a seqlet needs (affmat_correlation_threshold)

  double perplexity = 10;                         ///< of the density adaption (tsne_perplexity)
  DensityKernel kernel = DensityKernel::divided;  ///< see there
  std::int64_t leiden_runs = 2;                   ///< clusterings of different seeds, the best counts (n_leiden_runs)

  std::int64_t trim_size = 30;      ///< most informative stretch that a pattern is cut to (trim_to_window_size)
  std::int64_t initial_flank = 10;  ///< bases put on each side of that stretch (initial_flank_to_add)
  std::int64_t final_flank = 0;     ///< bases put on each side at the end (final_flank_to_add)

  std::int64_t subcluster_perplexity = 50;  ///< of the clustering within a pattern (subcluster_perplexity)
  std::int64_t merge_sample = 1000;         ///< seqlets of a pattern that AUROCs are computed from (merging_max_seqlets_subsample)
  std::int64_t min_cluster_size = 20;       ///< seqlets that a pattern needs (final_min_cluster_size)
  double min_information = 0.6;             ///< bits that the best `information_window` of a pattern needs (min_ic_in_window)
  std::int64_t information_window = 6;      ///< bases (min_ic_windowsize)

  std::uint64_t seed = 0;  ///< of the clusterings and samples
};
void describe(Visitor& v, DiscoveryOptions& o);

/// What became of the seqlets of one sign.
struct DiscoveryCounts {
  std::int64_t found = 0;     ///< seqlets of this sign
  std::int64_t used = 0;      ///< after `max_seqlets`; 0 where there are not more than `min_seqlets`
  std::int64_t agreed = 0;    ///< whose coarse and fine similarity agree
  std::int64_t clusters = 0;  ///< of the second clustering
  std::int64_t patterns = 0;  ///< reported
  std::int64_t mapped = 0;    ///< seqlets in reported patterns
};

struct DiscoveryResult {
  std::vector<Pattern> patterns;  ///< positive ones first, each sign by falling number of seqlets
  DiscoveryCounts positive, negative;
  double threshold = 0;            ///< attribution of a core beyond which a seqlet has a sign
  std::vector<std::string> notes;  ///< what a user should know: nothing passed, everything fell into one cluster, ...
};

/// Called when a stage of the work advances: its name, pieces done, pieces in all.
/// Calls come from one thread at a time.
using DiscoveryProgress = std::function<void(std::string_view stage, std::int64_t done, std::int64_t total)>;

/// Finds seqlets of `set` (the method of TF-MoDISco) and makes patterns of them. Without
/// hypothetical attributions those of letters that are not there count as 0. The result depends on
/// options and seed, not on the number of threads.
/// Errors: ArgumentError for options out of bounds; DataError for attributions that are not finite
/// or arrays that do not fit (N, L).
DiscoveryResult discover(const AttributionSet& set, const DiscoveryOptions& options = {}, const DiscoveryProgress& progress = {});

/// The same for seqlets of one sign that are there already: all of one length, inside of their
/// examples. `notes` and `counts` are added to.
std::vector<Pattern> patterns_of(const AttributionSet& set, const std::vector<Seqlet>& seqlets, bool positive,
                                 const DiscoveryOptions& options, DiscoveryCounts& counts, std::vector<std::string>& notes,
                                 const DiscoveryProgress& progress = {});

/// The stretch [first, second) of a pattern where its contributions are high: from the first to the
/// last position whose sum of absolute contributions is at least `threshold` times the largest, and
/// `pad` further bases on each side (as `modisco report` cuts patterns before it looks for their
/// names).
std::pair<std::int64_t, std::int64_t> core_of(const Pattern& pattern, double threshold = 0.3, std::int64_t pad = 4);

/// The stretch as a motif of probabilities with `nsites` seqlets, named as the pattern. A position
/// without letters (N in all seqlets) is uniform.
MotifMatrix core_motif(const Pattern& pattern, double threshold = 0.3, std::int64_t pad = 4);

}  // namespace basewise::motifs
