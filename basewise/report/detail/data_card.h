// The section on what was trained on what.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section data_section(const Runs& runs);

}  // namespace basewise::report::detail
