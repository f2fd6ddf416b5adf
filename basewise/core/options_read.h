// Options from TOML.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/options_check.h"
#include "basewise/core/visitor.h"
#include "basewise/core/written.h"

namespace basewise {

/// Sets options from TOML text and says which were given. Text that is no TOML, an unknown key, a
/// wrong type or a value out of bounds is an ArgumentError that starts with "file:line:column: ",
/// names the key with its full path, the value, the bound, and for an unknown key the nearest known
/// one. A missing required option is an error that names it, and so is, unless `idle` is to warn
/// only, one that counts for another choice. Relative paths become absolute, taken relative to the
/// folder of `file`, so that `to_toml` in another folder still names the same files;
/// "data:set/file" and URLs stay as they are.
///
/// `assignments` ("path=value", as for `assign`) come on top of the text,
/// before required and idle options are looked for.
Written read_toml(const Described& options, std::string_view toml, const std::string& file,
                  const std::vector<std::string>& assignments = {}, Idle idle = Idle::refuse);
Written read_toml_file(const Described& options, const std::filesystem::path& file,
                       const std::vector<std::string>& assignments = {}, Idle idle = Idle::refuse);

}  // namespace basewise
