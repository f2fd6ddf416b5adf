// The measure attribution: whether attributions of positive examples lie where motifs were planted.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::interpret::detail {

/// Its options stand beside its code; `basewise options measure-attribution` prints them.
run::MeasureType attribution_measure();

}  // namespace basewise::interpret::detail
