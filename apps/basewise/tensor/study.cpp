#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/ops/kernels.h"
#include "basewise/report/report.h"
#include "basewise/study/executor.h"
#include "basewise/study/runner.h"
#include "basewise/study/table.h"
#include "basewise/study/worker.h"

namespace basewise::app {
namespace {

constexpr int kLocked = 75;

/// What the subcommands share.
struct StudyFlags {
  std::string study;
  std::string out;
  std::vector<std::string> where;
  std::vector<std::string> set;
};

CLI::Option* add_many(CLI::App* app, const std::string& flag, std::vector<std::string>& values, const std::string& help,
                      const std::string& type) {
  return app->add_option(flag, values, help)
      ->type_name(type)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1)
      ->allow_extra_args(false);
}

void add_study(CLI::App* app, StudyFlags& flags) {
  app->add_option("study", flags.study,
                  "folder that holds study.toml, or a file <name>.study.toml: its results go to the folder <name> beside it")
      ->required()
      ->type_name("DIR|FILE");
  app->add_option("-o,--out", flags.out, "folder for runs and results")->type_name("DIR");
  add_many(app, "--set", flags.set, "an option of the recipe for all runs, on top of the study's, as in train.epochs=5; may be repeated",
           "PATH=VALUE");
}

void add_where(CLI::App* app, StudyFlags& flags) {
  add_many(app, "--where", flags.where,
           "only what this holds for: NAME=VALUE, NAME=VALUE,VALUE or NAME!=VALUE, where NAME is an axis, run, evaluation, "
           "split, weights or method; may be repeated",
           "NAME=VALUE");
}

std::string kernels_name() {
  return ops::chosen_kernels() == ops::Kernels::torch ? "torch" : ops::chosen_kernels() == ops::Kernels::bfloat16 ? "bfloat16" : "basewise";
}

int write_script(const Command& command, const study::RunRequest& request, study::ClusterOptions cluster) {
  if (!request.shard.empty())
    throw ArgumentError(format("basewise study run: --shard and --executor {} exclude each other", request.executor));
  cluster.executor = request.executor;
  cluster.threads = threads();
  const auto file = study::write_script(study::load_study(request.study, request.out, request.set), request, cluster);
  const std::string next = request.executor == "slurm" ? "sbatch " : "snakemake --cores all --snakefile ";
  if (command.json()) return print_json({{"script", file.string()}}), 0;
  print(format("wrote {}; start it with: {}{}\n", file.string(), next, study::shell_quoted(file.string())));
  return 0;
}

int run(const Command& command, const StudyFlags& flags, study::RunRequest request, const study::ClusterOptions& cluster) {
  request.study = flags.study;
  request.out = flags.out;
  request.where = flags.where;
  request.set = flags.set;
  request.program = {std::filesystem::read_symlink("/proc/self/exe").string()};
  request.flags = {"--kernels", kernels_name()};
  check(described(request), "basewise study run");
  if (request.executor != "local") return write_script(command, request, cluster);
  const auto result = study::run_study(request);
  if (request.dry_run) {
    command.json() ? print_json(study::to_json(result.plan, request.jobs)) : print(study::to_text(result.plan, request.jobs));
    return 0;
  }
  command.json() ? print_json(study::to_json(result)) : print(study::to_text(result));
  if (result.interrupted) return static_cast<int>(ExitCode::interrupted);
  return static_cast<int>(result.failed.empty() ? ExitCode::success : ExitCode::failure);
}

/// One run, as a child of `study run`.
int work(const StudyFlags& flags, const std::string& name, const std::string& device) {
  study::end_with_parent();
  prepare_device(device);
  const study::Study loaded = study::load_study(flags.study, flags.out, flags.set);
  std::vector<std::string> where = flags.where;
  where.push_back("run=" + name);
  const auto runs = study::select(loaded, study::expand(loaded), where);
  if (runs.empty()) throw ArgumentError(format("basewise study work: no measurement of run '{}' is selected", name));
  switch (study::work_on(loaded, runs.front(), {.device = device, .threads = threads()})) {
    case study::WorkOutcome::done:
      return 0;
    case study::WorkOutcome::interrupted:
      return static_cast<int>(ExitCode::interrupted);
    case study::WorkOutcome::locked:
      return kLocked;
  }
  throw InternalError("study work: an outcome without a name");
}

int merge(const Command& command, const StudyFlags& flags, const std::vector<std::string>& others) {
  const study::Study loaded = study::load_study(flags.study, flags.out, flags.set);
  const auto changed = study::merge_records(loaded, {others.begin(), others.end()});
  const auto plan = study::make_plan(loaded, {});
  if (command.json()) return print_json({{"changed", changed}, {"rows", plan.rows}, {"rows_done", plan.rows_done}}), 0;
  print(format("{} rows taken over; {} of {} rows of the study are in {}\n", changed, plan.rows_done, plan.rows, loaded.record().string()));
  return 0;
}

/// The page of a study; what goes wrong is a warning, as for runs.
std::string page_of(const std::filesystem::path& document, const std::filesystem::path& page) {
  try {
    report::write_study_page(document, page);
    return page.string();
  } catch (const std::exception& e) {
    log_warning("no page was written; the tables are complete: {}", e.what());
    return {};
  }
}

int table(const Command& command, const StudyFlags& flags) {
  const study::Study loaded = study::load_study(flags.study, flags.out, flags.set);
  const study::StudyTable made = study::make_table(loaded);
  const auto document = study::to_json(made);
  study::write_table(made, loaded.folder / "table.tsv");
  write_file(loaded.folder / "study.json", document.dump(1) + "\n");
  const std::string page = page_of(loaded.folder / "study.json", loaded.folder / "study.html");
  if (command.json()) return print_json(document), 0;
  print(study::to_text(made));
  print(format("\nwrote {}, study.json{}\n", (loaded.folder / "table.tsv").string(), page.empty() ? "" : " and study.html"));
  return 0;
}

int forget(const Command& command, const StudyFlags& flags) {
  const study::Study loaded = study::load_study(flags.study, flags.out, flags.set);
  if (flags.where.empty()) throw ArgumentError("basewise study forget: say which runs with --where, as in --where seed=7");
  const auto count = study::forget_runs(loaded, flags.where);
  command.json() ? print_json({{"runs", count}})
                 : print(format("{} runs forgotten: rows, folders and logs are gone; the next `study run` does them again\n", count));
  return 0;
}

}  // namespace

