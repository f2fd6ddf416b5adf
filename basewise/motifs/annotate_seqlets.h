// Names for seqlets: the motif that each is most like, and how often motifs meet.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/motifs/motif.h"
#include "basewise/motifs/pattern.h"

namespace basewise::motifs {

/// The motif that a seqlet is most like.
struct SeqletMatch {
  std::int64_t motif = -1;  ///< index among the motifs; -1: none
  bool reverse = false;     ///< the motif reads on the other strand
  double p_value = 1;
};

/// Motifs that seqlets are compared with: letters of the seqlet as a motif of zeros and ones, by the
/// comparison of `compare.h` (as tangermeme.annotate.annotate_seqlets does with Tomtom). One match for
/// each seqlet, in their order; a seqlet with an N takes equal shares there.
std::vector<SeqletMatch> annotate_seqlets(const AttributionSet& set, std::span<const Seqlet> seqlets, std::span<const MotifMatrix> motifs);

/// The letters of a seqlet, as a motif.
MotifMatrix letters_of(const AttributionSet& set, const Seqlet& seqlet);

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
/// (tangermeme.annotate.pairwise_annotations with `unique`). The diagonal, which there stays empty, is
/// the number of examples that hold the motif.
std::vector<std::int64_t> co_occurrence(std::span<const MotifHit> hits, std::int64_t examples, std::int64_t motifs);

/// (motifs, motifs, max_distance), by left motif, right motif and the number of bases between them:
/// pairs of hits in one example (tangermeme.annotate.pairwise_annotations_spacing without `symmetric`).
/// Hits that overlap have no distance and are counted in `overlapping`.
struct Spacing {
  std::vector<std::int64_t> pairs;
  std::int64_t overlapping = 0;
};
Spacing pair_spacing(std::span<const MotifHit> hits, std::int64_t motifs, std::int64_t max_distance = 100);

}  // namespace basewise::motifs
