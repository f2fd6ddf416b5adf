// Where in memory the rows of a plan lie.
#pragma once

#include <vector>

#include "basewise/plan/detail/layout.h"

namespace basewise::plan::detail {

/// The first and the last stage that a slot is written or read in.
struct SlotLife {
  int first = 0;
  int last = -1;  ///< below 0: never
};
using SlotLives = std::vector<SlotLife>;

/// Gives every slot that is not exported a place that no other one needs during its life, and sets
/// the sizes of both memories: that of whole slots, and that of a stage.
void place_slots(PlanLayout& layout, const SlotLives& lives);

}  // namespace basewise::plan::detail
