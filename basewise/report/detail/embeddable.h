// Documents inside a page.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace basewise::report::detail {

/// JSON text that may stand inside a script element: <, >, &, U+2028 and U+2029 are written as
/// \uXXXX, bytes that are no UTF-8 become U+FFFD.
std::string embeddable(const nlohmann::ordered_json& document);

}  // namespace basewise::report::detail
