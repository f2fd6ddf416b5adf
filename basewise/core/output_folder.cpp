#include "basewise/core/output_folder.h"

#include <algorithm>
#include <string>

#include "basewise/core/error.h"

namespace basewise {

void require_own_folder(const fs::path& folder, std::span<const std::string_view> files, bool overwrite, std::string_view verb) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder)) throw ArgumentError(format("out = {} is a file, expected a folder", folder.string()));
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_temporary_name(name)) continue;  // of a process that was killed
    if (std::find(files.begin(), files.end(), name) == files.end())
      throw ArgumentError(format("{} holds {}, which is none of the files of {}; give another folder", folder.string(), name, verb));
    if (!overwrite)
      throw ArgumentError(format("{} is there already and holds {}; give another folder, or overwrite", folder.string(), name));
  }
}

}  // namespace basewise
