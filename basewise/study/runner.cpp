#include "basewise/study/runner.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

#include "basewise/core/file_lock.h"
#include "basewise/core/files.h"
#include "basewise/core/interrupt.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/study/configuration.h"
#include "basewise/study/detail/child.h"
#include "basewise/study/detail/needed_files.h"
#include "basewise/study/worker.h"

namespace basewise::study {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

/// What a worker returns when another one has the run.
constexpr int kLocked = 75;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The children of one call.
class Runner {
 public:
  Runner(const Study& study, const RunRequest& request, const Program& program, RunsResult& result)
      : study_(study), request_(request), program_(program), result_(result) {
    for (const PlannedRun& planned : result.plan.runs)
      if (planned.to_do()) waiting_.push_back(&planned);
    runs_ = waiting_.size();
  }

  void run() {
    const StopSignal stop;
    while (!running_.empty() || (!waiting_.empty() && !result_.interrupted)) {
      if (stop.raised() && !result_.interrupted) interrupt();
      start_ready();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      poll();
    }
  }

 private:
  struct Running {
    const PlannedRun* planned;
    std::unique_ptr<detail::Child> child;
    Clock::time_point started;
  };

  /// Starts as many as may run: those that wait for nobody.
  /// What waits for a run that went wrong goes wrong too.
  void start_ready() {
    for (std::size_t i = 0;
         i < waiting_.size() && !result_.interrupted && static_cast<std::int64_t>(running_.size()) < request_.jobs;) {
      const PlannedRun& planned = *waiting_[i];
      const std::string wrong = trouble_before(planned.run);
      if (wrong.empty() && !ready(planned.run)) {
        ++i;
        continue;
      }
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      if (wrong.empty()) {
        start(planned);
      } else {
        fail(planned.run, wrong);
        i = 0;  // others may wait for this one
      }
    }
  }

  bool ready(const Run& run) const {
    return std::none_of(run.after.begin(), run.after.end(),
                        [&](const Prerequisite& first) { return is_open(first.run); });
  }

  /// Whether a run of the plan has not ended.
  bool is_open(const std::string& name) const {
    return std::any_of(waiting_.begin(), waiting_.end(), [&](const PlannedRun* p) { return p->run.name == name; }) ||
           std::any_of(running_.begin(), running_.end(), [&](const Running& r) { return r.planned->run.name == name; });
  }

  /// Why the run cannot be done; "" if nothing is known against it.
  std::string trouble_before(const Run& run) const {
    for (const Prerequisite& first : run.after) {
      for (const auto& [name, error] : result_.failed)
        if (name == first.run) return format("it starts with the weights of {}, which failed", name);
      if (std::find(result_.locked.begin(), result_.locked.end(), first.run) != result_.locked.end())
        return format("it starts with the weights of {}, which another process works on", first.run);
    }
    return {};
  }

  void fail(const Run& run, const std::string& why) {
    result_.failed.emplace_back(run.name, why);
    log_warning("{}: {}", run.name, why);
  }

  void start(const PlannedRun& planned) {
    const fs::path log = study_.work(planned.run.name, ".log");
    std::vector<std::string> words = program_.words;
    words.insert(words.end(), {"study", "work", request_.study, "--run", planned.run.name, "--device", request_.device,
                               "--threads", format("{}", std::max<std::int64_t>(1, threads() / request_.jobs))});
    if (!request_.out.empty()) words.insert(words.end(), {"--out", study_.folder.string()});
    if (planned.awaited) words.emplace_back("--weights");
    for (const std::string& w : planned.missing.empty() ? std::vector<std::string>() : request_.where)
      words.insert(words.end(), {"--where", w});
    for (const std::string& s : request_.set) words.insert(words.end(), {"--set", s});
    words.insert(words.end(), program_.flags.begin(), program_.flags.end());
    running_.push_back({&planned, std::make_unique<detail::Child>(words, log), Clock::now()});
    log_info("{}: started{}", planned.run.name,
             planned.seconds ? format(", about {}", duration_text(*planned.seconds)) : "");
  }

  void poll() {
    for (std::size_t i = 0; i < running_.size();) {
      const auto end = running_[i].child->poll();
      if (!end) {
        ++i;
        continue;
      }
      const Running ended = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      finish(ended, *end);
    }
  }

