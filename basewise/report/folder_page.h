// Pages of folders that are no runs: attributions, discovered motifs, filters as motifs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/choice.h"

namespace basewise::report {

/// What a folder holds, told by the file that says so.
enum class FolderKind { attribution, discovery, filters };
constexpr auto words_of(FolderKind) {
  return words<FolderKind>({{FolderKind::attribution, "attribution", "attribute.json"},
                            {FolderKind::discovery, "discovery", "discovery.json"},
                            {FolderKind::filters, "filters", "filters.json"}});
}

/// Nothing for a run folder (it has a manifest.json) and for everything else.
std::optional<FolderKind> find_folder_kind(const std::filesystem::path& folder);

/// The document of such a folder (report.schema.json); `title` empty: told by the folder. What
/// lacks is said in it and in `notes`. Reads the rows that are drawn and never a whole array.
/// Errors: StateError for another folder, DataError for files that are not what basewise writes.
nlohmann::ordered_json build_folder_document(const std::filesystem::path& folder, const std::string& title,
                                             std::vector<std::string>& notes);

/// Writes report.html into the folder, atomically, and returns its path. Errors: as above.
std::filesystem::path write_folder_page(const std::filesystem::path& folder);

/// The same at the end of a verb: what goes wrong is a warning, and the path is empty.
std::filesystem::path try_folder_page(const std::filesystem::path& folder);

}  // namespace basewise::report
