#include "basewise/study/published.h"

#include <algorithm>
#include <charconv>

#include "basewise/core/error.h"

namespace basewise::study {

PublishedValue parse_published(const std::string& text) {
  const auto number = [&](std::string part) {
    std::erase(part, ' ');
    double value = 0;
    const auto [end, status] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (status != std::errc() || end != part.data() + part.size() || part.empty())
      throw ArgumentError(
          format("published value '{}': '{}' is no number; expected 'metric = mean +- sd'", text, part));
    return value;
  };
  const auto equals = text.find('='), spread = text.find("+-");
  if (equals == std::string::npos)
    throw ArgumentError(format("published value '{}': expected 'metric = mean +- sd'", text));
  PublishedValue value;
  value.metric = text.substr(0, equals);
  std::erase(value.metric, ' ');
  value.mean = number(text.substr(equals + 1, spread == std::string::npos ? spread : spread - equals - 1));
  if (spread != std::string::npos) value.sd = number(text.substr(spread + 2));
  return value;
}

}  // namespace basewise::study
