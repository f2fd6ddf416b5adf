// JSON parameters of Basenji since 2018 and of Baskerville:
// a trunk of blocks by name, heads, and how it is trained.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "basewise/convert/convert.h"

namespace basewise::convert::detail {

/// Errors: those of `read_foreign`.
Converted json_model(const nlohmann::ordered_json& root, const ConvertOptions& options);

}  // namespace basewise::convert::detail
