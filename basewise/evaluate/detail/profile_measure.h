// The row of the table of measures for profiles.
#pragma once

#include "basewise/evaluate/measure.h"

namespace basewise::evaluate::detail {

extern const MeasureType kProfile;

}  // namespace basewise::evaluate::detail
