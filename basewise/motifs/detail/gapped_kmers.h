// Seqlets as sparse vectors over gapped k-mers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/pattern.h"

namespace basewise::motifs::detail {

struct GappedKmerOptions {
  std::int64_t top_positions = 20, min_k = 4, max_k = 6, max_gap = 15, max_len = 15, max_entries = 500;
};

/// Numbers for gapped k-mers: which of `max_len` positions hold a letter (the first always does),
/// and the letters. Numbers of one set of positions are consecutive, so that they index arrays.
class GappedKmerSpace {
 public:
  /// Errors: ArgumentError where there would be more than 2^28 of them.
  explicit GappedKmerSpace(const GappedKmerOptions& options);

  /// How many there are; numbers count from 0.
  std::int64_t size() const { return size_; }

  /// `mask` has bit i - 1 set for a letter i positions behind the first; `letters` has two bits for
  /// each letter, the first lowest.
  std::uint32_t number(std::uint32_t mask, std::uint32_t letters) const { return first_[mask] + letters; }

  /// The number of the same gapped k-mer on the other strand.
  std::uint32_t turned(std::uint32_t number) const;

 private:
  std::vector<std::uint32_t> first_;       // by mask
  std::vector<std::uint32_t> mask_;        // used masks, by falling order of nothing: ascending first_
  std::vector<std::uint32_t> mask_first_;  // first_ of these
  std::int64_t size_ = 0;
};

/// Sparse vectors of length 1, row by row.
struct GappedKmerRows {
  std::vector<std::int64_t> row_begin = {0};
  std::vector<std::uint32_t> number;
  std::vector<float> weight;
};

/// Each seqlet's gapped k-mers over its positions of highest sign x contribution: a gapped k-mer
/// weighs the mean contribution of its letters, summed over its occurrences; the `max_entries` of
/// largest absolute weight are kept (of equal weight, the lower number), and divided by the root of
/// their sum of squares. N makes no k-mer. Entries of a row ascend by number.
GappedKmerRows gapped_kmers(const AttributionSet& set, std::span<const Seqlet> seqlets, double sign, const GappedKmerOptions& options,
                            const GappedKmerSpace& space);

}  // namespace basewise::motifs::detail
