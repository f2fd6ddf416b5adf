// Matrix products behind a flattening: the changed columns alone.
#pragma once

#include "basewise/plan/detail/edit_worker.h"

namespace basewise::plan::detail {

/// Makes room for the changed rows of what is flattened.
void place_flats(EditCall& call);

/// From these rows, which workers have put there, the products of all edits: edits with the same
/// columns read their weights together.
void multiply_flats(EditCall& call);

}  // namespace basewise::plan::detail
