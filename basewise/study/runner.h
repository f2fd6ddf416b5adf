// The runs of a study as child processes, a few at a time, until every row is in the record.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"
#include "basewise/study/expand.h"
#include "basewise/study/record.h"

namespace basewise::study {

/// The verb `study run`.
struct RunRequest {
  std::string study = {};               ///< folder or file
  std::filesystem::path out = {};       ///< where runs and results go
  std::vector<std::string> where = {};  ///< conditions on runs and measurements
  std::string shard = {};
  std::int64_t jobs = 1;
  bool dry_run = false;
  std::string device = "cpu";
  std::string executor = "local";
  std::vector<std::string> set = {};  ///< options for all runs, on top of the study's
  std::vector<std::string> program =
      {};                               ///< words before "study work ..." in the command line of a child; not described
  std::vector<std::string> flags = {};  ///< and behind; not described
};
void describe(Visitor& v, RunRequest& o);

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

/// Collects what finished runs left behind into the record and looks what is missing. Runs that
/// others come after are in the plan though they were not selected, where their weights are
/// missing.
Plan make_plan(const Study& study, const RunRequest& request);

struct RunsResult {
  Plan plan;
  std::int64_t runs_done = 0;  ///< by this call
  std::vector<std::pair<std::string, std::string>>
      failed;  ///< run and error, also of those that waited for one that failed
  std::vector<std::string> locked;
  bool interrupted = false;
  double seconds = 0;
  std::filesystem::path record;
};

/// Does what is missing. Children get equal shares of the processors. SIGINT and SIGTERM are passed
/// to the children once, which save checkpoints; children end with this process if it is killed.
/// Errors: as load_study; of single runs: in the result.
RunsResult run_study(const RunRequest& request);

/// Runs that are missing, one line each.
std::string to_text(const Plan& plan, std::int64_t jobs);
nlohmann::ordered_json to_json(const Plan& plan, std::int64_t jobs);
std::string to_text(const RunsResult& result);
nlohmann::ordered_json to_json(const RunsResult& result);

/// Rows of other records (files, or folders of studies) into the record of a study: those whose
/// hash is that of a row of this study, under whatever name the other has it (another study may
/// hold the same run); and rows of the same axes that this record lacks, as they are. Returns how
/// many rows were new or changed.
std::int64_t merge_records(const Study& study, const std::vector<std::filesystem::path>& others);

/// Removes rows, notes and folders of the selected runs, so that the next call does them again.
/// Returns how many runs.
std::int64_t forget_runs(const Study& study, const std::vector<std::string>& where);

/// "1 h 05 min", "3 min 20 s", "12 s".
std::string duration_text(double seconds);

}  // namespace basewise::study
