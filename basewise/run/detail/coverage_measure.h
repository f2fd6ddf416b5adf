// Accuracy of each track over all bins, in memory that does not grow with the set.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::run::detail {

MeasureType coverage_measure();

}  // namespace basewise::run::detail
