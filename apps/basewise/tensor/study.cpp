#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/basewise/tensor/set_up.h"
#include "apps/basewise/tensor/verbs.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/ops/kernels.h"
#include "basewise/report/study_page.h"
#include "basewise/study/configuration.h"
#include "basewise/study/executor.h"
#include "basewise/study/page_tables.h"
#include "basewise/study/runner.h"
#include "basewise/study/table_text.h"
#include "basewise/study/worker.h"

namespace basewise::app {
namespace {

constexpr int kLocked = 75;

std::string kernels_name() {
  return ops::chosen_kernels() == ops::Kernels::torch      ? "torch"
         : ops::chosen_kernels() == ops::Kernels::bfloat16 ? "bfloat16"
                                                           : "basewise";
}

int run(const Command& command, const study::RunRequest& request) {
  const study::Program program{.words = {std::filesystem::read_symlink("/proc/self/exe").string()},
                               .flags = {"--kernels", kernels_name()}};
  if (request.executor != study::Executor::local) {
    const study::Study loaded = study::load_study(request.study, request.out, request.set);
    const auto script = study::write_script(loaded, request, threads(), program);
    if (command.json()) return print_json({{"script", script.file.string()}}), 0;
    print(format("wrote {}; start it with: {}\n", script.file.string(), script.start));
    return 0;
  }
  const auto result = study::run_study(request, program);
  if (request.dry_run) {
    command.json() ? print_json(study::to_json(result.plan, request.jobs))
                   : print(study::to_text(result.plan, request.jobs));
    return 0;
  }
  command.json() ? print_json(study::to_json(result)) : print(study::to_text(result));
  if (result.interrupted) return static_cast<int>(ExitCode::interrupted);
  return static_cast<int>(result.failed.empty() ? ExitCode::success : ExitCode::failure);
}

/// A child of `study run`.
struct WorkFlags {
  std::string run;
  bool weights = false;  ///< another run waits for them
};

/// The run with the measurements that are selected, of which there may be none where only the
/// weights are wanted.
study::Run run_of(const study::Study& loaded, const std::vector<std::string>& conditions, const WorkFlags& flags) {
  const auto all = study::expand(loaded);
  std::vector<std::string> where = conditions;
  where.push_back("run=" + flags.run);
  const bool whole = conditions.empty() && flags.weights;
  auto runs = study::select(loaded, all, where);
  if (runs.empty())
    throw ArgumentError(format("basewise study work: no measurement of run '{}' is selected", flags.run));
  if (whole) runs.front().measurements.clear();
  return runs.front();
}

int work(const study::RunRequest& request, const WorkFlags& flags) {
  study::end_with_parent();
  prepare_device(request.device);
  const study::Study loaded = study::load_study(request.study, request.out, request.set);
  const study::Run run = run_of(loaded, request.where, flags);
  switch (study::work_on(loaded, run, {.device = request.device, .threads = threads(), .train = flags.weights})) {
    case study::WorkOutcome::done:
      return 0;
    case study::WorkOutcome::interrupted:
      return static_cast<int>(ExitCode::interrupted);
    case study::WorkOutcome::locked:
      return kLocked;
  }
  throw InternalError("study work: an outcome without a name");
}

int merge(const Command& command, const study::RunRequest& request, const std::vector<std::string>& others) {
  const study::Study loaded = study::load_study(request.study, request.out, request.set);
  const auto changed = study::merge_records(loaded, {others.begin(), others.end()});
  const auto plan = study::make_plan(loaded, {});
  if (command.json()) return print_json({{"changed", changed}, {"rows", plan.rows}, {"rows_done", plan.rows_done}}), 0;
  print(format("{} rows taken over; {} of {} rows of the study are in {}\n", changed, plan.rows_done, plan.rows,
               loaded.record().string()));
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

/// Tables of the study into a page in Markdown.
/// Errors: ArgumentError naming the file.
void fill(const std::filesystem::path& file, const study::StudyTable& made, const std::vector<study::TablePlan>& plans) {
  const study::FilledPage filled =
      with_context(file.string(), [&] { return study::fill_page(read_file(file), made, plans); });
  if (filled.tables == 0) log_warning("{} has no table of study '{}'", file.string(), made.name);
  else write_file(file, filled.text);
}

int table(const Command& command, const study::RunRequest& request) {
  const study::Study loaded = study::load_study(request.study, request.out, request.set);
  const study::StudyTable made = study::make_table(loaded);
  const auto document = study::to_json(made);
  study::write_table(made, loaded.folder / "table.tsv");
  write_file(loaded.folder / "study.json", json_text(document, 1) + "\n");
  if (!request.page.empty()) fill(request.page, made, loaded.options.tables);
  const std::string page = page_of(loaded.folder / "study.json", loaded.folder / "study.html");
  if (command.json()) return print_json(document), 0;
  print(study::to_text(made));
  print(format("\nwrote {}, study.json{}\n", (loaded.folder / "table.tsv").string(),
               page.empty() ? "" : " and study.html"));
  return 0;
}

int forget(const Command& command, const study::RunRequest& request) {
  const study::Study loaded = study::load_study(request.study, request.out, request.set);
  if (request.where.empty())
    throw ArgumentError("basewise study forget: say which runs with --where, as in --where seed=7");
  const auto count = study::forget_runs(loaded, request.where);
  command.json()
      ? print_json({{"runs", count}})
      : print(format("{} runs forgotten: rows, folders and logs are gone; the next `study run` does them again\n",
                     count));
  return 0;
}

/// What keeps a study from being read, with its runs and the conditions; empty: nothing.
std::string mistake_of(const study::RunRequest& request, const std::string& one, const std::vector<std::string>& where) {
  try {
    const study::Study loaded = study::load_study(one, request.out, request.set);
    const std::vector<study::Run> runs = study::expand(loaded);
    if (!where.empty()) study::select(loaded, runs, where);
    else study::check_recipes(loaded, runs);
    return {};
  } catch (const Error& e) {
    return e.what();
  }
}

/// Those of several studies that know the names of --where.
/// All are read before the first one starts.
/// Errors: ArgumentError where one cannot be read, or none knows these names; each is told.
std::vector<std::string> readable(const study::RunRequest& request, const std::vector<std::string>& all) {
  std::size_t broken = 0;
  for (const std::string& one : all)
    if (const std::string mistake = mistake_of(request, one, {}); !mistake.empty()) {
      log_warning("{}{}", mistake.find(one) == std::string::npos ? one + ": " : "", mistake);
      ++broken;
    }
  if (broken > 0)
    throw ArgumentError(format("{} of {} studies of {} cannot be read; nothing was started", broken, all.size(), request.study));
  if (request.where.empty()) return all;
  std::vector<std::string> some;
  for (const std::string& one : all)
    if (const std::string mistake = mistake_of(request, one, request.where); mistake.empty()) some.push_back(one);
    else log_warning("{} is left out: {}", one, mistake);
  if (some.empty()) throw ArgumentError(format("no study of {} knows the names of --where", request.study));
  return some;
}

/// Calls `verb` for each study of a folder that holds several; the first code that is no success.
int for_each_study(const Command& command, study::RunRequest request, int (*verb)(const Command&, const study::RunRequest&)) {
  std::vector<std::string> all = study::studies_of(request.study);
  if (all.size() > 1 && (command.json() || !request.out.empty()))
    throw ArgumentError(format("{} holds {} studies: --json and --out go with one; name it", request.study, all.size()));
  const bool several = all.size() > 1;
  if (several) all = readable(request, all);
  int code = 0;
  for (const std::string& one : all) {
    if (several) print(format("{}== {} ==\n", &one == &all.front() ? "" : "\n", one));
    request.study = one;
    const int now = verb(command, request);
    if (code == 0) code = now;
    if (now == static_cast<int>(ExitCode::interrupted)) break;
  }
  return code;
}

}  // namespace

int study(const Arguments& arguments) {
  Command command(
      "basewise study",
      "Runs every combination of what a study varies, keeps one row per measurement, and compares them.",
      {"basewise study run recipes/rc_equivariance/simulated_200.study.toml --dry-run",
       "basewise study run studies/mine --jobs 2 --where seed=1,2", "basewise study run studies/mine --shard 3/8",
       "basewise study run studies/mine --executor slurm --threads 4", "basewise study table studies/mine",
       "basewise study merge studies/mine other/results.tsv",
       "basewise study forget studies/mine --where run=augmented_seed1"});
  ::basewise::study::RunRequest request;
  WorkFlags flags;
  std::vector<std::string> others;
  CLI::App& app = command.app();
  app.require_subcommand(1);
  const auto add = [&](CLI::App* to, const std::vector<std::string>& names) {
    command.add_options(*to, described(request), names, "study");
  };

  CLI::App* run_it = app.add_subcommand("run", "do what is missing: train, measure, and write results.tsv");
  add(run_it, {"study", "out", "set", "where", "shard", "jobs", "dry_run", "executor", "tasks", "script", "device"});

  CLI::App* table_it =
      app.add_subcommand("table", "write table.tsv, study.json and the page study.html, and print the table");
  add(table_it, {"study", "out", "set", "page"});

  CLI::App* merge_it = app.add_subcommand("merge", "take the rows of other records into results.tsv");
  add(merge_it, {"study", "out", "set"});
  merge_it->add_option("records", others, "files results.tsv, or folders that hold one")->required()->type_name("FILE");

  CLI::App* forget_it =
      app.add_subcommand("forget", "remove rows, folders and logs of runs, so that they are done again");
  add(forget_it, {"study", "out", "set", "where"});

  CLI::App* work_on = app.add_subcommand("work", "")->group("");  // a child of `run`
  add(work_on, {"study", "out", "set", "where", "device"});
  work_on->add_option("--run", flags.run)->required();
  work_on->add_flag("--weights", flags.weights);
  if (!parse(command, arguments)) return 0;

  command.apply(described(request));
  if (run_it->parsed()) return for_each_study(command, request, run);
  if (table_it->parsed()) return for_each_study(command, request, table);
  if (merge_it->parsed()) return merge(command, request, others);
  if (forget_it->parsed()) return forget(command, request);
  return work(request, flags);
}

}  // namespace basewise::app
