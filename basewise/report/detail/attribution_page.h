// The page of attributions.
#pragma once

#include "basewise/report/detail/folder.h"

namespace basewise::report::detail {

/// Reads loci.tsv, sequences.npz, attributions.npz and, where they are there, seqlets.tsv or
/// seqlets.bed of the folder; of the arrays only some rows at a time.
/// Errors: DataError for files that are not what basewise writes.
FolderPage attribution_page(const Folder& folder);

}  // namespace basewise::report::detail
