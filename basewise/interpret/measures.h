// Measures of what a network has learned, for studies and `basewise evaluate --measure`.
#pragma once

#include <vector>

#include "basewise/run/measure.h"

namespace basewise::interpret {

/// filters, localisation, attribution, activations: for `run::MeasureScope`.
std::vector<run::MeasureType> measures();

}  // namespace basewise::interpret
