// The files of a folder of filters.
#pragma once

#include "basewise/interpret/filters.h"

namespace basewise::interpret::detail {

/// The best match of each filter with a motif; `target` is empty for the others.
struct FilterMatch {
  std::string target = {};
  motifs::MotifMatch match = {};
};

/// Matches in the collection or file of the options, by filter;
/// what there is to say goes into `notes`.
std::vector<FilterMatch> filter_matches(const FilterRunOptions& options, const std::vector<motifs::FilterMotif>& filters,
                                        std::vector<std::string>& notes);

/// Errors: StateError for a folder that holds something else, or filters without `overwrite`.
void require_free(const std::filesystem::path& folder, bool overwrite);

/// Writes filters.meme, filters.tsv and filters.json; fills in folder and files.
void write_filter_folder(FilterRunResult& result, const FilterRunOptions& options, const std::vector<FilterMatch>& matches);

}  // namespace basewise::interpret::detail
