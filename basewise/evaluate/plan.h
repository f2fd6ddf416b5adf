// Options as written to a plan with everything decided.
#pragma once

#include "basewise/evaluate/evaluate.h"

namespace basewise::evaluate {

/// Whether a head of these options is measured as a profile:
/// by its kind, or by a metric that only profiles have.
bool asks_for_profiles(MeasureKind kind, const std::vector<std::string>& metrics);

}  // namespace basewise::evaluate
