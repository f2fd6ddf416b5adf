// A look at TOML before it is parsed, and at what it says apart from how it is written.
#pragma once

#include <string>
#include <string_view>

namespace basewise {

/// Refuses keys of more than 32 parts ("a.b.c" has 3). The parser makes a table in a table for each
/// part, and one of many thousands parts exhausts its stack.
/// Errors: ArgumentError "file:line: ...".
void check_toml_keys(std::string_view text, const std::string& file);

/// TOML as JSON with keys in the order of the alphabet: equal for texts that differ in comments,
/// layout and order of keys alone.
/// Errors: ArgumentError "file:line:column: ...".
std::string toml_as_json(std::string_view text, const std::string& file);

}  // namespace basewise
