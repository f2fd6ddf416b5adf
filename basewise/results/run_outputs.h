// Files that verbs write, kept away from those of a run.
#pragma once

#include <filesystem>
#include <vector>

#include "basewise/core/outputs.h"

namespace basewise::results {

/// Whether a path lies in the folder `run` under a name that the run itself uses,
/// whether or not that file is there.
bool is_file_of(const std::filesystem::path& run, const std::filesystem::path& path);

/// No output may be a file of the run: pages would take a foreign metrics.json for what was
/// measured.
/// Errors: ArgumentError that names the option and the file.
void require_no_run_file(const std::filesystem::path& run, const std::vector<GivenPath>& outputs);

/// What is written into a folder may not join files of a run that it does not replace: its weights,
/// checkpoints and metrics are of another model.
/// Errors: ArgumentError that names the folder and some of the files.
void require_no_other_run(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& written);

/// No output of numbers or of a page may replace a recipe or a model, which no run knows by name.
/// Errors: ArgumentError that names the option and the file.
void require_no_toml(const GivenPath& output);

}  // namespace basewise::results
