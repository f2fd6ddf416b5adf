// Options of data that came after the first records: what does not use them is as before.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace basewise::run::detail {

/// Takes out of `data`, options of data as JSON, what later versions added and these data do not
/// use, also of each of several sets: hashes of configurations stay what they were.
void leave_out_unused(nlohmann::ordered_json& data);

}  // namespace basewise::run::detail
