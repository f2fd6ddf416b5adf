// Predictions beside replicates: does a prediction know an experiment better than its repetition?
#pragma once

#include "basewise/run/measure.h"

namespace basewise::run::detail {

MeasureType replicate_measure();

}  // namespace basewise::run::detail
