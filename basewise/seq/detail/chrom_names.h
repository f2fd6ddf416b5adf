// The automatic rules of chromosome names.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace basewise::seq::detail {

/// Other spellings of a name, to be looked up in a genome. `exists` tells whether the genome has a
/// name; the rule of Roman numbers asks it.
std::vector<std::string> spellings(std::string_view name, const std::function<bool(std::string_view)>& exists);

/// "NC_000913" of "NC_000913.3"; empty if the name is no accession with a version.
std::string_view accession_without_version(std::string_view name);

}  // namespace basewise::seq::detail
