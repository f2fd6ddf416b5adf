// Figures of numbers against numbers.
#pragma once

#include <vector>

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

/// Predicted against observed, one figure per output that is shown.
std::vector<Figure> predicted_observed(const Runs& runs);

}  // namespace basewise::report::detail
