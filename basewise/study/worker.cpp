#include "basewise/study/worker.h"

#include <algorithm>
#include <csignal>

#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <unistd.h>

#include "basewise/core/file_lock.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/core/version.h"
#include "basewise/io/number_field.h"
#include "basewise/results/run_files.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/train_run.h"

namespace basewise::study {
namespace {

using Json = nlohmann::ordered_json;
using run::RunState;

constexpr const char* kFormat = "basewise study run";

/// State of a run folder; one that cannot be read counts as begun.
RunState state_of(const fs::path& folder) {
  try {
    return run::run_state(folder);
  } catch (const StateError&) {
    return RunState::unfinished;
  }
}

/// Whether there is a manifest that can be read.
bool is_readable_run(const fs::path& folder) {
  try {
    run::read_manifest(folder);
    return true;
  } catch (const StateError&) {
    return false;
  }
}

/// Whether training may go on in a folder that holds an unfinished run: not where it failed, and
/// not where nobody can read how far it came.
bool may_go_on(const fs::path& folder) {
  return is_readable_run(folder) && run::run_status(run::read_manifest(folder)) != results::RunStatus::failed;
}

void write_notes(const Study& study, const Run& run, const RunNotes& notes) {
  Json rows = Json::array();
  for (const Row& row : notes.rows) rows.push_back(to_json(row));
  const Json json = {{"format", kFormat}, {"training", notes.training}, {"failed", notes.failed}, {"rows", rows}};
  write_file(study.work(run.name, ".json"), json_text(json, 1) + "\n");
}

/// A list of words as the text of an assignment.
std::string list_text(const std::vector<std::string>& words) { return json_text(Json(words)); }

/// [[init]] for the runs that come first, behind those of the recipe.
std::vector<std::string> init_assignments(const Study& study, const Run& run) {
  std::vector<std::string> set;
  if (run.after.empty()) return set;
  std::size_t item = run::load_recipe(study.options.recipe, run.set).recipe.init.size();
  for (const Prerequisite& first : run.after) {
    const std::string key = format("init.{}.", item++);
    set.push_back(key + "from=" + study.run(first.run).string());
    const std::pair<const char*, const std::vector<std::string>*> how[] = {
        {"match", &first.how.match}, {"skip", &first.how.skip}, {"freeze", &first.how.freeze}};
    for (const auto& [name, values] : how)
      if (!values->empty()) set.push_back(key + name + "=" + list_text(*values));
  }
  return set;
}

/// Errors: StateError naming a run whose weights are not there.
void require_prerequisites(const Study& study, const Run& run, Configurations& configurations) {
  if (run.after.empty()) return;
  const std::vector<Run> all = expand(study);
  for (const Prerequisite& first : run.after) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Run& r) { return r.name == first.run; });
    const RunNotes notes = read_notes(study, *found);
    if (is_trained(study, *found, notes, configurations)) continue;
    throw StateError(format("{} starts with the weights of {}, which {}", run.name, first.run,
                            notes.failed.empty() ? "is not trained; do that run first" : "failed: " + notes.failed));
  }
}

bool train_once(const Study& study, const Run& run, const WorkOptions& options, bool resume, bool overwrite) {
  run::TrainRequest request;
  request.recipe = study.options.recipe;
  request.out = study.run(run.name);
  request.set = run.set;
  const std::vector<std::string> init = init_assignments(study, run);
  request.set.insert(request.set.end(), init.begin(), init.end());
  request.resume = resume;
  request.overwrite = overwrite;
  request.device = options.device;
  request.threads = options.threads;
  return run::train_run(request, {"basewise", "study", "run", study.file.string(), "--where", "run=" + run.name})
      .finished();
}

/// The folder belongs to the study: where it holds no run, or none that can be read, nothing in it
/// is of use.
bool train_anew(const Study& study, const Run& run, const WorkOptions& options) {
  const fs::path folder = study.run(run.name);
  if (!is_readable_run(folder)) fs::remove_all(folder);
  return train_once(study, run, options, false, fs::exists(folder));
}

/// Notes a new configuration. A folder of another one must not count for it at any moment: first
/// nothing counts, then the folder is emptied.
void begin_configuration(const Study& study, const Run& run, RunNotes& notes, const std::string& hash) {
  const fs::path folder = study.run(run.name);
  if (notes.training != hash && fs::exists(folder)) {
    notes.training.clear();
    write_notes(study, run, notes);
    if (is_readable_run(folder))
      const run::RunFolder emptied(folder, run::RunFolder::Existing::overwrite);
    else
      fs::remove_all(folder);
  }
  notes.training = hash;
  write_notes(study, run, notes);
}

