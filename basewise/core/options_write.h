// Options as text: TOML, JSON, and the tables of reference pages and flags.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/visitor.h"

namespace basewise {

/// TOML text with every option, resolved, that `read_toml` reads back to equal values. Optional
/// values that are not set are left out.
std::string to_toml(const Described& options);

/// For the manifest.
nlohmann::ordered_json to_json(const Described& options);

/// A Markdown table for the reference page: option, type, default, bound, meaning.
std::string to_markdown(const Described& options, std::string_view title);

/// Every option with its dotted path, for flags.
struct FlatOption {
  std::string path;
  std::string type;           ///< "true/false", "integer", "number", "text", "path", "list of integers", ...
  std::string default_value;  ///< as TOML
  std::string help;
  Constraint constraint;
  std::string when = {};  ///< for which choice it counts, "kind = "step" or "plateau""; empty: for all

  /// All that a person needs to know: the choice, the help, and what each word means.
  std::string meaning() const;
};
std::vector<FlatOption> flatten(const Described& options);

}  // namespace basewise
