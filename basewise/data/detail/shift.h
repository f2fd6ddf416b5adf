// Sequences that move against their targets.
#pragma once

#include <cstdint>

#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// Moves "sequence" by `shift` bases to the right (to the left where it is negative): base i
/// becomes base i + shift. What comes in is N, what leaves is lost;
/// the length stays. Nothing else moves.
void shift_sequence(const ExampleRow::Slot& slot, std::int64_t shift);

}  // namespace basewise::data::detail
