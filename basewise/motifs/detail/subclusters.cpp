#include "basewise/motifs/detail/subclusters.h"

#include <algorithm>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/density.h"
#include "basewise/motifs/detail/jaccard.h"
#include "basewise/motifs/detail/largest.h"
#include "basewise/motifs/leiden.h"

namespace basewise::motifs::detail {

Neighbors jaccard_neighbors(const TrackRows& rows, std::int64_t most) {
  most = std::min(most, rows.count);
  Neighbors result;
  for (std::int64_t i = 0; i < rows.count; ++i) result.row_begin.push_back((i + 1) * most);
  result.index.resize(rows.count * most);
  result.similarity.resize(rows.count * most);
  constexpr std::int64_t kGroup = 16, kTile = 64;  // a tile of rows stays in cache while a group of rows passes over it
  parallel_for((rows.count + kGroup - 1) / kGroup, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<Largest> largest(kGroup, Largest(most));
    std::vector<float> similarity(kTile);
    for (std::int64_t group = begin; group < end; ++group) {
      const std::int64_t first = group * kGroup, last = std::min(rows.count, first + kGroup);
      for (Largest& kept : largest) kept.clear();
      for (std::int64_t tile = 0; tile < rows.count; tile += kTile) {
        const std::int64_t held = std::min(kTile, rows.count - tile);
        for (std::int64_t row = first; row < last; ++row) {
          jaccard_with_all(rows.of(row), rows, tile, held, similarity.data());
          for (std::int64_t i = 0; i < held; ++i) largest[row - first].offer(static_cast<std::int32_t>(tile + i), similarity[i]);
        }
      }
      for (std::int64_t row = first; row < last; ++row) {
        std::int64_t at = row * most;
        for (const auto& [value, neighbor] : largest[row - first].sorted()) {
          result.index[at] = neighbor;
          result.similarity[at++] = value;
        }
      }
    }
  });
  return result;
}

std::vector<std::vector<Seqlet>> subclusters(const AttributionSet& set, std::span<const Seqlet> seqlets, const DiscoveryOptions& options) {
  const double perplexity = static_cast<double>(options.subcluster_perplexity);
  const Neighbors neighbors = jaccard_neighbors(track_rows(set, seqlets), 3 * options.subcluster_perplexity + 2);
  LeidenOptions leiden_options;
  leiden_options.runs = options.leiden_runs;
  leiden_options.seed = options.seed;
  const Communities communities = leiden(conditional_graph(neighbors, perplexity), leiden_options);
  std::vector<std::vector<Seqlet>> result(communities.count);  // numbered by size
  for (std::size_t i = 0; i < seqlets.size(); ++i) result[communities.community[i]].push_back(seqlets[i]);
  return result;
}

}  // namespace basewise::motifs::detail