/// False when it was interrupted.
bool train(const Study& study, const Run& run, const WorkOptions& options, RunNotes& notes, const std::string& hash) {
  const fs::path folder = study.run(run.name);
  const bool same = notes.training == hash;
  begin_configuration(study, run, notes, hash);
  const bool resume = same && state_of(folder) == RunState::unfinished && may_go_on(folder);
  if (!resume) return train_anew(study, run, options);
  try {
    return train_once(study, run, options, true, false);
  } catch (const StateError& e) {
    log_warning("{}; starting anew", e.what());
    return train_anew(study, run, options);
  }
}

std::map<std::string, std::string> facts_of(const fs::path& folder, const WorkOptions& options, double seconds) {
  const Json manifest = run::read_manifest(folder);
  const std::string log = fs::exists(folder / results::kLogFile) ? read_file(folder / results::kLogFile) : "";
  const auto machine = machine_facts();
  std::string processor = std::map<std::string, std::string>(machine.begin(), machine.end())["processor"];
  std::replace(processor.begin(), processor.end(), '\t', ' ');
  return {{"parameters", format("{}", manifest.value("parameters", std::int64_t{0}))},
          {"epochs", format("{}", std::max<std::ptrdiff_t>(0, std::count(log.begin(), log.end(), '\n') - 1))},
          {"train_seconds", format("{:.1f}", manifest.value("seconds", 0.0))},
          {"seconds", format("{:.1f}", seconds)},
          {"threads", format("{}", manifest.value("threads", threads()))},
          {"device", options.device},
          {"machine", processor},
          {"version", version()}};
}

run::EvaluateRequest evaluate_request(const Study& study, const Run& run, const Measurement& m,
                                      const WorkOptions& options) {
  run::EvaluateRequest request;
  request.run = study.run(run.name);
  request.split = m.split;
  request.weights = m.weights == results::kBestWeights ? "" : m.weights;
  request.set = m.set;
  request.set.emplace_back("evaluate.intervals=false");  // intervals of a study are over its seeds
  request.out = study.work(run.name, ".metrics.json");
  request.device = options.device;
  request.threads = options.threads;
  request.report = false;
  return request;
}

Row measure(const Study& study, const Run& run, const Measurement& m, const WorkOptions& options,
            const std::string& hash, run::KeptData& data) {
  const run::EvaluateRequest request = evaluate_request(study, run, m, options);
  const auto result = run::evaluate_run(request, data);
  Row row{.run = run.name,
          .values = run.values,
          .evaluation = m.evaluation,
          .split = std::string(to_word(m.split)),
          .weights = m.weights,
          .hash = hash};
  for (const auto& [name, value] : result.evaluation.values()) row.metrics[name] = io::number_field(value.value, 10, kAbsent);
  row.facts = facts_of(request.run, options, result.seconds);
  fs::remove(request.out);
  std::string text;
  for (const auto& [name, value] : row.metrics) text += format("{}{} {}", text.empty() ? "" : ", ", name, value);
  log_info("{}: {}: {}", run.name, m.label(), text);
  return row;
}