int study(const Arguments& arguments) {
  Command command(
      "basewise study", "Runs every combination of what a study varies, keeps one row per measurement, and compares them.",
      {"basewise study run recipes/rc_equivariance/simulated_200.study.toml --dry-run",
       "basewise study run studies/mine --jobs 2 --where seed=1,2", "basewise study run studies/mine --shard 3/8",
       "basewise study run studies/mine --executor slurm --threads 4", "basewise study table studies/mine",
       "basewise study merge studies/mine other/results.tsv", "basewise study forget studies/mine --where run=augmented_seed1"});
  StudyFlags flags;
  ::basewise::study::RunRequest request;
  ::basewise::study::ClusterOptions cluster;
  std::string name, script, device = "cpu";
  std::vector<std::string> others;
  CLI::App& app = command.app();
  app.require_subcommand(1);

  CLI::App* run_it = app.add_subcommand("run", "do what is missing: train, measure, and write results.tsv");
  add_study(run_it, flags);
  add_where(run_it, flags);
  run_it->add_option("--shard", request.shard, "part i of n of the runs, as 2/5; the n parts are a partition")->type_name("I/N");
  run_it->add_option("--jobs", request.jobs, "runs at a time; the processors are divided among them [1]")->type_name("N");
  run_it->add_flag("--dry-run", request.dry_run, "list what is missing and how long it may take; do nothing");
  run_it->add_option("--executor", request.executor, "local: run here; slurm: write an array job; snakemake: write a workflow [local]")
      ->type_name("TEXT");
  run_it->add_option("--tasks", cluster.tasks, "slurm: tasks of the array [one per missing run, at most 1000]")->type_name("N");
  run_it->add_option("--script", script, "where the array job or workflow goes [study.sbatch or Snakefile in the study's folder]")
      ->type_name("FILE");
  run_it->add_option("--device", request.device, "cpu, cuda, cuda:1, or auto: a GPU when there is one [cpu]")->type_name("TEXT");

  CLI::App* table_it = app.add_subcommand("table", "write table.tsv, study.json and the page study.html, and print the table");
  add_study(table_it, flags);

  CLI::App* merge_it = app.add_subcommand("merge", "take the rows of other records into results.tsv");
  add_study(merge_it, flags);
  merge_it->add_option("records", others, "files results.tsv, or folders that hold one")->required()->type_name("FILE");

  CLI::App* forget_it = app.add_subcommand("forget", "remove rows, folders and logs of runs, so that they are done again");
  add_study(forget_it, flags);
  add_where(forget_it, flags);

  CLI::App* work_on = app.add_subcommand("work", "")->group("");  // a child of `run`
  add_study(work_on, flags);
  add_where(work_on, flags);
  work_on->add_option("--run", name)->required();
  work_on->add_option("--device", device);
  if (!parse(command, arguments)) return 0;

  cluster.out = script;
  if (run_it->parsed()) return run(command, flags, request, cluster);
  if (table_it->parsed()) return table(command, flags);
  if (merge_it->parsed()) return merge(command, flags, others);
  if (forget_it->parsed()) return forget(command, flags);
  return work(flags, name, device);
}

}  // namespace basewise::app
