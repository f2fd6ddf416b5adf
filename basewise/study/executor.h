// A study on a cluster: array jobs for Slurm, or a workflow for Snakemake,
// that call the program as `study run` does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "basewise/study/runner.h"

namespace basewise::study {

/// A script for a cluster, and the command that starts it.
struct ClusterScript {
  std::filesystem::path file = {};
  std::string start = {};
};

/// Writes the script of `request.executor` for what is missing of the runs that `request` selects.
/// Each task is one shard of them (Slurm), or one run (Snakemake), and uses `threads` processors. A
/// task that is told to end saves a checkpoint, and is continued when it is queued again.
///
/// Runs that come after others wait for them. For Slurm there are then several array jobs in one
/// script, which bash starts: a job begins when all tasks of the one before have ended well.
/// Errors: ArgumentError for Slurm where a run starts with missing weights of one that is not
/// selected.
ClusterScript write_script(const Study& study, const RunRequest& request, std::int64_t threads, const Program& program = {});

}  // namespace basewise::study
