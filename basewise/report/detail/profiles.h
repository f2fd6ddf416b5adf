// What is shown of profiles.
#pragma once

#include <string>
#include <vector>

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

/// Whether the evaluation of a run is of profiles.
bool is_profile(const Run& run);

/// What stands beside a metric of profiles: median, what other predictions reach, where it is
/// undefined.
std::string profile_note(const Run& run, const results::MetricValue& metric);

/// How values of single examples spread, a figure per metric.
std::vector<Figure> example_values(const Runs& runs);

}  // namespace basewise::report::detail
