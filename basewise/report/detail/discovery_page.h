// The page of motifs discovered in attributions.
#pragma once

#include "basewise/report/detail/folder.h"

namespace basewise::report::detail {

/// Reads patterns.h5, patterns.tsv and matches.meme of the folder, each of which may lack.
/// Errors: DataError for files that are not what basewise writes.
FolderPage discovery_page(const Folder& folder);

}  // namespace basewise::report::detail
