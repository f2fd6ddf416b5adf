// Whether predictions rank the bins that are peaks of what was measured before the others.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::run::detail {

MeasureType peak_measure();

}  // namespace basewise::run::detail
