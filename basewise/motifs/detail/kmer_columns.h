// The gapped k-mers that occur, as columns of a matrix whose rows are seqlets.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/motifs/detail/gapped_kmers.h"

namespace basewise::motifs::detail {

/// Rows over columns. A column stands for a gapped k-mer and for what it is on the other strand;
/// columns count from 0 by falling number of entries (of equal ones, the lower gapped k-mer first),
/// so that what is looked up often lies together. A code is 2 x column, and 1 more for the one of
/// the two with the higher number. Entries of a row ascend by code.
struct KmerMatrix {
  std::uint32_t columns = 0;
  std::vector<std::int64_t> row_begin;
  std::vector<std::uint32_t> code;     ///< (entries)
  std::vector<float> weight;           ///< (entries)
  std::vector<char> palindrome;        ///< (columns): the same on both strands; such a column has codes 2 x column alone

  std::int64_t rows() const { return static_cast<std::int64_t>(row_begin.size()) - 1; }
  std::uint32_t codes() const { return 2 * columns; }

  /// The code of the same gapped k-mer on the other strand.
  std::uint32_t turned(std::uint32_t of) const { return palindrome[of >> 1] ? of : of ^ 1u; }
};

KmerMatrix kmer_matrix(GappedKmerRows rows, const GappedKmerSpace& space);

/// (rows): an order in which rows that share frequent gapped k-mers follow each other: that of
/// their most frequent columns, as words are ordered in a dictionary.
std::vector<std::int32_t> similar_together(const KmerMatrix& matrix);

}  // namespace basewise::motifs::detail