  void finish(const Running& ended, const detail::ChildEnd& end) {
    const Run& run = ended.planned->run;
    const double seconds = since(ended.started);
    if (end.code == 0 && collect(*ended.planned)) {
      ++result_.runs_done;
      seconds_.push_back(seconds);
      log_info("{}: done in {} ({} of {}{})", run.name, duration_text(seconds), result_.runs_done, runs_, left());
    } else if (end.code == kLocked) {
      result_.locked.push_back(run.name);
      log_warning("{}: another process works on it", run.name);
    } else if (result_.interrupted || end.code == static_cast<int>(ExitCode::interrupted)) {
      result_.interrupted = true;
      log_info("{}: interrupted; the next call goes on", run.name);
    } else {
      result_.failed.emplace_back(run.name, reason(run, end));
      log_warning("{}: failed after {}: {}", run.name, duration_text(seconds), result_.failed.back().second);
    }
  }

  /// Puts the rows of a finished run into the record; false if some are missing, or the weights.
  bool collect(const PlannedRun& planned) {
    const Run& run = planned.run;
    Configurations configurations(study_);
    if (planned.missing.empty()) return is_trained(study_, run, read_notes(study_, run), configurations);
    std::vector<std::string> where = request_.where;
    where.push_back("run=" + run.name);
    return make_plan(study_, where).pending() == 0;
  }

  std::string reason(const Run& run, const detail::ChildEnd& end) const {
    const RunNotes notes = read_notes(study_, run);
    if (!notes.failed.empty()) return notes.failed;
    const std::string ended = end.signal ? format("ended by signal {} ({})", end.signal, ::strsignal(end.signal))
                                         : format("exit code {}", end.code);
    const std::string last = detail::last_lines(study_.work(run.name, ".log"), 3);
    return last.empty() ? ended : format("{}; last lines of its log: {}", ended, last);
  }

  /// ", about 41 min left"
  std::string left() const {
    double sum = 0;
    double known = 0;
    for (const double s : seconds_) known += s / static_cast<double>(seconds_.size());
    for (const PlannedRun* planned : waiting_) sum += planned->seconds.value_or(known);
    for (const Running& r : running_) sum += std::max(0.0, r.planned->seconds.value_or(known) - since(r.started));
    return format(", about {} left", duration_text(sum / static_cast<double>(request_.jobs)));
  }

  void interrupt() {
    result_.interrupted = true;
    log_warning("interrupted: {} running; they save their state", running_.size());
    for (const Running& r : running_) r.child->send(SIGTERM);
  }

  const Study& study_;
  const RunRequest& request_;
  const Program& program_;
  RunsResult& result_;
  std::vector<const PlannedRun*> waiting_;
  std::size_t runs_ = 0;  ///< of this call
  std::vector<Running> running_;
  std::vector<double> seconds_;
};

}  // namespace

void describe(Visitor& v, RunRequest& o) {
  v("study", o.study,
    "folder that holds study.toml, or a file <name>.study.toml: its results go to the folder <name> beside it",
    required());
  v("out", o.out, "folder for runs and results");
  v("set", o.set, "an option of the recipe for all runs, on top of the study's, as in train.epochs=5; may be repeated");
  v("where", o.where,
    "only what this holds for: NAME=VALUE, NAME=VALUE,VALUE or NAME!=VALUE, where NAME is an axis, run, evaluation, "
    "split, weights or method; "
    "may be repeated");
  v("executor", o.executor, "who does the runs");
  v.when("executor", o.executor, {Executor::local}, [&] {
    v("shard", o.shard, "part i of n of the runs, as 2/5; the n parts are a partition");
    v("jobs", o.jobs, "runs at a time; the processors are divided among them", positive());
    v("dry_run", o.dry_run, "list what is missing and how long it may take; do nothing");
  });
  v.when("executor", o.executor, {Executor::slurm}, [&] {
    v("tasks", o.tasks, "tasks of an array; default: one per missing run, at most 1000", positive());
  });
  v.when("executor", o.executor, {Executor::slurm, Executor::snakemake}, [&] {
    v("script", o.script,
      "where the array job or workflow goes; default: study.sbatch or Snakefile in the study's folder");
  });
  v("device", o.device, "cpu, cuda, cuda:1, or auto: a GPU when there is one");
  v("page", o.page, "also write the tables into a page in Markdown, where <!-- study NAME: TABLE --> stands in a line");
}

