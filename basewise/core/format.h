// Text formatting: fmt, the compiled library of the system (header-only use would cost six seconds
// in every source).
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace basewise {
using fmt::format;
}  // namespace basewise
