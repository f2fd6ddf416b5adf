// What every visitor of options needs to know about one value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "basewise/core/visitor.h"

namespace basewise::detail {

/// "train" and "seed" make "train.seed"; an empty prefix adds nothing.
std::string joined(const std::string& prefix, std::string_view name);

/// A TOML basic string with its quotes.
std::string in_quotes(std::string_view text);

/// Values as TOML; a double always reads back as the same double.
std::string toml_literal(double x);
std::string toml_literal(std::uint64_t x);
inline std::string toml_literal(std::int64_t x) { return format("{}", x); }
inline std::string toml_literal(bool x) { return x ? "true" : "false"; }
inline std::string toml_literal(const std::string& x) { return in_quotes(x); }
inline std::string toml_literal(const std::filesystem::path& x) { return in_quotes(x.string()); }
std::string toml_literal(const FileList& x);

/// A value as TOML; nothing for an optional value that is not set, and for a table.
std::optional<std::string> literal(const OptionValue& value);

/// Empty if the value satisfies the bounds, else "is 3; it must be <= 2".
std::string violation(const OptionValue& value, const Constraint& constraint);

/// True for text, paths, lists and optional values that hold nothing.
bool is_empty(const OptionValue& value);

/// True for a text, a path, and one that may not be set.
bool is_text(const OptionValue& value);

/// True for files that are given as one text or as a list.
bool is_files(const OptionValue& value);

/// "integer", "list of paths", as `FlatOption::type`.
std::string type_name(const OptionValue& value);

}  // namespace basewise::detail
