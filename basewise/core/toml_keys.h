// A look at TOML before it is parsed.
#pragma once

#include <string>
#include <string_view>

namespace basewise {

/// Refuses keys of more than 32 parts ("a.b.c" has 3). The parser makes a table in a table for each part, and one of many thousands
/// parts exhausts its stack. Errors: ArgumentError "file:line: ...".
void check_toml_keys(std::string_view text, const std::string& file);

}  // namespace basewise
