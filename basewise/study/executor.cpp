#include "basewise/study/executor.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/core/json.h"
#include "basewise/core/printable.h"
#include "basewise/study/configuration.h"

namespace basewise::study {
namespace {

constexpr std::int64_t kMostTasks = 1000;

/// What a script is made from.
struct Job {
  const Study& study;
  const RunRequest& request;
  const Program& program;
  const Plan& plan;
  std::int64_t threads = 1;
};

/// "basewise study run STUDY --out DIR ..." without what tells the tasks apart.
std::vector<std::string> command_words(const Job& job) {
  std::vector<std::string> words = job.program.words;
  words.insert(words.end(), {"study", "run", job.study.file.string(), "--out", job.study.folder.string(), "--device",
                             job.request.device});
  for (const std::string& s : job.request.set) words.insert(words.end(), {"--set", s});
  words.insert(words.end(), job.program.flags.begin(), job.program.flags.end());
  return words;
}

/// A word that a shell takes as it is: 'it'\''s'.
std::string shell_quoted(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_-+=./,:@%").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_quoted(word);
  return text;
}

/// Scripts are lines of text, and Slurm reads its own from comments: what would end a line, or is
/// no text, cannot be told to them.
void refuse_odd_paths(const Job& job) {
  for (const std::string& path : {job.study.file.string(), job.study.folder.string(), job.program.words[0]})
    if (has_control(path) || !is_utf8(path))
      throw ArgumentError(
          format("--executor: '{}' holds a line break, another control character or bytes that are no UTF-8, which a script for a "
                 "cluster cannot name; rename it",
                 printable(path)));
}

/// A value of a line "#SBATCH --...=": Slurm takes quotes and backslashes as a shell does, and
/// replaces what stands behind '%'.
std::string slurm_quoted(const std::string& path) {
  std::string text = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '%' ? "%%" : std::string(1, c);
  }
  return text + "\"";
}

/// A Python string; JSON's escapes are Python's.
std::string python(const std::string& text) { return json_text(nlohmann::json(text)); }

/// Text that Snakemake formats: braces of ours are none of its.
std::string without_fields(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '{' ? "{{" : c == '}' ? "}}" : std::string(1, c);
  return out;
}

/// The time that a task of so many runs may take, twice the estimate, as Slurm writes it;
/// "" where nothing is known.
std::string time_limit(const Plan& plan, std::int64_t runs) {
  const auto total = plan.seconds(1), most = plan.seconds(std::max<std::int64_t>(1, plan.pending()));
  if (!total || !most) return {};
  const auto minutes = static_cast<std::int64_t>(std::ceil(2 * *most * static_cast<double>(runs) / 60)) + 5;
  return format("{:02}:{:02}:00", minutes / 60, minutes % 60);
}

/// One name for everything that is measured of a run: it changes with the configuration.
std::string hash_of(const Run& run, Configurations& configurations) {
  std::string all;
  for (const Measurement& m : run.measurements) all += configurations.row(run, m);
  return sha256(all).substr(0, 12);
}

/// Weights that are waited for, of runs that nothing is to be measured of.
void refuse_unselected(const Job& job) {
  std::vector<std::string> names;
  for (const PlannedRun& planned : job.plan.runs)
    if (planned.awaited && planned.run.measurements.empty()) names.push_back(planned.run.name);
  if (names.empty()) return;
  throw ArgumentError(
      format("--executor slurm: runs start with the weights of {}, which --where leaves out; select them too, or do "
             "them first, as with `basewise study run {} --where run={}`",
             fmt::join(names, ", "), job.study.file.string(), fmt::join(names, ",")));
}

/// Names of runs, of those that may start together.
using Stage = std::vector<std::string>;

/// What is missing; where nothing is, all runs, which end at once. A run stands behind those whose
/// missing weights it starts with.
std::vector<Stage> stages_of(const Plan& plan) {
  std::map<std::string, const PlannedRun*> missing;
  for (const PlannedRun& planned : plan.runs)
    if (planned.to_do()) missing.emplace(planned.run.name, &planned);
  const std::function<std::size_t(const PlannedRun&)> stage_of = [&](const PlannedRun& planned) {
    std::size_t stage = 0;
    if (planned.trained) return stage;
    for (const Prerequisite& before : planned.run.after)
      if (const auto first = missing.find(before.run); first != missing.end() && !first->second->trained)
        stage = std::max(stage, stage_of(*first->second) + 1);
    return stage;
  };
  std::vector<Stage> stages(1);
  for (const PlannedRun& planned : plan.runs) {
    if (plan.pending() > 0 && !planned.to_do()) continue;
    const std::size_t stage = stage_of(planned);
    if (stage >= stages.size()) stages.resize(stage + 1);
    stages[stage].push_back(planned.run.name);
  }
  return stages;
}

/// The runs of a workflow that wait for others of it; "" where none do.
std::string order_text(const Plan& plan) {
  const auto there = [&](const std::string& name) {
    return std::any_of(plan.runs.begin(), plan.runs.end(),
                       [&](const PlannedRun& p) { return p.run.name == name && !p.run.measurements.empty(); });
  };
  std::string text;
  for (const PlannedRun& planned : plan.runs) {
    std::string first;
    for (const Prerequisite& before : planned.run.after)
      if (there(before.run)) first += (first.empty() ? "" : ", ") + python(before.run);
    if (!first.empty() && !planned.run.measurements.empty())
      text += format("    {}: [{}],\n", python(planned.run.name), first);
  }
  return text;
}

/// The head of a script for tasks that do at most so many runs each; without the size of the array.
std::string slurm_head(const Job& job, std::int64_t runs) {
  std::string name = job.study.options.name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_' && c != '-'; }, '_');
  const std::string limit = time_limit(job.plan, runs);
  // Quoted where it must be: a plain name is easier to read.
  const std::string folder = (job.study.folder / "work").string(), pattern = "/slurm-%A_%a.log";
  const bool plain = shell_quoted(folder) == folder && folder.find('%') == std::string::npos;
  const std::string quoted_folder = slurm_quoted(folder);
  const std::string log = plain ? folder + pattern : quoted_folder.substr(0, quoted_folder.size() - 1) + pattern + "\"";
  return format("#SBATCH --job-name={}\n#SBATCH --cpus-per-task={}\n", name, job.threads) +
         (limit.empty() ? "##SBATCH --time=01:00:00     (no similar run is in the record: fill in)\n"
                        : format("#SBATCH --time={}\n", limit)) +
         (job.request.device == "cpu" ? "" : "#SBATCH --gpus-per-task=1\n") +
         format("#SBATCH --output={}\n", log) +
         "#SBATCH --signal=B:TERM@120\n#SBATCH --requeue\n";
}

/// Lines that do the part of the runs RUNS that is this task's.
std::string slurm_task(const Job& job, const std::string& tasks) {
  std::vector<std::string> words = command_words(job);
  for (const std::string& where : job.request.where) words.insert(words.end(), {"--where", where});
  words.insert(words.end(), {"--threads", format("{}", job.threads)});
  return format(
             "mine=\nfor ((i = SLURM_ARRAY_TASK_ID - 1; i < ${{#RUNS[@]}}; i += {})); do "
             "mine+=\"${{mine:+,}}${{RUNS[i]}}\"; done\n",
             tasks) +
         format("exec {} --where \"run=$mine\"\n", quoted(words));
}

std::string runs_text(const std::string& name, const Stage& stage) {
  std::string text = name + "=(\n";
  for (const std::string& run : stage) text += "  " + shell_quoted(run) + "\n";
  return text + ")\n";
}

/// Array jobs one after the other. Started by bash, the script submits itself for each of them.
std::string slurm_stages(const Job& job, const std::vector<Stage>& stages, const std::vector<std::int64_t>& tasks) {
  std::string text = "if [ -z \"${SLURM_ARRAY_TASK_ID:-}\" ]; then\n  job=\n";
  for (std::size_t s = 0; s < stages.size(); ++s)
    text += format(
        "  job=$(sbatch --parsable --array=1-{} --export=ALL,BASEWISE_STAGE={} "
        "${{job:+--dependency=afterok:${{job%%;*}}}} \"$0\")\n",
        tasks[s], s + 1);
  text += "  exit\nfi\ncase \"$BASEWISE_STAGE\" in\n";
  for (std::size_t s = 0; s < stages.size(); ++s)
    text += format("{})\n{}tasks={}\n;;\n", s + 1, runs_text("RUNS", stages[s]), tasks[s]);
  return text + "esac\n" + slurm_task(job, "tasks");
}

/// `staged`: whether there are several array jobs.
std::string slurm_script(const Job& job, bool& staged) {
  refuse_unselected(job);
  const std::vector<Stage> stages = stages_of(job.plan);
  std::vector<std::int64_t> tasks;
  std::int64_t most = 0;  // runs of a task
  for (const Stage& stage : stages) {
    const auto runs = static_cast<std::int64_t>(stage.size());
    tasks.push_back(std::min(runs, job.request.tasks.value_or(kMostTasks)));
    most = std::max(most, (runs + tasks.back() - 1) / tasks.back());
  }
  staged = stages.size() > 1;
  const std::string table =
      quoted({job.program.words[0], "study", "table", job.study.file.string(), "--out", job.study.folder.string()});
  const std::string head = slurm_head(job, most);
  if (staged)
    return "#!/bin/bash\n"
           "# Written by `basewise study run --executor slurm`. Start it with bash, as often as needed: it submits an "
           "array job for\n# the runs that come first, and others, which wait, for those that start with their "
           "weights. What is done is\n# skipped, what was interrupted goes on. Then: " +
           table + "\n" + head + "set -euo pipefail\n" + slurm_stages(job, stages, tasks);
  return "#!/bin/bash\n"
         "# Written by `basewise study run --executor slurm`. Submit it with sbatch, as often as needed: what is done "
         "is skipped, what was\n# interrupted goes on. Then: " +
         table + "\n" + format("#SBATCH --array=1-{}\n", tasks[0]) + head + "set -euo pipefail\n" +
         runs_text("RUNS", stages[0]) + slurm_task(job, format("{}", tasks[0]));
}

std::string snakefile(const Job& job) {
  const auto& [study, request, program, plan, threads] = job;
  const std::vector<std::string> words = command_words(job);
  Configurations configurations(study);
  std::string runs;
  for (const PlannedRun& planned : plan.runs)
    if (!planned.run.measurements.empty())
      runs += format("    {}: {},\n", python(planned.run.name), python(hash_of(planned.run, configurations)));
  const std::string done = without_fields((study.folder / "work" / "done").string()) + "/{run}.{hash}";
  const std::string order = order_text(plan);
  std::string run = without_fields(quoted(words)) + " --where run={wildcards.run}";
  for (const std::string& where : request.where) run += " --where " + without_fields(shell_quoted(where));
  run += " --threads {threads} --quiet && touch {output:q}";
  std::vector<std::string> table = {words[0], "study", "table", study.file.string(), "--out", study.folder.string()};
  for (const std::string& s : request.set) table.insert(table.end(), {"--set", s});
  return "# Written by `basewise study run --executor snakemake`. Run it with: snakemake --cores N --snakefile THIS "
         "[--executor ...]\n"
         "# A run that was done on another machine ends at once. The hash in a name changes with what the run depends "
         "on.\n"
         "RUNS = {\n" +
         runs + "}\n\n" +
         (order.empty() ? "" : "# Runs that start with the weights of others.\nAFTER = {\n" + order + "}\n\n") +
         "rule all:\n    input:\n        " + python((study.folder / "table.tsv").string()) + "\n\nrule run:\n" +
         (order.empty() ? ""
                        : "    input:\n        lambda w: [" + python(done) +
                              ".format(run=r, hash=RUNS[r]) for r in AFTER.get(w.run, [])]\n") +
         "    output:\n        " + python(done) + "\n    wildcard_constraints:\n        hash=\"[0-9a-f]{12}\"\n" +
         format("    threads: {}\n", threads) + "    shell:\n        " + python(run) +
         "\n\nrule table:\n    input:\n        [" + python(done) +
         ".format(run=run, hash=hash) for run, hash in RUNS.items()]\n    output:\n        " +
         python((study.folder / "table.tsv").string()) + "\n    shell:\n        " +
         python(without_fields(quoted(table))) + "\n";
}

}  // namespace

ClusterScript write_script(const Study& study, const RunRequest& request, std::int64_t threads, const Program& program) {
  const Plan plan = make_plan(study, request.where);
  const Job job{study, request, program, plan, threads};
  if (request.executor != Executor::local) refuse_odd_paths(job);
  const auto write = [&](const char* name, const std::string& text, const std::string& start) {
    const fs::path file = request.script.empty() ? study.folder / name : request.script;
    fs::create_directories(study.folder / "work" / "done");
    write_file(file, text);
    return ClusterScript{.file = file, .start = format("{} {}", start, shell_quoted(file.string()))};
  };
  switch (request.executor) {
    case Executor::local:
      throw ArgumentError("runs that are done here need no script; take the executor slurm or snakemake");
    case Executor::slurm: {
      bool staged = false;
      const std::string text = slurm_script(job, staged);
      return write("study.sbatch", text, staged ? "bash" : "sbatch");
    }
    case Executor::snakemake:
      return write("Snakefile", snakefile(job), "snakemake --cores all --snakefile");
  }
  throw InternalError("unknown executor of a study");
}

}  // namespace basewise::study
