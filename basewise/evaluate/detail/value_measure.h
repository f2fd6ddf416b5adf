// The rows of the table of measures for values: one that tells from the targets what they are, and
// one for labels.
#pragma once

#include "basewise/evaluate/measure.h"

namespace basewise::evaluate::detail {

extern const MeasureType kValues;
extern const MeasureType kBinary;

}  // namespace basewise::evaluate::detail
