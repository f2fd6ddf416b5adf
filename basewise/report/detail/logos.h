// The section with the filters of the first layer.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section filters_section(const Runs& runs);

}  // namespace basewise::report::detail
