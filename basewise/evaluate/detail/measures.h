// The rows of the table of measures, each told beside its code.
#pragma once

#include "basewise/evaluate/measure.h"

namespace basewise::evaluate::detail {

extern const MeasureType kValues;   ///< value_measure.cpp
extern const MeasureType kBinary;   ///< value_measure.cpp
extern const MeasureType kProfile;  ///< profile_measure.cpp

}  // namespace basewise::evaluate::detail
