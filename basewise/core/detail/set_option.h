// Puts a TOML value into the member that an option names.
// For sources of core only: it shows toml++.
#pragma once

#include <filesystem>
#include <string>

#include <toml++/toml.h>

#include "basewise/core/visitor.h"

namespace basewise::detail {

/// Sets `option` from `node` and checks its bounds. Relative paths are taken relative to `folder`;
/// `file` is where a table stood. Empty if all is well, else what is wrong, to be put behind the
/// name of the option: "is 1.5; expected: integer".
std::string set_option(const Option& option, const toml::node& node, const std::string& file,
                       const std::filesystem::path& folder);

/// A value as messages show it: 1.5, "adam", a list, a table.
std::string shown(const toml::node& node);

}  // namespace basewise::detail
