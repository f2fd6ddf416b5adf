#include "basewise/corpus/shared_sites.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace basewise::corpus {

std::vector<std::size_t> SiteCluster::sets() const {
  std::vector<std::size_t> found;
  for (const SiteMember& member : members) found.push_back(member.set);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

namespace {

// The last cluster of a circular sequence goes on with the first one.
void join_over_origin(std::vector<SiteCluster>& clusters, std::int64_t length, std::int64_t distance) {
  if (clusters.size() < 2 || clusters.front().start() + length - clusters.back().members.back().position > distance) return;
  for (SiteMember member : clusters.front().members) {
    member.position += length;
    clusters.back().members.push_back(member);
  }
  clusters.erase(clusters.begin());
}

}  // namespace

std::vector<SiteCluster> link_sites(std::span<const std::vector<ScoredSite>> sets, std::int64_t distance, const seq::ChromSizes& sizes) {
  std::map<std::pair<std::size_t, seq::Strand>, std::vector<SiteMember>> groups;
  for (std::size_t set = 0; set < sets.size(); ++set)
    for (std::size_t i = 0; i < sets[set].size(); ++i) {
      const ScoredSite& site = sets[set][i];
      groups[{site.chrom, site.strand}].push_back({set, i, site.position});
    }
  std::vector<SiteCluster> all;
  for (auto& [at, members] : groups) {
    std::sort(members.begin(), members.end(), [](const SiteMember& a, const SiteMember& b) {
      return std::tuple(a.position, a.set, a.site) < std::tuple(b.position, b.set, b.site);
    });
    std::vector<SiteCluster> clusters;
    for (const SiteMember& member : members) {
      if (clusters.empty() || member.position - clusters.back().members.back().position > distance)
        clusters.push_back({.chrom = at.first, .strand = at.second});
      clusters.back().members.push_back(member);
    }
    if (sizes[at.first].circular) join_over_origin(clusters, sizes[at.first].length, distance);
    std::move(clusters.begin(), clusters.end(), std::back_inserter(all));
  }
  return all;
}

namespace {

// Adds what one cluster has to say.
void count_cluster(const SiteCluster& cluster, std::int64_t distance, SharedSites& counts) {
  const auto& members = cluster.members;
  const std::int64_t along = cluster.strand == seq::Strand::reverse ? -1 : 1;
  std::vector<std::vector<bool>> near(members.size(), std::vector<bool>(counts.shared.size(), false));
  for (std::size_t i = 0; i < members.size(); ++i)
    for (std::size_t j = i + 1; j < members.size() && members[j].position - members[i].position <= distance; ++j) {
      if (members[i].set == members[j].set) continue;
      near[i][members[j].set] = near[j][members[i].set] = true;
      const auto& [a, b] = std::minmax(members[i], members[j], [](const auto& x, const auto& y) { return x.set < y.set; });
      ++counts.distances[a.set][b.set][static_cast<std::size_t>(along * (b.position - a.position) + distance)];
    }
  for (std::size_t i = 0; i < members.size(); ++i) {
    bool any = false;
    for (std::size_t set = 0; set < near[i].size(); ++set) {
      if (!near[i][set]) continue;
      ++counts.with[members[i].set][set];
      any = true;
    }
    counts.shared[members[i].set] += any;
  }
  ++counts.clusters[cluster.sets().size() - 1];
}

}  // namespace

SharedSites count_shared(std::span<const SiteCluster> clusters, std::size_t sets, std::int64_t distance) {
  SharedSites counts{.shared = std::vector<std::int64_t>(sets),
                     .with = std::vector(sets, std::vector<std::int64_t>(sets)),
                     .clusters = std::vector<std::int64_t>(sets),
                     .distances = std::vector(sets, std::vector<std::vector<std::int64_t>>(sets))};
  for (std::size_t a = 0; a < sets; ++a)
    for (std::size_t b = a + 1; b < sets; ++b) counts.distances[a][b].resize(static_cast<std::size_t>(2 * distance + 1));
  for (const SiteCluster& cluster : clusters) count_cluster(cluster, distance, counts);
  return counts;
}

const SiteMember& representative(const SiteCluster& cluster, std::span<const std::vector<ScoredSite>> sets) {
  const std::size_t first = cluster.sets().front();
  std::vector<const SiteMember*> of_first;
  for (const SiteMember& member : cluster.members)
    if (member.set == first) of_first.push_back(&member);
  const auto score = [&](const SiteMember* m) { return sets[first][m->site].score; };
  const auto best = std::max_element(of_first.begin(), of_first.end(), [&](auto a, auto b) { return score(a) < score(b); });
  return score(*best) ? **best : *of_first[of_first.size() / 2];
}

}  // namespace basewise::corpus
