// What the pages of folders that are no runs have in common.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/report/detail/blocks.h"

namespace basewise::report::detail {

/// A folder and what its JSON file says.
struct Folder {
  std::filesystem::path path;
  std::string name;  ///< of the folder, never empty
  Json facts;
};

/// What the page of a folder shows.
struct FolderPage {
  std::string title;
  std::string subtitle = {};
  std::vector<Fact> facts = {};
  std::vector<Section> sections = {};
  std::vector<std::string> notes = {};  ///< what lacks
};

/// Fact of a text or number of the JSON file; left out where there is none.
void add_fact(std::vector<Fact>& facts, const Json& object, const char* key, const std::string& name, const std::string& format = {});

/// The notes that the folder's maker left in the JSON file.
std::vector<std::string> told(const Json& facts);

/// The last part of a path; of a folder too, however it ends.
std::string last_part(const std::string& path);

/// What was asked for and with which versions, and the file itself, folded away.
Section folder_record(const Folder& folder, const std::string& file);

}  // namespace basewise::report::detail
