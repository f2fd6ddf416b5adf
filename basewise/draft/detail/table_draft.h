// The draft of a table with sequences and labels.
#pragma once

#include "basewise/draft/draft.h"

namespace basewise::draft::detail {

/// Errors: see `draft_recipe`.
Draft draft_table(const DraftRequest& request);

}  // namespace basewise::draft::detail
