// A layer that takes each number or each position alone, on rows in memory.
#pragma once

#include "basewise/plan/detail/rows.h"

namespace basewise::plan::detail {

/// `to` (rows, channels) from `from`, both dense. A row depends on itself alone, bit for bit.
void apply_point(const PlanOp& op, const float* from, float* to, Index rows);

}  // namespace basewise::plan::detail
