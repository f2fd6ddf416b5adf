// The time of day as files state it.
#pragma once

#include <string>

namespace basewise {

/// "2026-11-20T23:50:00Z"
std::string utc_now();

}  // namespace basewise
