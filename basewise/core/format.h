// Text formatting. fmt is used header-only, so that the copy inside a torch installation never meets the system's library.
#pragma once

#ifndef FMT_HEADER_ONLY
#define FMT_HEADER_ONLY 1
#endif
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace basewise {
using fmt::format;
}  // namespace basewise
