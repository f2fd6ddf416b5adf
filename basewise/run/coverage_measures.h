// Measures of binned coverage, for studies and `basewise evaluate --measure`: what is asked of a
// model of many tracks beside the metrics of its heads.
#pragma once

#include <vector>

#include "basewise/run/measure.h"

namespace basewise::run {

/// coverage, peaks, groups, genes, specificity, replicates: for `MeasureScope`.
std::vector<MeasureType> coverage_measures();

}  // namespace basewise::run
