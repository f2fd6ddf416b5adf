// The bases of a window before they are binned: gaps and stretches that are not trusted.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "basewise/prepare/contigs.h"

namespace basewise::prepare {

/// How bases without value, in a blacklist, or far beyond the others are treated.
struct CoverageRules {
  std::int64_t width = 128;            ///< bases of a bin
  bool interpolate = false;            ///< straight lines across bases without value; else they get the baseline
  double black_percentile = 0.5;       ///< the baseline of a window is this quantile of its bases
  double clip_percentile = 0.9999999;  ///< values beyond this quantile of all absolute values become that
  Faults faults = Faults::mended;      ///< repeated: bases are rounded to half precision before they are added
};

/// Stretches whose coverage is not trusted, by chromosome of one genome: sorted, disjoint.
using Blacklist = std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>>;

/// Intervals widened by 20 bases on both sides, inside their chromosomes, joined where they touch.
Blacklist widened_blacklist(const std::vector<seq::Interval>& intervals, const seq::ChromSizes& sizes);

/// The q quantile of finite values as NumPy's `percentile` has it: between two neighbours in the
/// order of size by a straight line.
/// Errors: ArgumentError without any value.
double quantile(std::span<const float> values, double q);

/// What becomes of the bases of one window, in place, before they are binned, in this order:
/// straight lines across bases without value, if asked for (what lies behind either end of the
/// window counts as 0); the baseline, which is 0 where a base still has no value or the window has
/// fewer than 8 bins; blacklisted bases kept between -baseline and baseline; bases without value
/// get the baseline. `start`: the first base. Returns the bases that had no value.
std::int64_t mend_bases(std::span<float> bases, std::int64_t start, std::span<const std::pair<std::int64_t, std::int64_t>> black,
                        const CoverageRules& rules);

}  // namespace basewise::prepare
