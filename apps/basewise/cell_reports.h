// What was met in files of methylation calls, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/prepare/methylation_inputs.h"

namespace basewise::app {

nlohmann::ordered_json reports_json(const std::vector<prepare::CellReport>& cells);

/// One line of what became of the strands of all calls; empty where nothing moved or was left out.
std::string strands_text(const std::vector<prepare::CellReport>& cells);

}  // namespace basewise::app
