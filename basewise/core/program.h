// Other programs: found and started so that nothing of the current folder runs,
// which may hold somebody else's files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace basewise {

/// The folders of a list such as PATH (an environment variable, ':' between folders) that are named
/// from the root and are not the current folder; an empty entry would mean that one.
std::string absolute_folders(const char* variable);

/// Where a program lies: in the folders that `absolute_folders` gives of PATH. A name with '/' in
/// it is taken as it is. Nothing where it is not found.
std::optional<std::filesystem::path> find_program(std::string_view name);

/// Runs a program of `find_program` without a shell and waits for it; standard input and output are
/// /dev/null, standard error is written to `log`, or dropped where that is empty. `environment` is
/// put in place of what ours has of these names; an empty value takes the name away.
/// Returns the exit code, -1 for a program that was killed; nothing where there is no such program.
std::optional<int> run_program(std::string_view name, const std::vector<std::string>& arguments,
                               const std::vector<std::pair<std::string, std::string>>& environment,
                               const std::filesystem::path& log);

}  // namespace basewise
