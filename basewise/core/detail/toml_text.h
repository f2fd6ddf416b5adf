// Tables of a parsed TOML file back to text. For sources of core only: it shows toml++.
#pragma once

#include <string>

#include <toml++/toml.h>

#include "basewise/core/visitor.h"

namespace basewise::detail {

/// Parses; errors are ArgumentErrors with "file:line:column: ".
toml::table parse_toml(std::string_view text, const std::string& file);

/// The table as text of its own, keys relative to it, on the lines on which it stood.
TomlText toml_text(const toml::table& table, const std::string& file);

/// What a name in place of a table stands for: a table that has this `name` and nothing else, on
/// the line of the name. An empty name: no table.
TomlText table_of_name(const std::string& name, const FilePosition& where);

/// The table under `prefix` ("model") as "[model]" and "[[model.layer]]" sections,
/// for a file that holds more.
std::string toml_section(const TomlText& text, const std::string& prefix);

/// "file:line:column" of a node.
FilePosition position(const toml::node& node, const std::string& file);

}  // namespace basewise::detail
