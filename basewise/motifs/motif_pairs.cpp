#include "basewise/motifs/motif_pairs.h"

#include <algorithm>
#include <tuple>

#include "basewise/core/error.h"

namespace basewise::motifs {
namespace {

void check(const MotifHit& hit, std::int64_t examples, std::int64_t motifs) {
  if (hit.example < 0 || hit.example >= examples || hit.motif < 0 || hit.motif >= motifs)
    throw ArgumentError(format("a hit has example {} and motif {}; there are {} examples and {} motifs", hit.example, hit.motif, examples,
                               motifs));
}

/// Hits in the order of examples, then start, end, motif.
std::vector<MotifHit> in_order(std::span<const MotifHit> hits) {
  std::vector<MotifHit> sorted(hits.begin(), hits.end());
  std::sort(sorted.begin(), sorted.end(), [](const MotifHit& a, const MotifHit& b) {
    return std::tie(a.example, a.start, a.end, a.motif) < std::tie(b.example, b.start, b.end, b.motif);
  });
  return sorted;
}

}  // namespace

std::vector<std::int64_t> count_hits(std::span<const MotifHit> hits, std::int64_t examples, std::int64_t motifs) {
  std::vector<std::int64_t> counts(examples * motifs, 0);
  for (const MotifHit& hit : hits) {
    check(hit, examples, motifs);
    ++counts[hit.example * motifs + hit.motif];
  }
  return counts;
}

std::vector<std::int64_t> co_occurrence(std::span<const MotifHit> hits, std::int64_t examples, std::int64_t motifs) {
  std::vector<std::int64_t> together(motifs * motifs, 0);
  const std::vector<MotifHit> sorted = in_order(hits);
  std::vector<std::int64_t> here;
  for (std::size_t i = 0; i < sorted.size();) {
    here.clear();
    const std::int64_t example = sorted[i].example;
    for (; i < sorted.size() && sorted[i].example == example; ++i) {
      check(sorted[i], examples, motifs);
      here.push_back(sorted[i].motif);
    }
    std::sort(here.begin(), here.end());
    here.erase(std::unique(here.begin(), here.end()), here.end());
    for (const std::int64_t a : here)
      for (const std::int64_t b : here) ++together[a * motifs + b];
  }
  return together;
}

Spacing pair_spacing(std::span<const MotifHit> hits, std::int64_t motifs, std::int64_t max_distance) {
  if (max_distance < 1) throw ArgumentError(format("max_distance is {}; it must be at least 1", max_distance));
  Spacing spacing;
  spacing.pairs.assign(motifs * motifs * max_distance, 0);
  const std::vector<MotifHit> sorted = in_order(hits);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    check(sorted[i], sorted[i].example + 1, motifs);
    // Starts ascend, so that none behind the first one that is too far is near.
    for (std::size_t j = i + 1; j < sorted.size() && sorted[j].example == sorted[i].example; ++j) {
      check(sorted[j], sorted[j].example + 1, motifs);
      const std::int64_t distance = sorted[j].start - sorted[i].end;
      if (distance >= max_distance) break;
      if (distance < 0)
        ++spacing.overlapping;
      else
        ++spacing.pairs[(sorted[i].motif * motifs + sorted[j].motif) * max_distance + distance];
    }
  }
  return spacing;
}

}  // namespace basewise::motifs
