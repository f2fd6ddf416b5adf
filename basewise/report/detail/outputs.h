// The section with a table of a row per output.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section outputs_section(const Runs& runs);

}  // namespace basewise::report::detail
