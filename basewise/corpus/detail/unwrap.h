// Intervals on circular chromosomes as stretches that do not cross the origin.
#pragma once

#include <vector>

#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus::detail {

/// Parts of an interval inside [0, length) of its chromosome: one, or two where it crosses the
/// origin of a circular one. What lies outside of a linear chromosome is cut off.
std::vector<seq::Interval> unwrap(const seq::Interval& interval, const seq::ChromSizes& sizes);

}  // namespace basewise::corpus::detail
