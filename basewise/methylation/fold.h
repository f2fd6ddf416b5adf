// One site for each CpG: calls of the reverse strand move from the G to the C.
#pragma once

#include <cstdint>

#include "basewise/methylation/calls.h"
#include "basewise/methylation/known_sequence.h"

namespace basewise::methylation {

/// What became of the calls of one cell, or of all. Each call is one of those before `merged`.
struct FoldCounts {
  std::int64_t forward_by_sequence = 0;  ///< at the C of a CpG of the sequence
  std::int64_t reverse_by_sequence = 0;  ///< at its G: moved to the C
  std::int64_t no_cpg = 0;               ///< at neither base of a CpG of the sequence: left out
  std::int64_t forward_by_pair = 0;      ///< no sequence is known, and the position behind it is called too
  std::int64_t reverse_by_pair = 0;      ///< behind such a one: moved to it
  std::int64_t undecided = 0;            ///< no sequence is known, and no neighbouring position is called: as it was
  std::int64_t ambiguous = 0;            ///< in an odd run of neighbouring positions without known sequence: paired from the left
  std::int64_t merged = 0;               ///< sites of a cell with calls of both strands, which became one

  FoldCounts& operator+=(const FoldCounts& other);
  bool operator==(const FoldCounts&) const = default;
};

/// Folds the two strands of every CpG on its C, in place, and returns what became of the calls of
/// each cell, in their order.
///
/// Where the sequence is known (`sequence` may be null), it decides: a C before a G stays, a G
/// behind a C moves, everything else is no CpG and is left out. Elsewhere the positions that any
/// cell has decide: of a run of neighbouring positions the first and the second are a CpG, the
/// third and the fourth, and so on; a position without neighbours stays where it is. A run of odd
/// length may be paired from either end: it is paired from the left and counted as ambiguous.
///
/// Both strands of a CpG in one cell are merged: reads are added where files have them, else shares
/// are averaged. Folded once, a table of CpGs does not change again where the sequence decides.
///
/// Why it matters: unfolded, the nearest neighbour of a site is the site itself on the other
/// strand, which was called in the same cell and mostly agrees.
///
/// Errors: DataError where more than a quarter of the calls with known sequence are at no CpG:
/// another assembly, positions that count from the other number (of a file with both strands half
/// of them hit a CpG all the same, the wrong base of it), or calls of other contexts.
std::vector<FoldCounts> fold_strands(CallTable& table, const KnownSequence* sequence);

}  // namespace basewise::methylation
