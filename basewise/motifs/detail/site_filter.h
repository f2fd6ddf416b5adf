// A quick test of windows that no site fails: sums of a few bytes per window, many windows at once.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "basewise/kernels/isa.h"
#include "basewise/motifs/motif.h"
#include "basewise/motifs/score_distribution.h"

namespace basewise::motifs::detail {

/// Most pairs of rows that a filter looks at.
inline constexpr int kMostPairs = 8;

/// Bytes that must be readable behind the codes of the last window and the motif's width.
inline constexpr std::int64_t kCodePadding = 64;

/// Largest sum of bytes that passes.
inline constexpr int kCut = 254;

/// A motif on one strand. A window costs, for each of its letters, what the letter lacks to the
/// best one of the row, in units that make the largest loss of a site 254; rounded down and summed
/// over some rows only, this never says more than the truth.
struct SiteFilter {
  struct Pair {
    std::int64_t offset = 0;                ///< row of the first of two letters
    std::array<std::uint8_t, 16> loss = {};  ///< by code: first letter + 4 times the second
  };
  int count = 0;
  std::array<Pair, kMostPairs> pairs = {};
};

/// Losses in whole numbers, row by row; -1 where the letter cannot stand.
using LossRows = std::vector<std::array<std::int32_t, 4>>;

/// The filter of a motif whose sites lose at most `largest`: pairs of rows with the largest losses,
/// as many as make filtering and scoring what passes cheapest on random letters.
SiteFilter make_filter(const LossRows& rows, std::int64_t largest, const BaseVector& background);

/// The same filter for the other strand of a motif of that width.
SiteFilter reversed(const SiteFilter& filter, std::int64_t width);

/// Finds those of the windows [0, n) that pass: writes their numbers, rising, to `out` (n places)
/// and returns how many. codes[i] is letter i + 4 times letter i + 1.
using FindWindows = std::int64_t (*)(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out);

FindWindows find_windows(kernels::Isa isa);

}  // namespace basewise::motifs::detail
