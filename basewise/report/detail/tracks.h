// The section with predictions and targets along chosen loci.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section tracks_section(const Runs& runs);

}  // namespace basewise::report::detail