RunsResult run_study(const RunRequest& request, const Program& program) {
  const auto start = Clock::now();
  const Study study = load_study(request.study, request.out, request.set);
  RunsResult result;
  result.plan = make_plan(study, request.where, request.shard);
  result.record = study.record();
  if (request.dry_run) return result;
  std::vector<const Run*> to_do;
  for (const PlannedRun& planned : result.plan.runs)
    if (planned.to_do()) to_do.push_back(&planned.run);
  detail::require_data(study, to_do);
  fs::create_directories(study.folder / "work");
  Runner(study, request, program, result).run();
  for (const PlannedRun& planned : result.plan.runs)
    if (!planned.to_do()) tidy(study, planned.run);
  result.seconds = since(start);
  const auto failed = std::move(result.failed);
  result.plan = make_plan(study, request.where, request.shard);
  result.failed = failed;
  return result;
}

std::string to_text(const RunsResult& r) {
  std::string text = format("{} runs done in {}; {} of {} rows are in {}\n", r.runs_done, duration_text(r.seconds),
                            r.plan.rows_done, r.plan.rows, r.record.string());
  for (const std::string& name : r.locked) text += format("{}: another process works on it\n", name);
  for (const auto& [name, error] : r.failed) text += format("{}: FAILED: {}\n", name, error);
  if (!r.failed.empty()) text += format("{} runs failed; the next call tries them again\n", r.failed.size());
  if (r.interrupted) text += "interrupted; the same command goes on\n";
  return text;
}

Json to_json(const RunsResult& r) {
  Json failed = Json::array();
  for (const auto& [name, error] : r.failed) failed.push_back({{"run", name}, {"error", error}});
  return {{"runs_done", r.runs_done},     {"failed", failed},     {"locked", r.locked},
          {"interrupted", r.interrupted}, {"rows", r.plan.rows},  {"rows_done", r.plan.rows_done},
          {"pending", r.plan.pending()},  {"seconds", r.seconds}, {"record", r.record.string()}};
}

std::int64_t merge_records(const Study& study, const std::vector<fs::path>& others) {
  const std::vector<Run> order = expand(study);
  Configurations configurations(study);
  std::multimap<std::string, Row> wanted;  // rows of this study by hash, without values
  for (const Run& run : order)
    for (const Measurement& m : run.measurements) {
      const std::string hash = configurations.row(run, m);
      wanted.emplace(hash, Row{.run = run.name,
                               .values = run.values,
                               .evaluation = m.evaluation,
                               .split = std::string(to_word(m.split)),
                               .weights = m.weights,
                               .hash = hash,
                               .facts = {},
                               .metrics = {}});
    }
  std::int64_t changed = 0;
  update_record(study, order, [&](Record& record) {
    const auto put = [&](const Row& row, bool replace) {
      const auto present =
          std::find_if(record.rows().begin(), record.rows().end(), [&](const Row& r) { return r.same_key(row); });
      if (present != record.rows().end() && (!replace || present->hash == row.hash)) return;
      record.put(row);
      ++changed;
    };
    for (const fs::path& other : others) {
      const fs::path file = fs::is_directory(other) ? other / "results.tsv" : other;
      if (!fs::exists(file)) throw DataError(format("{}: no such record", file.string()));
      const Record theirs = Record::read(study, file);
      for (const Row& row : theirs.rows()) {
        const auto [begin, end] = wanted.equal_range(row.hash);
        for (auto ours = begin; ours != end; ++ours) {
          Row taken = ours->second;
          taken.facts = row.facts;
          taken.metrics = row.metrics;
          put(taken, true);
        }
        const bool same_axes = std::find(row.values.begin(), row.values.end(), kAbsent) == row.values.end();
        if (begin == end && same_axes) put(row, false);
      }
    }
  });
  return changed;
}

std::int64_t forget_runs(const Study& study, const std::vector<std::string>& where) {
  const std::vector<Run> all = expand(study);
  const std::vector<Run> selected = select(study, all, where);
  fs::create_directories(study.folder / "work");
  std::vector<std::unique_ptr<FileLock>> locks;
  for (const Run& run : selected) {
    locks.push_back(std::make_unique<FileLock>(study.work(run.name, ".lock"), FileLock::Wait::no, FileLock::Afterwards::remove));
    if (!locks.back()->held())
      throw StateError(format("{}: another process works on it; end that first, then forget it", run.name));
  }
  update_record(study, all, [&](Record& record) {
    for (const Run& run : selected)
      for (const Measurement& m : run.measurements) record.erase(run, m);
  });
  for (const Run& run : selected) {
    for (const char* ending : {".json", ".log"}) fs::remove(study.work(run.name, ending));
    fs::remove_all(study.run(run.name));
  }
  return static_cast<std::int64_t>(selected.size());
}

}  // namespace basewise::study
