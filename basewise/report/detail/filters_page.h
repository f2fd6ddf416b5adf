// The page of filters as motifs.
#pragma once

#include "basewise/report/detail/folder.h"

namespace basewise::report::detail {

/// Reads filters.tsv, filters.meme and matches.meme of the folder, each of which may lack.
/// Errors: DataError for files that are not what basewise writes.
FolderPage filters_page(const Folder& folder);

}  // namespace basewise::report::detail
