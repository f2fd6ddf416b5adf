#include "basewise/study/executor.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/hash.h"
#include "basewise/study/configuration.h"

namespace basewise::study {
namespace {

constexpr std::int64_t kMostTasks = 1000;

/// "basewise study run STUDY --out DIR ..." without what tells the tasks apart.
std::vector<std::string> command_words(const Study& study, const RunRequest& request) {
  std::vector<std::string> words = request.program.empty() ? std::vector<std::string>{"basewise"} : request.program;
  words.insert(words.end(),
               {"study", "run", study.file.string(), "--out", study.folder.string(), "--device", request.device});
  for (const std::string& s : request.set) words.insert(words.end(), {"--set", s});
  words.insert(words.end(), request.flags.begin(), request.flags.end());
  return words;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_quoted(word);
  return text;
}

/// A Python string; JSON's escapes are Python's.
std::string python(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', true); }

/// Text that Snakemake formats: braces of ours are none of its.
std::string without_fields(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '{' ? "{{" : c == '}' ? "}}" : std::string(1, c);
  return out;
}

/// The time that one task may take, twice the estimate, as Slurm writes it;
/// "" where nothing is known.
std::string time_limit(const Plan& plan, std::int64_t tasks) {
  const auto total = plan.seconds(1), most = plan.seconds(std::max<std::int64_t>(1, plan.pending()));
  if (!total || !most) return {};
  const double one = *most * std::ceil(static_cast<double>(plan.pending()) / static_cast<double>(tasks));
  const auto minutes = static_cast<std::int64_t>(std::ceil(2 * one / 60)) + 5;
  return format("{:02}:{:02}:00", minutes / 60, minutes % 60);
}

/// One name for everything that is measured of a run: it changes with the configuration.
std::string hash_of(const Run& run, Configurations& configurations) {
  std::string all;
  for (const Measurement& m : run.measurements) all += configurations.row(run, m);
  return sha256(all).substr(0, 12);
}

/// The tasks of an array job do not wait for each other.
void refuse_order(const Study& study, const Plan& plan) {
  std::vector<std::string> first;
  for (const PlannedRun& planned : plan.runs) {
    if (!planned.to_do() || planned.trained) continue;
    for (const Prerequisite& before : planned.run.after)
      for (const PlannedRun& other : plan.runs)
        if (other.run.name == before.run && other.to_do() && !other.trained &&
            std::find(first.begin(), first.end(), before.run) == first.end())
          first.push_back(before.run);
  }
  if (first.empty()) return;
  throw ArgumentError(
      format("--executor slurm: the tasks of an array job start in any order, and other runs start with the weights of "
             "{}; do those first, "
             "as with `basewise study run {} --where run={}`, or use --executor snakemake, which keeps the order",
             fmt::join(first, ", "), study.file.string(), fmt::join(first, ",")));
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

}  // namespace

void describe(Visitor& v, ClusterOptions& o) {
  v("tasks", o.tasks, "slurm: tasks of the array; 0: one per missing run, at most 1000", non_negative());
  v("script", o.script,
    "where the array job or workflow goes; default: study.sbatch or Snakefile in the study's folder");
}

std::string shell_quoted(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_-+=./,:@%").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string slurm_script(const Study& study, const RunRequest& request, const Plan& plan,
                         const ClusterOptions& options) {
  refuse_order(study, plan);
  std::vector<std::string> runs;  // what is missing; where nothing is, all of them, which ends at once
  for (const PlannedRun& planned : plan.runs)
    if (plan.pending() == 0 || planned.to_do()) runs.push_back(shell_quoted(planned.run.name));
  const auto count = static_cast<std::int64_t>(runs.size());
  const std::int64_t tasks = std::min(count, options.tasks > 0 ? options.tasks : kMostTasks);
  std::vector<std::string> words = command_words(study, request);
  for (const std::string& where : request.where) words.insert(words.end(), {"--where", where});
  words.insert(words.end(), {"--threads", format("{}", options.threads)});
  std::string name = study.options.name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_' && c != '-'; }, '_');
  const std::string limit = time_limit(plan, tasks);
  return "#!/bin/bash\n"
         "# Written by `basewise study run --executor slurm`. Submit it with sbatch, as often as needed: what is done "
         "is skipped, what "
         "was\n"
         "# interrupted goes on. Then: " +
         quoted({words[0], "study", "table", study.file.string(), "--out", study.folder.string()}) + "\n" +
         format("#SBATCH --job-name={}\n#SBATCH --array=1-{}\n#SBATCH --cpus-per-task={}\n", name, tasks,
                options.threads) +
         (limit.empty() ? "##SBATCH --time=01:00:00     (no similar run is in the record: fill in)\n"
                        : format("#SBATCH --time={}\n", limit)) +
         (request.device == "cpu" ? "" : "#SBATCH --gpus-per-task=1\n") +
         format("#SBATCH --output={}\n", (study.folder / "work" / "slurm-%A_%a.log").string()) +
         "#SBATCH --signal=B:TERM@120\n#SBATCH --requeue\nset -euo pipefail\n" +
         format("RUNS=(\n  {}\n)\n", fmt::join(runs, "\n  ")) +
         format(
             "mine=\nfor ((i = SLURM_ARRAY_TASK_ID - 1; i < ${{#RUNS[@]}}; i += {})); do "
             "mine+=\"${{mine:+,}}${{RUNS[i]}}\"; done\n",
             tasks) +
         format("exec {} --where \"run=$mine\"\n", quoted(words));
}

std::string snakefile(const Study& study, const RunRequest& request, const Plan& plan, const ClusterOptions& options) {
  const std::vector<std::string> words = command_words(study, request);
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
         format("    threads: {}\n", options.threads) + "    shell:\n        " + python(run) +
         "\n\nrule table:\n    input:\n        [" + python(done) +
         ".format(run=run, hash=hash) for run, hash in RUNS.items()]\n    output:\n        " +
         python((study.folder / "table.tsv").string()) + "\n    shell:\n        " +
         python(without_fields(quoted(table))) + "\n";
}

fs::path write_script(const Study& study, const RunRequest& request, const ClusterOptions& options) {
  const Plan plan = make_plan(study, request);
  if (options.executor != "slurm" && options.executor != "snakemake")
    throw ArgumentError(format("--executor '{}': expected local, slurm or snakemake", options.executor));
  const bool slurm = options.executor == "slurm";
  const fs::path file = options.script.empty() ? study.folder / (slurm ? "study.sbatch" : "Snakefile") : options.script;
  fs::create_directories(study.folder / "work" / "done");
  write_file(file, slurm ? slurm_script(study, request, plan, options) : snakefile(study, request, plan, options));
  return file;
}

}  // namespace basewise::study
