#include "basewise/core/some_of.h"

#include <algorithm>

#include "basewise/core/format.h"

namespace basewise {

std::string some_of(std::span<const std::string> names, std::string_view quote, std::size_t most, std::string_view none) {
  if (names.empty()) return std::string(none);
  std::string text;
  for (const std::string& name : names.first(std::min(names.size(), most)))
    text += format("{}{}{}{}", text.empty() ? "" : ", ", quote, name, quote);
  if (names.size() > most) text += format(" and {} more", names.size() - most);
  return text;
}

}  // namespace basewise
