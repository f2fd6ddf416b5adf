#include "basewise/study/runner.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/study/configuration.h"
#include "basewise/study/detail/child.h"
#include "basewise/study/worker.h"
#include "basewise/train/stop_signal.h"

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
  Runner(const Study& study, const RunRequest& request, RunsResult& result) : study_(study), request_(request), result_(result) {
    for (const PlannedRun& planned : result.plan.runs)
      if (!planned.missing.empty()) queue_.push_back(&planned);
  }

  void run() {
    const train::StopSignal stop;
    while (!running_.empty() || (next_ < queue_.size() && !result_.interrupted)) {
      if (stop.raised() && !result_.interrupted) interrupt();
      while (!result_.interrupted && next_ < queue_.size() && static_cast<std::int64_t>(running_.size()) < request_.jobs)
        start(*queue_[next_++]);
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

  void start(const PlannedRun& planned) {
    const fs::path log = study_.work(planned.run.name, ".log");
    std::vector<std::string> words = request_.program;
    words.insert(words.end(), {"study", "work", request_.study, "--run", planned.run.name, "--device", request_.device, "--threads",
                               format("{}", std::max<std::int64_t>(1, threads() / request_.jobs))});
    if (!request_.out.empty()) words.insert(words.end(), {"--out", study_.folder.string()});
    for (const std::string& w : request_.where) words.insert(words.end(), {"--where", w});
    for (const std::string& s : request_.set) words.insert(words.end(), {"--set", s});
    words.insert(words.end(), request_.flags.begin(), request_.flags.end());
    running_.push_back({&planned, std::make_unique<detail::Child>(words, log), Clock::now()});
    log_info("{}: started{}", planned.run.name, planned.seconds ? format(", about {}", duration_text(*planned.seconds)) : "");
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
    if (end.code == 0 && collect(run)) {
      ++result_.runs_done;
      seconds_.push_back(seconds);
      log_info("{}: done in {} ({} of {}{})", run.name, duration_text(seconds), result_.runs_done, queue_.size(), left());
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

  /// Puts the rows of a finished run into the record; false if some are missing.
  bool collect(const Run& run) {
    RunRequest one = request_;
    one.where.push_back("run=" + run.name);
    one.shard.clear();
    return make_plan(study_, one).pending() == 0;
  }

  std::string reason(const Run& run, const detail::ChildEnd& end) const {
    const RunNotes notes = read_notes(study_, run);
    if (!notes.failed.empty()) return notes.failed;
    const std::string ended =
        end.signal ? format("ended by signal {} ({})", end.signal, ::strsignal(end.signal)) : format("exit code {}", end.code);
    const std::string last = detail::last_lines(study_.work(run.name, ".log"), 3);
    return last.empty() ? ended : format("{}; last lines of its log: {}", ended, last);
  }

  /// ", about 41 min left"
  std::string left() const {
    double sum = 0;
    double known = 0;
    for (const double s : seconds_) known += s / static_cast<double>(seconds_.size());
    for (std::size_t i = next_; i < queue_.size(); ++i) sum += queue_[i]->seconds.value_or(known);
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
  RunsResult& result_;
  std::vector<const PlannedRun*> queue_;
  std::size_t next_ = 0;
  std::vector<Running> running_;
  std::vector<double> seconds_;
};

}  // namespace

void describe(Visitor& v, RunRequest& o) {
  v("study", o.study, "folder that holds study.toml, or a file <name>.study.toml (its results go to the folder <name> beside it)",
    required());
  v("out", o.out, "folder for runs and results");
  v("where", o.where, "only runs and measurements that this holds for: NAME=VALUE, NAME=VALUE,VALUE or NAME!=VALUE; may be repeated");
  v("shard", o.shard, "part i of n of the runs, as 2/5");
  v("jobs", o.jobs, "runs at a time; the processors are divided among them", positive());
  v("dry_run", o.dry_run, "list what is missing and how long it may take; do nothing");
  v("device", o.device, "cpu, cuda, cuda:1, or auto: a GPU when there is one");
  v("executor", o.executor, "who runs: local, or write a script for slurm or snakemake", one_of({"local", "slurm", "snakemake"}));
}

RunsResult run_study(const RunRequest& request) {
  const auto start = Clock::now();
  const Study study = load_study(request.study, request.out, request.set);
  RunsResult result;
  result.plan = make_plan(study, request);
  result.record = study.record();
  if (request.dry_run) return result;
  fs::create_directories(study.folder / "work");
  Runner(study, request, result).run();
  result.seconds = since(start);
  const auto failed = std::move(result.failed);
  result.plan = make_plan(study, request);
  result.failed = failed;
  return result;
}

std::string to_text(const RunsResult& r) {
  std::string text = format("{} runs done in {}; {} of {} rows are in {}\n", r.runs_done, duration_text(r.seconds), r.plan.rows_done,
                            r.plan.rows, r.record.string());
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
                               .split = m.split,
                               .weights = m.weights,
                               .hash = hash,
                               .facts = {},
                               .metrics = {}});
    }
  std::int64_t changed = 0;
  update_record(study, order, [&](Record& record) {
    const auto put = [&](const Row& row, bool replace) {
      const auto present = std::find_if(record.rows().begin(), record.rows().end(), [&](const Row& r) { return r.same_key(row); });
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
        const bool same_axes = std::find(row.values.begin(), row.values.end(), "NA") == row.values.end();
        if (begin == end && same_axes) put(row, false);
      }
    }
  });
  return changed;
}

std::int64_t forget_runs(const Study& study, const std::vector<std::string>& where) {
  const std::vector<Run> all = expand(study);
  const std::vector<Run> selected = select(study, all, where);
  update_record(study, all, [&](Record& record) {
    for (const Run& run : selected)
      for (const Measurement& m : run.measurements) record.erase(run, m);
  });
  for (const Run& run : selected) {
    for (const char* ending : {".json", ".log", ".lock"}) fs::remove(study.work(run.name, ending));
    fs::remove_all(study.run(run.name));
  }
  return static_cast<std::int64_t>(selected.size());
}

}  // namespace basewise::study