std::uintmax_t bytes_below(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

/// Weights that another run starts with stay, whatever `keep` says.
bool others_come_after(const Study& study, const Run& run) {
  const std::vector<Run> all = expand(study);
  return std::any_of(all.begin(), all.end(), [&](const Run& other) {
    return std::any_of(other.after.begin(), other.after.end(),
                       [&](const Prerequisite& first) { return first.run == run.name; });
  });
}

bool holds_more_than_is_kept(const Study& study, const Run& run) {
  const fs::path folder = study.run(run.name);
  if (!fs::exists(folder) || study.options.keep == Keep::all) return false;
  if (study.options.keep == Keep::record && !others_come_after(study, run)) return true;
  return fs::exists(folder / results::kCheckpoints) || fs::exists(folder / results::kEvents);
}

void thin_out(const Study& study, const Run& run) {
  const fs::path folder = study.run(run.name);
  if (!fs::exists(folder) || study.options.keep == Keep::all) return;
  const auto before = bytes_below(folder);
  if (study.options.keep == Keep::record && !others_come_after(study, run)) fs::remove_all(folder);
  for (const char* name : {results::kCheckpoints, results::kEvents}) fs::remove_all(folder / name);
  const auto after = fs::exists(folder) ? bytes_below(folder) : 0;
  log_info("{}: kept {:.1f} of {:.1f} MB", run.name, static_cast<double>(after) / 1e6,
           static_cast<double>(before) / 1e6);
}

WorkOutcome train_and_measure(const Study& study, const Run& run, const WorkOptions& options, RunNotes& notes,
                              Configurations& configurations) {
  const Record record = Record::read(study, study.record());
  const std::string hash = configurations.training(run);
  const std::vector<Measurement> missing = missing_measurements(run, record, notes, configurations);
  if ((!missing.empty() || options.train) && !is_trained(study, run, notes, configurations)) {
    require_prerequisites(study, run, configurations);
    if (!train(study, run, options, notes, hash)) return WorkOutcome::interrupted;
  }
  run::KeptData data;
  for (const Measurement& m : missing) {
    Row row = measure(study, run, m, options, configurations.row(run, m), data);
    std::erase_if(notes.rows, [&](const Row& old) { return old.same_key(row); });
    notes.rows.push_back(std::move(row));
    write_notes(study, run, notes);
  }
  return WorkOutcome::done;
}

/// The run with all of its measurements, not only those selected:
/// what is thrown away depends on them.
bool all_measured(const Study& study, const std::string& name, const RunNotes& notes, Configurations& configurations) {
  const Record record = Record::read(study, study.record());
  for (const Run& run : expand(study))
    if (run.name == name) return missing_measurements(run, record, notes, configurations).empty();
  return false;
}

}  // namespace

const Row* RunNotes::find(const Run& run, const Measurement& m, const std::string& hash) const {
  for (const Row& row : rows)
    if (row.run == run.name && row.evaluation == m.evaluation && row.split == to_word(m.split) && row.weights == m.weights &&
        row.hash == hash)
      return &row;
  return nullptr;
}

RunNotes read_notes(const Study& study, const Run& run) {
  const fs::path file = study.work(run.name, ".json");
  RunNotes notes;
  if (!fs::exists(file)) return notes;
  try {
    const Json json = read_json(file);
    if (json.at("format") != kFormat) throw StateError("another format");
    notes.training = json.at("training");
    notes.failed = json.at("failed");
    for (const Json& row : json.at("rows")) notes.rows.push_back(row_from_json(row));
  } catch (const std::exception& e) {
    log_warning("{}: cannot be used ({}); the run is done again where the record lacks it", file.string(), e.what());
    return {};
  }
  return notes;
}

std::vector<Measurement> missing_measurements(const Run& run, const Record& record, const RunNotes& notes,
                                              Configurations& configurations) {
  std::vector<Measurement> missing;
  for (const Measurement& m : run.measurements) {
    const std::string hash = configurations.row(run, m);
    const Row* row = record.find(run, m);
    if (!(row && row->hash == hash) && !notes.find(run, m, hash)) missing.push_back(m);
  }
  return missing;
}

bool is_trained(const Study& study, const Run& run, const RunNotes& notes, Configurations& configurations) {
  return notes.training == configurations.training(run) && state_of(study.run(run.name)) == RunState::finished;
}

WorkOutcome work_on(const Study& study, const Run& run, const WorkOptions& options) {
  fs::create_directories(study.folder / "work");
  const FileLock lock(study.work(run.name, ".lock"), FileLock::Wait::no);
  if (!lock.held()) return WorkOutcome::locked;
  RunNotes notes = read_notes(study, run);
  const bool failed_before = !notes.failed.empty();
  notes.failed.clear();
  try {
    Configurations configurations(study);
    const WorkOutcome outcome = train_and_measure(study, run, options, notes, configurations);
    if (failed_before) write_notes(study, run, notes);
    if (outcome == WorkOutcome::done && all_measured(study, run.name, notes, configurations)) thin_out(study, run);
    return outcome;
  } catch (const std::exception& e) {
    notes.failed = e.what();
    write_notes(study, run, notes);
    throw;
  }
}

void tidy(const Study& study, const Run& run) {
  if (!holds_more_than_is_kept(study, run)) return;
  const FileLock lock(study.work(run.name, ".lock"), FileLock::Wait::no);
  Configurations configurations(study);
  if (lock.held() && all_measured(study, run.name, read_notes(study, run), configurations)) thin_out(study, run);
}

void end_with_parent() {
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::raise(SIGTERM);  // it ended in between
}

}  // namespace basewise::study
