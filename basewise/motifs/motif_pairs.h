// How often motifs are in examples, together, and at which distance.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basewise::motifs {

/// A named stretch of an example, [start, end).
struct MotifHit {
  std::int64_t example = 0;
  std::int64_t motif = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
};

/// (examples, motifs) row by row: hits of each motif in each example
/// (tangermeme.annotate.count_annotations).
/// Errors: ArgumentError for a hit whose example or motif is out of range.
std::vector<std::int64_t> count_hits(std::span<const MotifHit> hits, std::int64_t examples, std::int64_t motifs);

/// (motifs, motifs), symmetric: examples that hold both motifs of a pair; each example counts once
/// (tangermeme.annotate.pairwise_annotations with `unique`). The diagonal, which there stays empty,
/// is the number of examples that hold the motif.
std::vector<std::int64_t> co_occurrence(std::span<const MotifHit> hits, std::int64_t examples, std::int64_t motifs);

/// Pairs of hits by their distance.
struct Spacing {
  std::vector<std::int64_t> pairs;  ///< (motifs, motifs, max_distance): left motif, right motif, bases between them
  std::int64_t overlapping = 0;     ///< pairs without a distance
};

/// Pairs of hits of one example with less than `max_distance` bases between them
/// (tangermeme.annotate.pairwise_annotations_spacing without `symmetric`;
/// there an overlap is an error).
/// Errors: ArgumentError for a motif that is none, or a `max_distance` below 1.
Spacing pair_spacing(std::span<const MotifHit> hits, std::int64_t motifs, std::int64_t max_distance = 100);

}  // namespace basewise::motifs
