// The runs of a study as child processes, a few at a time, until every row is in the record.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"
#include "basewise/study/plan.h"

namespace basewise::study {

/// Who does the runs.
enum class Executor { local, slurm, snakemake };
constexpr auto words_of(Executor) {
  return words<Executor>({{Executor::local, "local", "run here"},
                          {Executor::slurm, "slurm", "write an array job"},
                          {Executor::snakemake, "snakemake", "write a workflow"}});
}

/// The verb `study run`.
struct RunRequest {
  std::string study = {};               ///< folder or file
  std::filesystem::path out = {};       ///< where runs and results go
  std::vector<std::string> where = {};  ///< conditions on runs and measurements
  std::string device = "cpu";
  std::vector<std::string> set = {};  ///< options for all runs, on top of the study's
  Executor executor = Executor::local;
  std::string shard = {};             ///< local: "2/5"; empty: all
  std::int64_t jobs = 1;              ///< local
  bool dry_run = false;               ///< local
  std::optional<std::int64_t> tasks = {};  ///< slurm: of an array; not set: one per run that is missing, at most 1000
  std::filesystem::path script = {};  ///< slurm, snakemake; empty: study.sbatch or Snakefile in the study's folder
  std::filesystem::path page = {};    ///< `study table`: a page in Markdown whose marked tables are written anew
};
void describe(Visitor& v, RunRequest& o);

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

/// How the program is called by those that do runs for it.
struct Program {
  std::vector<std::string> words = {"basewise"};  ///< before "study ..."
  std::vector<std::string> flags = {};            ///< and at the end
};

/// Does what is missing, here. Children get equal shares of the processors. SIGINT and SIGTERM are
/// passed to the children once, which save checkpoints;
/// children end with this process if it is killed.
/// Errors: as load_study; DataError before anything is trained where registered data are not on
/// this machine; of single runs: in the result.
RunsResult run_study(const RunRequest& request, const Program& program = {});

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

}  // namespace basewise::study
