// Whether predictions tell the tracks of one class apart.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::run::detail {

MeasureType specificity_measure();

}  // namespace basewise::run::detail
