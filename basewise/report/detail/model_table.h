// The section with the layers of the model.
#pragma once

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

Section model_section(const Runs& runs);

}  // namespace basewise::report::detail
