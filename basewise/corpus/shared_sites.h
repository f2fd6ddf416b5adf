// Which sites several studies share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/corpus/site_source.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// A site of a set.
struct SiteMember {
  std::size_t set = 0;
  std::size_t site = 0;       ///< index in its set
  std::int64_t position = 0;  ///< 0-based; behind the origin of a circular sequence its length is added
};

/// Sites of one strand, each at most `distance` bases from the next: single linkage.
struct SiteCluster {
  std::size_t chrom = 0;
  seq::Strand strand = seq::Strand::none;
  std::vector<SiteMember> members = {};  ///< in rising order of position and set

  std::int64_t start() const { return members.front().position; }
  std::int64_t end() const { return members.back().position + 1; }  ///< may run past the end of a circular sequence

  /// Sets that have a member, in rising order.
  std::vector<std::size_t> sets() const;
};

/// Clusters of the sites of all sets in rising order (chromosome, strand, start). Sites of
/// different strands are never linked, those without a strand among each other only. Clusters go
/// over the origin of circular sequences; where nothing but short gaps goes all the way round, the
/// cluster begins at the first site.
std::vector<SiteCluster> link_sites(std::span<const std::vector<ScoredSite>> sets, std::int64_t distance, const seq::ChromSizes& sizes);

/// How the sites of S sets lie to each other.
struct SharedSites {
  std::vector<std::int64_t> shared = {};               ///< (S) sites that have one of another set within `distance`
  std::vector<std::vector<std::int64_t>> with = {};    ///< (S, S) sites of the first that have one of the second within `distance`
  std::vector<std::int64_t> clusters = {};             ///< (S) clusters that exactly 1 to S sets have a member in
  /// (S, S, 2 distance + 1) for a < b: pairs of sites by the distance from that of a to that of b,
  /// -distance first, counted 5' to 3' on their strand; empty for the others
  std::vector<std::vector<std::vector<std::int64_t>>> distances = {};
};

/// Of clusters linked at `distance`. Two sites on one strand that lie at most so many bases apart
/// are shared (Yan et al. 2018, Nature Communications 9:3676, with 5).
SharedSites count_shared(std::span<const SiteCluster> clusters, std::size_t sets, std::int64_t distance);

/// The site that stands for a cluster: one of the first set, in the order of the sets, that has a
/// member; of these the one with the highest score (the first of several), and where none has a
/// score the middle one (of two the second, at forward coordinates).
const SiteMember& representative(const SiteCluster& cluster, std::span<const std::vector<ScoredSite>> sets);

}  // namespace basewise::corpus
