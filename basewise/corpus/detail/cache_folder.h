// Where downloads and packed tracks are kept.
#pragma once

#include <filesystem>

namespace basewise::corpus::detail {

/// BASEWISE_CACHE, else $XDG_CACHE_HOME/basewise, else $HOME/.cache/basewise; of the last two only
/// folders that are named from the root count. Where there is none of them (services and jobs
/// without a home), a folder of this user below the temporary folder, "basewise-<user id>", which
/// is made for this user alone.
/// Errors: DataError where that one belongs to somebody else or others can write into it:
/// what lies in a cache is believed.
std::filesystem::path default_cache();

}  // namespace basewise::corpus::detail
