// Names of the floors and ceilings that evaluation measures beside metrics.
#pragma once

#include <string>

namespace basewise::study::detail {

inline constexpr const char* kBounds[] = {"ceiling", "floor"};

/// "jsd" of "counts" with a bound: "counts.ceiling.jsd".
std::string bound_name(const std::string& bound, const std::string& metric);

/// Whether a metric is such a bound.
bool is_bound(const std::string& metric);

}  // namespace basewise::study::detail
