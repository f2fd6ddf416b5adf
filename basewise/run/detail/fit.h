// From a set-up to a run folder: what training by a recipe and training by a program share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/run/run_folder.h"
#include "basewise/run/run_setup.h"
#include "basewise/run/train_run.h"

namespace basewise::run::detail {

/// Errors: ArgumentError where both are asked for.
RunFolder::Existing existing_of(bool resume, bool overwrite);

/// Fits the model of a set-up and leaves everything in the folder;
/// what goes wrong is told in the manifest, and thrown on.
TrainResult fit_into(RunSetup& setup, const std::filesystem::path& folder, RunFolder::Existing existing,
                     const std::vector<std::string>& command_line);

}  // namespace basewise::run::detail
