// Motifs discovered in attributions, in the HDF5 layout of TF-MoDISco (modisco-lite 2 and later).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/motifs/pattern.h"

namespace basewise::io {

/// What a file holds.
struct ModiscoFile {
  std::vector<motifs::Pattern> patterns;  ///< positive ones first, each kind in the order of its numbers
  std::int64_t window = 0;                ///< length of the examples that seqlets count in; 0: the file does not say
  std::vector<std::string> notes;         ///< what the file lacks
};

/// Writes patterns as `modisco motifs` does, so that `modisco report`, Fi-NeMo and others read
/// them:
///
///   attribute window_size                            length of the examples
///   pos_patterns/pattern_k, neg_patterns/pattern_k   numbered in the order given
///     sequence, contrib_scores, hypothetical_contribs              float64 (W, 4)
///     seqlets/n_seqlets                                            int64 (1)
///     seqlets/start, end, example_idx                              int64 (n), is_revcomp: bool (n)
///     seqlets/sequence, contrib_scores, hypothetical_contribs      float32 (n, W, 4), oriented
///     subpattern_j/...                                             the same again
///
/// The arrays of seqlets are cut from `set`, a pattern's at a time. Where `set` has no hypothetical
/// attributions, the datasets of that name repeat the contributions, and the attribute
/// `hypothetical` is 0. A kind without patterns has no group. Atomic.
///
/// Errors: ArgumentError naming pattern and seqlet: means of different widths, no position, a
/// seqlet outside its example or not as long as its pattern; DataError (disk).
void write_modisco(const std::filesystem::path& path, const std::vector<motifs::Pattern>& patterns, const motifs::AttributionSet& set);

/// Reads what `write_modisco`, `modisco motifs` or `modisco convert` wrote. Names are
/// "pos_patterns.pattern_0", "pos_patterns.pattern_0.subpattern_2". A seqlet's attribution is the
/// sum of its contrib_scores (0 where they lack), its p-value 1. Files of older versions lack
/// seqlets of subpatterns: that is noted.
/// Errors: DataError naming file and pattern: a data set that lacks or has another shape, values
/// that are not finite, seqlets of another width, neither group of patterns.
ModiscoFile read_modisco(const std::filesystem::path& path);

}  // namespace basewise::io
