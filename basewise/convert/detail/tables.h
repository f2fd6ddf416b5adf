// Tables of parameters: a key and a value on each line, repeated keys make lists.
#pragma once

#include <filesystem>

#include "basewise/convert/detail/keys.h"

namespace basewise::convert::detail {

/// Reads a table; # starts a comment.
/// Errors: DataError with file and line for lines of more or fewer than two words,
/// and for more than 10,000 lines.
Keys read_table(const std::filesystem::path& file);

}  // namespace basewise::convert::detail
