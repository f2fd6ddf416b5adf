#include "basewise/core/lower_case.h"

#include <algorithm>
#include <cctype>

namespace basewise {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace basewise
