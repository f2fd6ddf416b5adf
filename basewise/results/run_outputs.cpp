#include "basewise/results/run_outputs.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/some_of.h"
#include "basewise/results/run_files.h"

namespace basewise::results {

bool is_file_of(const fs::path& run, const fs::path& path) {
  std::error_code none;
  return is_run_file(path.filename().string()) && fs::equivalent(path.has_parent_path() ? path.parent_path() : ".", run, none);
}

void require_no_run_file(const fs::path& run, const std::vector<GivenPath>& outputs) {
  for (const auto& [option, path] : outputs)
    if (is_file_of(run, path))
      throw ArgumentError(format("{} = {} is a name that the run keeps for files of its own; give another name", option, path.string()));
}

void require_no_other_run(const fs::path& folder, const std::vector<fs::path>& written) {
  std::vector<std::string> others;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    const fs::path name = entry.path().filename();
    const bool replaced = std::any_of(written.begin(), written.end(), [&](const fs::path& file) { return file.filename() == name; });
    if (!replaced && is_run_file(name.string())) others.push_back(name.string());
  }
  if (others.empty()) return;
  std::sort(others.begin(), others.end());
  throw ArgumentError(format("{} holds a run, whose {} would stay beside another model; choose another --out, or remove the folder first",
                             folder.string(), some_of(others, "", 4)));
}

void require_no_toml(const GivenPath& output) {
  const auto& [option, path] = output;
  if (path.string().ends_with(".toml") && fs::exists(path))
    throw ArgumentError(format("{} = {} would replace a TOML file, a recipe or a model; give another name", option, path.string()));
}

}  // namespace basewise::results
