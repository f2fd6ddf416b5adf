// Which options count: a walk over a described struct that knows the conditions above each option.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "basewise/core/options_check.h"
#include "basewise/core/visitor.h"
#include "basewise/core/written.h"

namespace basewise::detail {

/// A condition that does not hold, and the path of the table in which its key stands.
struct Unmet {
  std::string table;
  Condition condition;
};

/// Calls `visit(path of the table, option, outermost condition that is not met or null)` for every
/// option as the struct is now; items of lists have numbers.
void walk(const Described& options, const std::function<void(const std::string&, const Option&, const Unmet*)>& visit);

/// How `Written` says that an assignment gave an option, which comes on top of what a file says.
inline constexpr std::string_view kAssigned = "--set ";

/// Values as TOML of the options under any condition, by path;
/// "loss.N.type" stands for a fresh item of a list.
using Defaults = std::map<std::string, std::string>;
Defaults conditional_defaults(const Described& options);

/// Refuses, or warns of, options that are in `written` with a value other than in `defaults` under
/// a condition that is not met. What a file says for its own choice stays where it is, unused, when
/// an assignment makes another one.
void check_idle(const Described& options, const Written& written, const Defaults& defaults, Idle idle);

/// True if the option with this path is there and does not count.
bool is_idle(const Described& options, const std::string& path);

}  // namespace basewise::detail
