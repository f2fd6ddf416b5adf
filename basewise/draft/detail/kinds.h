// One draft for each kind of raw files but tables. Errors: see `draft_recipe`.
#pragma once

#include "basewise/draft/draft.h"

namespace basewise::draft::detail {

Draft draft_sites(const DraftRequest& request);
Draft draft_tracks(const DraftRequest& request);
Draft draft_profile(const DraftRequest& request);
Draft draft_fasta(const DraftRequest& request);

}  // namespace basewise::draft::detail
