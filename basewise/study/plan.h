// What a study lacks, and how long it may take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/study/expand.h"

namespace basewise::study {

/// What is to be done for a run, and how long that may take.
struct PlannedRun {
  Run run;
  std::vector<Measurement> missing;
  std::string state;              ///< done, new, unfinished, "failed: ..."
  std::optional<double> seconds;  ///< estimate; nothing: no similar run is in the record
  std::string estimated_from;     ///< "9 runs of training=single"
  bool trained = false;           ///< its folder holds the weights of the present configuration
  bool awaited = false;           ///< a run of the plan starts with its weights, which are missing

  bool to_do() const { return !missing.empty() || awaited; }
};

struct Plan {
  std::vector<PlannedRun> runs;
  std::int64_t rows = 0;  ///< of the selected runs
  std::int64_t rows_done = 0;
  std::int64_t rows_stale = 0;  ///< in the record with another hash than they would have now
  std::int64_t pending() const;
  /// Nothing when one of the runs has no estimate.
  std::optional<double> seconds(std::int64_t jobs) const;
};

/// Collects what finished runs left behind into the record and looks what is missing of the runs
/// that `where` and `shard` select (see expand.h). Runs that others come after are in the plan
/// though they were not selected, where their weights are missing.
Plan make_plan(const Study& study, const std::vector<std::string>& where = {}, const std::string& shard = {});

/// Runs that are missing, one line each.
std::string to_text(const Plan& plan, std::int64_t jobs);
nlohmann::ordered_json to_json(const Plan& plan, std::int64_t jobs);

/// "1 h 05 min", "3 min 20 s", "12 s".
std::string duration_text(double seconds);

}  // namespace basewise::study
