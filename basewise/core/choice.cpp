#include "basewise/core/choice.h"

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"

namespace basewise::detail {

std::string no_such_word(std::string_view word, const std::vector<std::string>& choices) {
  const auto near = nearest(word, choices);
  return format("is \"{}\"; it must be one of {}{}", word, fmt::join(choices, ", "),
                near ? format(" (did you mean \"{}\"?)", *near) : "");
}

void throw_no_such_word(std::string_view what, std::string_view word, const std::vector<std::string>& choices) {
  throw ArgumentError(format("{} {}", what, no_such_word(word, choices)));
}

void throw_no_such_value(std::int64_t value, const std::vector<std::string>& choices) {
  throw InternalError(format("{} is no value of the choice between {}", value, fmt::join(choices, ", ")));
}

}  // namespace basewise::detail
