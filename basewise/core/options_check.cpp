#include "basewise/core/options_check.h"

#include "basewise/core/detail/option_conditions.h"
#include "basewise/core/detail/option_value.h"

namespace basewise {

void check(const Described& options, std::string_view what) {
  detail::walk(options, [&](const std::string& table, const Option& o, const detail::Unmet* unmet) {
    const std::string path = detail::joined(table, o.name);
    if (const std::string problem = detail::violation(o.value, o.constraint); !problem.empty())
      throw ArgumentError(format("{}: {} {}", what, path, problem));
    if (o.constraint.required && !unmet && detail::is_empty(o.value))
      throw ArgumentError(format("{}: {} is required ({})", what, path, o.help));
  });
}

}  // namespace basewise
