// The entries of `datasets/` as they stood when the program was built.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace basewise::corpus::detail {

/// File name and TOML text of every entry.
std::vector<std::pair<std::string_view, std::string_view>> embedded_datasets();

}  // namespace basewise::corpus::detail
