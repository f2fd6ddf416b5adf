// Names in messages: a few of them, and how many there are besides.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace basewise {

/// "a, b, c and 14 more": the first `most` names between `quote` and `quote`, and the number of the
/// others. `none` where there are no names at all.
std::string some_of(std::span<const std::string> names, std::string_view quote = "", std::size_t most = 10,
                    std::string_view none = "");

}  // namespace basewise
