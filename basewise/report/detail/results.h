// The section with the headline: key figures of one run or the comparison of several, curves,
// densities.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section results_section(const Runs& runs);

}  // namespace basewise::report::detail
