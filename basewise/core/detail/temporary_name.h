// Names of files and folders that are not in place yet.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace basewise::detail {

inline constexpr std::string_view kTemporaryMark = ".tmp-";

/// ".<name>.tmp-": how the names of all temporaries of a target begin. Of a name that leaves no
/// room for an ending only the beginning is taken.
std::string temporary_beginning(const std::filesystem::path& target);

/// "<folder>/.<name>.tmp-<process>-<number>-<machine>", a name that was not given before. It stands
/// in the folder of the target, so that a rename stays inside one file system, and is hidden, so
/// that nobody takes it for a result.
/// Errors: ArgumentError for a target without a name.
std::filesystem::path temporary_beside(const std::filesystem::path& target);

/// Whether nobody writes it any more: its process is gone, or, where that ran on another machine
/// (or nobody knows on which), it was not touched for a day.
bool is_dead_temporary(const std::filesystem::path& path);

}  // namespace basewise::detail
