#include "basewise/corpus/row_conditions.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::corpus {

Conditions::Conditions(const std::vector<std::string>& texts, const io::TsvReader& table) {
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw ArgumentError(format("'{}' is no condition on a table row; expected \"column=value\"", text));
    conditions_.emplace_back(table.column(text.substr(0, equals)), text.substr(equals + 1));
  }
}

bool Conditions::met(const io::TsvReader& table) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const auto& asked) {
    return std::any_of(conditions_.begin(), conditions_.end(),
                       [&](const auto& c) { return c.first == asked.first && table.text(c.first) == c.second; });
  });
}

std::vector<std::size_t> Conditions::columns() const {
  std::vector<std::size_t> columns;
  for (const auto& [column, value] : conditions_) columns.push_back(column);
  return columns;
}

}  // namespace basewise::corpus
