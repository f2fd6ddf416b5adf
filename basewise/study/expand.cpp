#include "basewise/study/expand.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <map>
#include <set>

namespace basewise::study {
namespace {

/// Letters that every file system takes.
std::string file_safe(std::string text) {
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && std::string_view("._+-").find(c) == std::string_view::npos)
      c = '-';
  return text;
}

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size();
}

/// "augmented_scale0.5_seed1535": a number alone would say nothing.
std::string run_name(const StudyOptions& o, const std::vector<std::string>& values) {
  std::string name;
  for (std::size_t a = 0; a < values.size(); ++a) {
    if (a) name += '_';
    name += file_safe((is_number(values[a]) ? o.axes[a].name : "") + values[a]);
  }
  return name.empty() ? "run" : name;
}

bool excluded(const Study& study, const Labels& labels) {
  return std::any_of(study.options.exclude.begin(), study.options.exclude.end(),
                     [&](const Exclusion& e) { return all_hold(parse_conditions(e.when), labels); });
}

void add_measurements(const Study& study, Run& run) {
  for (const EvaluationPlan& e : study.options.evaluations) {
    if (!all_hold(parse_conditions(e.when), labels(study, run))) continue;
    for (const results::Set split : e.splits)
      for (const std::string& weights : e.weights) {
        Measurement m{.evaluation = e.name, .split = split, .weights = weights, .set = e.set, .measure = e.measure, .options = e.options,
                      .outputs = e.outputs};
        if (!excluded(study, labels(study, run, m))) run.measurements.push_back(std::move(m));
      }
  }
}

/// The run that comes first has the values of `run` but for those that `after` names.
Prerequisite prerequisite(const StudyOptions& o, const Run& run, const After& after) {
  std::vector<std::string> values = run.values;
  for (const Condition& c : parse_conditions(after.run))
    for (std::size_t a = 0; a < values.size(); ++a)
      if (o.axes[a].name == c.key) values[a] = c.values.front();
  return {.run = run_name(o, values), .how = after};
}

void add_prerequisites(const StudyOptions& o, Run& run, const std::vector<After>& all) {
  for (const After& after : all) run.after.push_back(prerequisite(o, run, after));
}

/// Every run that comes first is there, and no runs wait for each other.
void check_order(const Study& study, const std::vector<Run>& runs) {
  std::map<std::string, const Run*> by_name;
  for (const Run& run : runs) by_name[run.name] = &run;
  std::set<std::string> done, open;
  const std::function<void(const Run&)> visit = [&](const Run& run) {
    if (done.contains(run.name)) return;
    if (!open.insert(run.name).second)
      throw ArgumentError(
          format("{}: run '{}' comes after itself; look at the keys after", study.file.string(), run.name));
    for (const Prerequisite& first : run.after) {
      const auto found = by_name.find(first.run);
      if (found == by_name.end())
        throw ArgumentError(format(
            "{}: run '{}' comes after '{}', which this study has not: it is excluded, or nothing is measured of it",
            study.file.string(), run.name, first.run));
      visit(*found->second);
    }
    done.insert(run.name);
  };
  for (const Run& run : runs) visit(run);
}

Run make_run(const Study& study, const std::vector<std::size_t>& at) {
  const StudyOptions& o = study.options;
  Run run;
  run.set = o.set;
  for (std::size_t a = 0; a < at.size(); ++a) {
    const AxisValue& value = o.axes[a].values[at[a]];
    run.values.push_back(value.name);
    run.set.insert(run.set.end(), value.set.begin(), value.set.end());
  }
  run.name = run_name(o, run.values);
  for (std::size_t a = 0; a < at.size(); ++a) add_prerequisites(o, run, o.axes[a].values[at[a]].after);
  for (const Setting& setting : o.settings) {
    if (!all_hold(parse_conditions(setting.when), labels(study, run))) continue;
    run.set.insert(run.set.end(), setting.set.begin(), setting.set.end());
    add_prerequisites(o, run, setting.after);
  }
  run.set.push_back("name=" + run.name);
  add_measurements(study, run);
  return run;
}

/// The next combination, the last axis fastest; false after the last.
bool advance(std::vector<std::size_t>& at, const std::vector<Axis>& axes) {
  for (std::size_t a = at.size(); a-- > 0;) {
    if (++at[a] < axes[a].values.size()) return true;
    at[a] = 0;
  }
  return false;
}

