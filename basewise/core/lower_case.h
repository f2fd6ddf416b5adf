// Text in small letters.
#pragma once

#include <string>
#include <string_view>

namespace basewise {

/// `text` with the letters A to Z as a to z, all other bytes as they are.
std::string lower_case(std::string_view text);

}  // namespace basewise
