// The section with what is needed to make a run again.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section record_section(const Runs& runs);

}  // namespace basewise::report::detail
