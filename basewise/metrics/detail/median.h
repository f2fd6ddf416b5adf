// The median of numbers.
#pragma once

#include <vector>

namespace basewise::metrics::detail {

/// The value in the middle, or the mean of the two there. `values`: at least one, none of them NaN.
double median_of(std::vector<double> values);

}  // namespace basewise::metrics::detail
