// Folders that a verb writes as a whole, with files of fixed names.
#pragma once

#include <span>
#include <string_view>

#include "basewise/core/files.h"

namespace basewise {

/// A folder may be written by `verb` where it is not there, is empty, or, with `overwrite`, holds
/// nothing but `files`, the names that the verb writes.
/// Files of processes that were killed do not count.
/// Errors: ArgumentError that names what stands there.
void require_own_folder(const fs::path& folder, std::span<const std::string_view> files, bool overwrite, std::string_view verb);

}  // namespace basewise