void check_where(const std::vector<Condition>& conditions, const Study& study, const std::vector<Run>& runs) {
  std::map<std::string, std::set<std::string>> known;
  for (const Run& run : runs)
    for (const Measurement& m : run.measurements)
      for (const auto& [key, value] : labels(study, run, m)) known[key].insert(value);
  for (const Condition& c : conditions) {
    std::vector<std::string> candidates;
    std::string what = "name", word = c.key;
    if (known.contains(c.key)) {
      candidates.assign(known[c.key].begin(), known[c.key].end());
      what = "value of " + c.key;
      const auto missing = std::find_if(c.values.begin(), c.values.end(),
                                        [&](const std::string& v) { return !known[c.key].contains(v); });
      if (missing == c.values.end()) continue;
      word = *missing;
    } else {
      for (const auto& [key, values] : known) candidates.push_back(key);
    }
    const auto near = nearest(word, candidates);
    if (candidates.size() > 20) candidates.resize(20);
    throw ArgumentError(format("--where: '{}' is no {} of this study{}; there are {}", word, what,
                               near ? format(", did you mean {}?", *near) : "", fmt::join(candidates, ", ")));
  }
}

/// First and second number of "2/5". Errors: ArgumentError.
std::pair<std::int64_t, std::int64_t> parse_shard(const std::string& part) {
  std::int64_t i = 0, n = 0;
  const auto slash = part.find('/');
  if (slash != std::string::npos) {
    std::from_chars(part.data(), part.data() + slash, i);
    std::from_chars(part.data() + slash + 1, part.data() + part.size(), n);
  }
  if (i < 1 || n < i) throw ArgumentError(format("--shard '{}': expected i/n with 1 <= i <= n, such as 2/5", part));
  return {i, n};
}

}  // namespace

std::string Measurement::label() const { return format("{}, {}, {}", evaluation, split, weights); }

Labels labels(const Study& study, const Run& run) {
  Labels all;
  for (std::size_t a = 0; a < run.values.size(); ++a) all.emplace_back(study.options.axes[a].name, run.values[a]);
  all.emplace_back(to_word(RowName::run), run.name);
  return all;
}

Labels labels(const Study& study, const Run& run, const Measurement& m) {
  Labels all = labels(study, run);
  all.emplace_back(to_word(RowName::evaluation), m.evaluation);
  all.emplace_back(to_word(RowName::split), to_word(m.split));
  all.emplace_back(to_word(RowName::weights), m.weights);
  for (const Method& method : study.options.methods)
    if (all_hold(parse_conditions(method.when), all)) {
      all.emplace_back(to_word(RowName::method), method.name);
      break;
    }
  return all;
}

std::vector<Run> expand(const Study& study) {
  const std::vector<Axis>& axes = study.options.axes;
  std::vector<Run> runs;
  std::vector<std::size_t> at(axes.size(), 0);
  do {
    Run run = make_run(study, at);
    if (!excluded(study, labels(study, run)) && !run.measurements.empty()) runs.push_back(std::move(run));
  } while (advance(at, axes));
  if (runs.empty())
    throw ArgumentError(format("{}: every combination is excluded; nothing is left to run", study.file.string()));
  std::set<std::string> names;
  for (const Run& run : runs)
    if (!names.insert(run.name).second)
      throw ArgumentError(format("{}: two runs are called '{}'; give the values of the axes names that differ",
                                 study.file.string(), run.name));
  check_order(study, runs);
  return runs;
}

std::vector<Run> select(const Study& study, std::vector<Run> runs, const std::vector<std::string>& where) {
  const std::vector<Condition> conditions = parse_conditions(where);
  check_where(conditions, study, runs);
  std::vector<Run> selected;
  for (Run& run : runs) {
    std::vector<Measurement> kept;
    for (Measurement& m : run.measurements)
      if (all_hold(conditions, labels(study, run, m))) kept.push_back(std::move(m));
    run.measurements = std::move(kept);
    if (!run.measurements.empty()) selected.push_back(std::move(run));
  }
  return selected;
}

std::vector<Run> shard(std::vector<Run> runs, const std::string& part) {
  if (part.empty()) return runs;
  const auto [i, n] = parse_shard(part);
  std::vector<Run> mine;
  for (std::size_t r = static_cast<std::size_t>(i - 1); r < runs.size(); r += static_cast<std::size_t>(n))
    mine.push_back(std::move(runs[r]));
  return mine;
}

}  // namespace basewise::study
