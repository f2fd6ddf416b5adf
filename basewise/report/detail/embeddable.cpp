#include "basewise/report/detail/embeddable.h"

#include <nlohmann/json.hpp>

#include "basewise/core/json.h"

namespace basewise::report::detail {

std::string embeddable(const nlohmann::ordered_json& document) {
  const std::string text = json_text(document);
  std::string safe;
  safe.reserve(text.size() + text.size() / 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<') {
      safe += "\\u003c";
    } else if (c == '>') {
      safe += "\\u003e";
    } else if (c == '&') {
      safe += "\\u0026";
    } else if (text.compare(i, 3, "\u2028") == 0) {
      safe += "\\u2028", i += 2;
    } else if (text.compare(i, 3, "\u2029") == 0) {
      safe += "\\u2029", i += 2;
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace basewise::report::detail
