// The measure filters: filters of a layer as motifs, compared with those that are expected.
#pragma once

#include "basewise/run/measure.h"

namespace basewise::interpret::detail {

/// Its options stand beside its code; `basewise options measure-filters` prints them.
run::MeasureType filter_measure();

}  // namespace basewise::interpret::detail
