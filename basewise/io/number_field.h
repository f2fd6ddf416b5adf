// Numbers as fields of tables.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "basewise/core/format.h"

namespace basewise::io {

/// A number with so many significant digits; `absent` for NaN.
inline std::string number_field(double x, int digits, std::string_view absent = "") {
  return std::isnan(x) ? std::string(absent) : format("{:.{}g}", x, digits);
}

}  // namespace basewise::io
