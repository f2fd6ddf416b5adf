// A dry run: everything that training looks at before it starts, and one step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/run/set_numbers.h"
#include "basewise/run/train_run.h"

namespace basewise::run {

/// What a dry run found.
struct DryRunResult {
  std::vector<SetNumbers> sets = {};
  std::int64_t parameters = 0;
  double loss = 0;  ///< of the first training batch; not a number where the method takes no steps
  std::string data_summary = {};
  std::vector<std::string> notes = {};
};

/// All that `train_run` does before it makes the folder, then model, losses and measures on the
/// first batch of every set and one step. Writes nothing; `out` may be empty.
/// Errors: as `train_run`.
DryRunResult try_run(const TrainRequest& request);

std::string to_text(const DryRunResult& result);
nlohmann::ordered_json to_json(const DryRunResult& result);

}  // namespace basewise::run
