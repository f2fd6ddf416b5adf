// A study on a cluster: an array job for Slurm, or a workflow for Snakemake,
// that call the program as `study run` does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "basewise/study/runner.h"

namespace basewise::study {

/// What a script asks the cluster for.
struct ClusterOptions {
  std::string executor = "slurm";     ///< or snakemake
  std::int64_t tasks = 0;             ///< of the array; 0: one per run that is missing, at most 1000
  std::int64_t threads = 1;           ///< of each
  std::filesystem::path script = {};  ///< empty: study.sbatch or Snakefile in the study's folder
};
void describe(Visitor& v, ClusterOptions& o);

/// The text of the script for what `plan` lacks. Each task is one shard of the runs that `request`
/// selects (Slurm), or one run (Snakemake). Runs that come after others wait for them in a
/// workflow; Errors: ArgumentError for an array job with such runs, where the weights are missing.
/// A task that is told to end saves a checkpoint, and is continued when it is queued again.
std::string slurm_script(const Study& study, const RunRequest& request, const Plan& plan,
                         const ClusterOptions& options);
std::string snakefile(const Study& study, const RunRequest& request, const Plan& plan, const ClusterOptions& options);

/// Writes the script and returns its path. Errors: ArgumentError for an executor that is none.
std::filesystem::path write_script(const Study& study, const RunRequest& request, const ClusterOptions& options);

/// A word that a shell takes as it is: 'it'\''s'.
std::string shell_quoted(const std::string& word);

}  // namespace basewise::study
