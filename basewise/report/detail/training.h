// The section on how training went.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section training_section(const Runs& runs);

}  // namespace basewise::report::detail
