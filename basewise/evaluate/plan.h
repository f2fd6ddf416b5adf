// Options as written to a plan with everything decided.
#pragma once

#include "basewise/evaluate/evaluate.h"

namespace basewise::evaluate {

/// "logit" or "probability". Errors: ArgumentError for anything else.
metrics::ScoreScale parse_scale(const std::string& scale);

/// Whether a head of these options is measured as a profile: by its kind, or by a metric that only profiles have.
bool asks_for_profiles(const std::string& kind, const std::vector<std::string>& metrics);

}  // namespace basewise::evaluate
