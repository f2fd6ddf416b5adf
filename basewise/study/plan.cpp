#include "basewise/study/plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/run/run_folder.h"
#include "basewise/study/configuration.h"
#include "basewise/study/worker.h"

namespace basewise::study {
namespace {

using Json = nlohmann::ordered_json;

double median_seconds(std::vector<double> values) {
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
      if (const double seconds = number_of(row.facts, "train_seconds"); std::isfinite(seconds)) run.training = seconds;
      if (const double seconds = number_of(row.facts, "seconds"); std::isfinite(seconds)) run.measuring.push_back(seconds);
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
    planned.seconds =
        (trained ? 0 : median_seconds(training)) + static_cast<double>(planned.missing.size()) * median_seconds(measuring);
    planned.estimated_from = format(
        "{} run{} that share{} {} of {} axes", alike.size(), alike.size() > 1 ? "s" : "", alike.size() > 1 ? "" : "s",
        best, std::count_if(axes_.begin(), axes_.end(), [&](const Axis& a) { return a.name != over_; }));
  }

 private:
  struct Finished {
    std::vector<std::string> values;
    double training = 0;
    std::vector<double> measuring;
  };

  int likeness(const Finished& finished, const Run& run) const {
    int same = 0;
    for (std::size_t a = 0; a < axes_.size(); ++a)
      same += axes_[a].name != over_ && finished.values[a] == run.values[a];
    return same;
  }

  const std::vector<Axis>& axes_;
  const std::string& over_;
  std::map<std::string, Finished> runs_;
};

/// Rows that finished runs left in their notes go into the record.
/// Where there is nothing new, nothing is touched.
Record collect(const Study& study, const std::vector<Run>& order,
               const std::vector<std::pair<const Run*, RunNotes>>& notes, Configurations& configurations) {
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

std::string state_text(const Study& study, const Run& run, const RunNotes& notes, bool to_do, bool trained) {
  if (!to_do) return "done";
  if (!notes.failed.empty()) return "failed: " + notes.failed;
  if (trained) return "trained";
  return notes.training.empty() || !fs::exists(study.run(run.name)) ? "new" : "unfinished";
}

/// Runs that come first join the plan where their weights are missing, for the weights alone,
/// though nothing of them was selected.
class Prerequisites {
 public:
  Prerequisites(const Study& study, const std::vector<Run>& all, Configurations& configurations)
      : study_(study), all_(all), configurations_(configurations) {}

  void add_to(std::vector<PlannedRun>& planned) const {
    std::vector<std::string> open;  // runs whose own prerequisites are to be looked at
    for (const PlannedRun& p : planned)
      if (p.to_do() && !p.trained) open.push_back(p.run.name);
    for (std::size_t i = 0; i < open.size(); ++i)
      for (const Prerequisite& first : std::vector(find(open[i], planned)->run.after))  // the list grows
        if (wait_for(first.run, planned)) open.push_back(first.run);
  }

 private:
  static std::vector<PlannedRun>::iterator find(const std::string& name, std::vector<PlannedRun>& planned) {
    return std::find_if(planned.begin(), planned.end(), [&](const PlannedRun& p) { return p.run.name == name; });
  }

  /// True for a run that nobody was to do, and that is now.
  bool wait_for(const std::string& name, std::vector<PlannedRun>& planned) const {
    auto first = find(name, planned);
    if (first == planned.end()) {
      PlannedRun added;
      added.run = *std::find_if(all_.begin(), all_.end(), [&](const Run& r) { return r.name == name; });
      added.run.measurements.clear();
      first = planned.insert(planned.end(), std::move(added));
    } else if (first->to_do() || first->trained) {
      return false;
    }
    const RunNotes notes = read_notes(study_, first->run);
    first->trained = is_trained(study_, first->run, notes, configurations_);
    first->awaited = !first->trained;
    first->state = state_text(study_, first->run, notes, first->awaited, first->trained);
    return first->awaited;
  }

  const Study& study_;
  const std::vector<Run>& all_;
  Configurations& configurations_;
};

}  // namespace

std::int64_t Plan::pending() const {
  return std::count_if(runs.begin(), runs.end(), [](const PlannedRun& r) { return r.to_do(); });
}

std::optional<double> Plan::seconds(std::int64_t jobs) const {
  double sum = 0, longest = 0;
  for (const PlannedRun& r : runs) {
    if (!r.to_do()) continue;
    if (!r.seconds) return std::nullopt;
    sum += *r.seconds;
    longest = std::max(longest, *r.seconds);
  }
  return std::max(longest, sum / static_cast<double>(std::max<std::int64_t>(1, jobs)));
}

Plan make_plan(const Study& study, const std::vector<std::string>& where, const std::string& part) {
  const std::vector<Run> all = expand(study);
  const std::vector<Run> selected = shard(select(study, all, where), part);
  Configurations configurations(study);
  std::vector<std::pair<const Run*, RunNotes>> notes;
  for (const Run& run : selected) notes.emplace_back(&run, read_notes(study, run));
  const Record record = collect(study, all, notes, configurations);
  const Estimator estimator(study, record);
  Plan plan;
  for (const auto& [run, note] : notes) {
    PlannedRun planned{.run = *run,
                       .missing = missing_measurements(*run, record, {}, configurations),
                       .state = {},
                       .seconds = {},
                       .estimated_from = {},
                       .trained = false,
                       .awaited = false};
    planned.trained = is_trained(study, *run, note, configurations);
    planned.state = state_text(study, *run, note, planned.to_do(), planned.trained);
    plan.rows += static_cast<std::int64_t>(run->measurements.size());
    plan.rows_done += static_cast<std::int64_t>(run->measurements.size() - planned.missing.size());
    for (const Measurement& m : planned.missing) plan.rows_stale += record.find(*run, m) != nullptr;
    plan.runs.push_back(std::move(planned));
  }
  Prerequisites(study, all, configurations).add_to(plan.runs);
  for (PlannedRun& planned : plan.runs) estimator.estimate(planned, planned.trained);
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
    if (!r.to_do()) continue;
    const std::string time =
        r.seconds ? format("about {} ({})", duration_text(*r.seconds), r.estimated_from) : "time unknown";
    const std::string what = r.missing.empty()
                                 ? "its weights are waited for"
                                 : format("{} of {} measurements missing", r.missing.size(), r.run.measurements.size());
    text += format("{}: {}, {}, {}\n", r.run.name, r.state, what, time);
  }
  const auto total = plan.seconds(jobs);
  text += format("{} of {} runs to do, {} of {} rows are in the record", plan.pending(), plan.runs.size(),
                 plan.rows_done, plan.rows);
  if (plan.rows_stale > 0) text += format(", {} more are of another configuration", plan.rows_stale);
  if (plan.pending() > 0)
    text += total ? format("; about {} with {} at a time", duration_text(*total), jobs) : "; time unknown";
  return text + "\n";
}

Json to_json(const Plan& plan, std::int64_t jobs) {
  Json runs = Json::array();
  for (const PlannedRun& r : plan.runs) {
    Json missing = Json::array();
    for (const Measurement& m : r.missing)
      missing.push_back({{"evaluation", m.evaluation}, {"split", to_word(m.split)}, {"weights", m.weights}});
    runs.push_back({{"run", r.run.name},
                    {"state", r.state},
                    {"missing", missing},
                    {"seconds", r.seconds ? Json(*r.seconds) : Json()}});
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
