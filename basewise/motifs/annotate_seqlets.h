// Names for seqlets: the motif that each is most like.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
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

/// Motifs that seqlets are compared with: letters of the seqlet as a motif of zeros and ones, by
/// the comparison of `compare.h` (as tangermeme.annotate.annotate_seqlets does with Tomtom). One
/// match for each seqlet, in their order; an N counts as equal shares. No motifs: no matches.
/// Errors: ArgumentError for a seqlet that leaves its example; those of the comparison.
///
/// Words that several seqlets share are compared once; `done` is told, from any thread, how many
/// words have been compared since its last call.
std::vector<SeqletMatch> annotate_seqlets(const AttributionSet& set, std::span<const Seqlet> seqlets, std::span<const MotifMatrix> motifs,
                                          const std::function<void(std::int64_t)>& done = {});

/// The letters of a seqlet, as a motif.
MotifMatrix letters_of(const AttributionSet& set, const Seqlet& seqlet);

}  // namespace basewise::motifs
