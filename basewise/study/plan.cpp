#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/study/configuration.h"
#include "basewise/study/runner.h"
#include "basewise/study/worker.h"
#include "basewise/run/run_folder.h"

namespace basewise::study {
namespace {

using Json = nlohmann::ordered_json;

double fact(const Row& row, const char* name) {
  const auto found = row.facts.find(name);
  return found == row.facts.end() || found->second == "NA" ? std::nan("") : std::strtod(found->second.c_str(), nullptr);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Seconds of the runs in the record, and which of them are most like a given one.
class Estimator {
 public:
  Estimator(const Study& study, const Record& record) : axes_(study.options.axes), over_(study.options.over) {
    for (const Row& row : record.rows()) {
      Finished& run = runs_[row.run];
      run.values = row.values;
      if (const double seconds = fact(row, "train_seconds"); std::isfinite(seconds)) run.training = seconds;
      if (const double seconds = fact(row, "seconds"); std::isfinite(seconds)) run.measuring.push_back(seconds);
    }
  }

  void estimate(PlannedRun& planned, bool trained) const {
    int best = -1;
    std::vector<const Finished*> alike;
    for (const auto& [name, run] : runs_) {
      const int score = likeness(run, planned.run);
      if (score < best || run.measuring.empty()) continue;
      if (score > best) alike.clear();
      best = score;
      alike.push_back(&run);
    }
    if (alike.empty()) return;
    std::vector<double> training, measuring;
    for (const Finished* run : alike) {
      training.push_back(run->training);
      measuring.insert(measuring.end(), run->measuring.begin(), run->measuring.end());
    }
    planned.seconds = (trained ? 0 : median(training)) + static_cast<double>(planned.missing.size()) * median(measuring);
    planned.estimated_from =
        format("{} run{} that share{} {} of {} axes", alike.size(), alike.size() > 1 ? "s" : "", alike.size() > 1 ? "" : "s", best,
               std::count_if(axes_.begin(), axes_.end(), [&](const Axis& a) { return a.name != over_; }));
  }

 private:
  struct Finished {
    std::vector<std::string> values;
    double training = 0;
    std::vector<double> measuring;
  };

  int likeness(const Finished& finished, const Run& run) const {
    int same = 0;
    for (std::size_t a = 0; a < axes_.size(); ++a) same += axes_[a].name != over_ && finished.values[a] == run.values[a];
    return same;
  }

  const std::vector<Axis>& axes_;
  const std::string& over_;
  std::map<std::string, Finished> runs_;
};

/// Rows that finished runs left in their notes go into the record. Where there is nothing new, nothing is touched.
Record collect(const Study& study, const std::vector<Run>& order, const std::vector<std::pair<const Run*, RunNotes>>& notes,
               Configurations& configurations) {
  const auto add = [&](Record& record) {
    bool any = false;
    for (const auto& [run, note] : notes)
      for (const Measurement& m : run->measurements) {
        if (note.rows.empty()) continue;
        const std::string hash = configurations.row(*run, m);
        const Row* present = record.find(*run, m);
        if (present && present->hash == hash) continue;
        const Row* row = note.find(*run, m, hash);
        if (row) record.put(*row);
        any = any || row;
      }
    return any;
  };
  Record record = Record::read(study, study.record());
  if (!add(record)) return record;
  return update_record(study, order, [&](Record& locked) { add(locked); });
}

std::string state_text(const Study& study, const Run& run, const RunNotes& notes, const std::vector<Measurement>& missing, bool trained) {
  if (missing.empty()) return "done";
  if (!notes.failed.empty()) return "failed: " + notes.failed;
  if (trained) return "trained";
  return notes.training.empty() || !fs::exists(study.run(run.name)) ? "new" : "unfinished";
}

bool is_trained(const Study& study, const Run& run, const RunNotes& notes, Configurations& configurations) {
  try {
    return notes.training == configurations.training(run) && run::run_state(study.run(run.name)) == run::RunState::finished;
  } catch (const StateError&) {
    return false;
  }
}

}  // namespace

std::int64_t Plan::pending() const {
  return std::count_if(runs.begin(), runs.end(), [](const PlannedRun& r) { return !r.missing.empty(); });
}

std::optional<double> Plan::seconds(std::int64_t jobs) const {
  double sum = 0, longest = 0;
  for (const PlannedRun& r : runs) {
    if (r.missing.empty()) continue;
    if (!r.seconds) return std::nullopt;
    sum += *r.seconds;
    longest = std::max(longest, *r.seconds);
  }
  return std::max(longest, sum / static_cast<double>(std::max<std::int64_t>(1, jobs)));
}

Plan make_plan(const Study& study, const RunRequest& request) {
  const std::vector<Run> all = expand(study);
  const std::vector<Run> selected = shard(select(study, all, request.where), request.shard);
  Configurations configurations(study);
  std::vector<std::pair<const Run*, RunNotes>> notes;
  for (const Run& run : selected) notes.emplace_back(&run, read_notes(study, run));
  const Record record = collect(study, all, notes, configurations);
  const Estimator estimator(study, record);
  Plan plan;
  for (const auto& [run, note] : notes) {
    PlannedRun planned{
        .run = *run, .missing = missing_measurements(*run, record, {}, configurations), .state = {}, .seconds = {}, .estimated_from = {}};
    const bool trained = is_trained(study, *run, note, configurations);
    planned.state = state_text(study, *run, note, planned.missing, trained);
    estimator.estimate(planned, trained);
    plan.rows += static_cast<std::int64_t>(run->measurements.size());
    plan.rows_done += static_cast<std::int64_t>(run->measurements.size() - planned.missing.size());
    for (const Measurement& m : planned.missing) plan.rows_stale += record.find(*run, m) != nullptr;
    plan.runs.push_back(std::move(planned));
  }
  return plan;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole >= 3600) return format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  if (whole >= 60) return format("{} min {:02} s", whole / 60, whole % 60);
  return format("{} s", whole);
}

std::string to_text(const Plan& plan, std::int64_t jobs) {
  std::string text;
  for (const PlannedRun& r : plan.runs) {
    if (r.missing.empty()) continue;
    const std::string time = r.seconds ? format("about {} ({})", duration_text(*r.seconds), r.estimated_from) : "time unknown";
    text += format("{}: {}, {} of {} measurements missing, {}\n", r.run.name, r.state, r.missing.size(), r.run.measurements.size(), time);
  }
  const auto total = plan.seconds(jobs);
  text += format("{} of {} runs to do, {} of {} rows are in the record", plan.pending(), plan.runs.size(), plan.rows_done, plan.rows);
  if (plan.rows_stale > 0) text += format(", {} more are of another configuration", plan.rows_stale);
  if (plan.pending() > 0) text += total ? format("; about {} with {} at a time", duration_text(*total), jobs) : "; time unknown";
  return text + "\n";
}

Json to_json(const Plan& plan, std::int64_t jobs) {
  Json runs = Json::array();
  for (const PlannedRun& r : plan.runs) {
    Json missing = Json::array();
    for (const Measurement& m : r.missing) missing.push_back({{"evaluation", m.evaluation}, {"split", m.split}, {"weights", m.weights}});
    runs.push_back({{"run", r.run.name}, {"state", r.state}, {"missing", missing}, {"seconds", r.seconds ? Json(*r.seconds) : Json()}});
  }
  const auto total = plan.seconds(jobs);
  return {{"runs", runs},
          {"pending", plan.pending()},
          {"rows", plan.rows},
          {"rows_done", plan.rows_done},
          {"rows_stale", plan.rows_stale},
          {"seconds", total ? Json(*total) : Json()}};
}

}  // namespace basewise::study
