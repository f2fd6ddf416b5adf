// Some queries of one head and the keys that they see:
// where their scores lie in memory, and what becomes of them.
#pragma once

#include <algorithm>

#include "basewise/kernels/attention.h"
#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {

/// Scores (queries, step) of queries [first, first + count): column c of every row belongs to key
/// `origin` + c. Row r of the positions belongs to column shift + i + r - rows of query i, so that
/// in steps that are one longer it is the same column of every row: the sums over positions go into
/// the scores, and come out of them, as those over keys do.
struct AttentionTile {
  Index first = 0;
  Index count = 0;
  Index origin = 0;      ///< a multiple of the panel, maybe below 0
  Index keys = 0;        ///< first column with a key that some query may see
  Index keys_end = 0;    ///< one past the last
  Index shift = 0;       ///< column of the first row of positions and the first query
  Index positions = 0;   ///< first row of positions, a multiple of the panel
  Index positions_end = 0;
  Index step = 0;

  AttentionTile(const AttentionShape& s, Index panel, Index from, Index most) : first(from), count(std::min(most, s.queries - from)) {
    const Index own = s.before + first;  // the key of the first query
    positions = std::max<Index>(0, s.left - own - count + 1) / panel * panel;
    positions_end = std::min(s.reach(), s.keys - own + s.left);
    const Index begin = own - s.left + positions;
    origin = floor_div(begin, panel) * panel;
    shift = begin - origin;
    keys = std::max<Index>(0, begin) - origin;
    keys_end = std::min(s.keys, own + count + s.right) - origin;
    step = round_up(std::max(keys_end, shift + count + positions_end - positions), panel) + panel;
  }

  struct Columns {
    Index begin;
    Index end;
  };
  /// What query first + i attends to, where so many keys are absent.
  Columns seen(const AttentionShape& s, Index i, Index absent) const {
    const Index own = s.before + first + i;
    const Index end = std::min(own + s.right + 1, s.keys), begin = std::min(std::max({own - s.left, Index{0}, absent}), end);
    return {begin - origin, end - origin};
  }
};

}  // namespace basewise::kernels::detail
