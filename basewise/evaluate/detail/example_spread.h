// How values of single examples spread.
#pragma once

#include <string>
#include <vector>

#include "basewise/results/figures.h"

namespace basewise::evaluate::detail {

/// Where `values` lie, and those of the other predictions on the same axis;
/// null where there are none. NaN is left out.
results::ExampleHistogram histogram_of(const std::string& metric, const std::vector<double>& values, const std::vector<double>* ceiling,
                                       const std::vector<double>* floor);

}  // namespace basewise::evaluate::detail
