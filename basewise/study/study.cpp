#include "basewise/study/study.h"

#include <algorithm>
#include <set>

#include "basewise/core/files.h"
#include "basewise/run/measure.h"
#include "basewise/study/conditions.h"
#include "basewise/study/detail/anchor.h"
#include "basewise/study/detail/needed_files.h"
#include "basewise/study/page_tables.h"

namespace basewise::study {
namespace {

constexpr const char* kEnding = ".study.toml";

/// Values of an axis that names an option: "seed" with 7 becomes the value "7" that sets seed=7.
void spell_out(Axis& axis) {
  const int given = !axis.numbers.empty() + !axis.words.empty() + !axis.values.empty();
  if (given != 1)
    throw ArgumentError(
        format("axis '{}': give exactly one of numbers, words and [[axes.values]]; {} are given", axis.name, given));
  if (axis.values.empty() != !axis.key.empty())
    throw ArgumentError(format("axis '{}': {}", axis.name,
                               axis.key.empty() ? "numbers and words need a key, the option that they are values of"
                                                : "key goes with numbers or words, not with [[axes.values]]"));
  for (const double number : axis.numbers) axis.words.push_back(format("{}", number));
  for (const std::string& word : axis.words)
    axis.values.push_back({.name = word, .title = {}, .set = {axis.key + "=" + word}});
  axis.numbers.clear();
  axis.words.clear();
}

template <class T>
void require_distinct(const std::vector<T>& items, const char* what) {
  std::set<std::string> seen;
  for (const T& item : items) {
    if (item.name.empty()) throw ArgumentError(format("{} without a name", what));
    if (!seen.insert(item.name).second) throw ArgumentError(format("{} '{}' is given twice", what, item.name));
  }
}

void require_word(const std::string& text, const char* what) {
  if (text.find_first_of(",=!\t\n") != std::string::npos)
    throw ArgumentError(format("{} '{}': commas, =, ! and tabs have a meaning of their own", what, text));
}

/// Conditions of the file speak of names that there are.
class ConditionChecker {
 public:
  explicit ConditionChecker(const StudyOptions& o) {
    for (const Axis& axis : o.axes)
      for (const AxisValue& value : axis.values) add(axis.name, value.name);
    for (const EvaluationPlan& e : o.evaluations) {
      add("evaluation", e.name);
      for (const results::Set split : e.splits) add("split", std::string(to_word(split)));
      for (const std::string& weights : e.weights) add("weights", weights);
    }
    for (const Method& m : o.methods) add("method", m.name);
  }

  void check(const std::vector<std::string>& texts, const std::string& where) const {
    for (const Condition& c : parse_conditions(texts)) {
      std::vector<std::string> names, values;
      for (const auto& [key, value] : known_) {
        if (std::find(names.begin(), names.end(), key) == names.end()) names.push_back(key);
        if (key == c.key) values.push_back(value);
      }
      if (values.empty()) refuse(where, c.key, names);
      for (const std::string& value : c.values)
        if (std::find(values.begin(), values.end(), value) == values.end()) refuse(where + ", " + c.key, value, values);
    }
  }

 private:
  void add(const std::string& key, const std::string& value) { known_.emplace_back(key, value); }

  [[noreturn]] static void refuse(const std::string& where, const std::string& word,
                                  const std::vector<std::string>& known) {
    const auto near = nearest(word, known);
    throw ArgumentError(format("{}: there is no '{}'{}; there are {}", where, word,
                               near ? format(" (did you mean '{}'?)", *near) : "", fmt::join(known, ", ")));
  }

  Labels known_;
};

/// Only what runs differ in can be pooled; the axis that pairs are made by is pooled anyway.
void check_pool(const StudyOptions& o, const Comparison& c, const std::string& name) {
  std::vector<std::string> axes;
  for (const Axis& axis : o.axes)
    if (axis.name != o.over) axes.push_back(axis.name);
  if (std::find(axes.begin(), axes.end(), name) == axes.end())
    throw ArgumentError(format("compare '{}': pool: '{}' is no axis that can be pooled; expected {}", c.name, name,
                               fmt::join(axes, " or ")));
}

/// Pairs are made by the values of `over`: no side can choose some of them.
void check_side(const StudyOptions& o, const ConditionChecker& conditions, const std::vector<std::string>& side,
                const std::string& where) {
  conditions.check(side, where);
  for (const Condition& c : parse_conditions(side))
    if (c.key == o.over)
      throw ArgumentError(format("{}: '{}' is the axis whose values make the pairs (over); leave it out", where, c.key));
}

/// "axis=value" for one or several axes, each with one value.
void check_after(const StudyOptions& o, const ConditionChecker& conditions, const After& after,
                 const std::string& where) {
  conditions.check(after.run, where);
  for (const Condition& c : parse_conditions(after.run)) {
    const bool axis = std::any_of(o.axes.begin(), o.axes.end(), [&](const Axis& a) { return a.name == c.key; });
    if (!axis || c.negated || c.values.size() != 1)
      throw ArgumentError(
          format("{}: run: expected AXIS=VALUE for axes in which the run that comes first differs, got '{}'", where,
                 fmt::join(after.run, "', '")));
  }
}

/// Once paths are absolute: the measure, its options and their files are those that there are.
void check_measure(const EvaluationPlan& e) {
  with_context(format("evaluation '{}'", e.name), [&] {
    if (e.measure.empty() && !e.options.empty())
      throw ArgumentError("options go with a measure; options of the recipe go into set");
    detail::require_files(e);
  });
}

void check_study(StudyOptions& o) {
  require_distinct(o.axes, "axis");
  for (Axis& axis : o.axes) {
    spell_out(axis);
    require_word(axis.name, "axis");
    if (find_choice<RowName>(axis.name))
      throw ArgumentError(format("axis '{}': this name is taken; choose another", axis.name));
    require_distinct(axis.values, format("axis '{}': value", axis.name).c_str());
    for (const AxisValue& value : axis.values) require_word(value.name, "value");
  }
  if (o.evaluations.empty()) o.evaluations.push_back({.name = "test"});
  require_distinct(o.evaluations, "evaluation");
  for (const EvaluationPlan& e : o.evaluations) {
    require_word(e.name, "evaluation");
    if (e.outputs && !e.measure.empty())
      throw ArgumentError(format("evaluation '{}': outputs = true is for the metrics of outputs; the measure '{}' has numbers of its own",
                                 e.name, e.measure));
    if (e.splits.empty() || e.weights.empty())
      throw ArgumentError(format("evaluation '{}': splits and weights must not be empty", e.name));
  }
  require_distinct(o.methods, "method");
  const ConditionChecker conditions(o);
  for (const EvaluationPlan& e : o.evaluations) conditions.check(e.when, format("evaluation '{}': when", e.name));
  for (const Setting& e : o.settings) {
    conditions.check(e.when, "settings: when");
    if (e.set.empty() && e.after.empty())
      throw ArgumentError(format("settings for '{}': give set or after", fmt::join(e.when, ", ")));
    for (const After& after : e.after) check_after(o, conditions, after, "settings: after");
  }
  for (const Axis& axis : o.axes)
    for (const AxisValue& value : axis.values)
      for (const After& after : value.after)
        check_after(o, conditions, after, format("axis '{}': value '{}': after", axis.name, value.name));
  for (const Exclusion& e : o.exclude) conditions.check(e.when, "exclude: when");
  for (const Method& m : o.methods) conditions.check(m.when, format("method '{}': when", m.name));
  for (const Published& p : o.published) {
    conditions.check(p.when, "published: when");
    for (const std::string& value : p.values) parse_published(value);
  }
  detail::check_plans(o);
  for (const TablePlan& t : o.tables) conditions.check(t.when, format("table '{}': when", t.name));
  require_distinct(o.compare, "compare");
  for (const Comparison& c : o.compare) {
    check_side(o, conditions, c.a, format("compare '{}': a", c.name));
    check_side(o, conditions, c.b, format("compare '{}': b", c.name));
    if (std::set(c.a.begin(), c.a.end()) == std::set(c.b.begin(), c.b.end()))
      throw ArgumentError(format("compare '{}': a and b are the same rows; give them conditions that differ", c.name));
    for (const std::string& axis : c.pool) check_pool(o, c, axis);
  }
  for (const Relation& r : o.relate) {
    conditions.check(r.x_when, format("relate '{}': x_when", r.name));
    conditions.check(r.y_when, format("relate '{}': y_when", r.name));
    with_context(format("relate '{}': x", r.name), [&] { run::measured_higher_is_better(r.x); });
    with_context(format("relate '{}': y", r.name), [&] { run::measured_higher_is_better(r.y); });
    for (const std::string& name : r.within)
      if (std::none_of(o.axes.begin(), o.axes.end(), [&](const Axis& axis) { return axis.name == name; }))
        throw ArgumentError(format("relate '{}': within: '{}' is no axis of the study", r.name, name));
  }
}

fs::path study_file(const std::string& source) {
  if (fs::is_directory(source)) {
    if (fs::exists(fs::path(source) / "study.toml")) return fs::path(source) / "study.toml";
    const fs::path beside = fs::path(source).lexically_normal();
    const fs::path named = (beside.has_filename() ? beside : beside.parent_path()).string() + kEnding;
    if (fs::exists(named)) return named;
    throw ArgumentError(format("{} holds no study.toml, and there is no {}", source, named.string()));
  }
  if (fs::is_regular_file(source)) return source;
  throw ArgumentError(
      format("{}: no such study; give a folder that holds study.toml, or a file <name>{}", source, kEnding));
}

}  // namespace

void describe(Visitor& v, After& o) {
  v("run", o.run, "axes in which the run that comes first differs from this one, such as start=scratch", required());
  v("match", o.match,
    "NEW=OLD: tensors whose names begin with NEW here are those that begin with OLD there; empty: the same names");
  v("skip", o.skip, "names or parts of the model that keep their initial values");
  v("freeze", o.freeze, "names or parts of the model that do not learn");
}

void describe(Visitor& v, AxisValue& o) {
  v("name", o.name, "short word, part of the names of runs", required());
  v("title", o.title, "for people; empty: the name");
  v("set", o.set, "options of the recipe, such as strand.train=augmented");
  v.list("after", o.after, "runs of this study that come first, and whose weights these start with");
}

void describe(Visitor& v, Axis& o) {
  v("name", o.name, "short word, a column of the table", required());
  v("title", o.title, "for people; empty: the name");
  v("key", o.key, "option of the recipe that takes the numbers or words");
  v("numbers", o.numbers, "values of the option");
  v("words", o.words, "values of the option that are text");
  v.list("values", o.values, "or named values, each with any options");
}

void describe(Visitor& v, EvaluationPlan& o) {
  v("name", o.name, "short word, a column of the table", required());
  v("title", o.title, "for people; empty: the name");
  v("splits", o.splits, "sets that are measured");
  v("weights", o.weights, "weights that are measured: best, or a word w for weights.w.safetensors of the run");
  v("set", o.set, "options of the recipe for this measurement, such as strand.predict=conjoined");
  v("when", o.when, "conditions on the run, such as training=single,augmented; all must hold");
  v("measure", o.measure, "what is measured of the run in place of the metrics of its outputs, such as filters; empty: these metrics");
  v("options", o.options, "options of the measure, such as share=0.3");
  v("outputs", o.outputs, "also record the metrics of each output, as in ctcf.auroc; without it their mean, or that of all values as one");
}

void describe(Visitor& v, Setting& o) {
  v("when", o.when, "conditions on the run, such as training=shared and scale=0.5; all must hold", required());
  v("set", o.set, "options of the recipe, after those of the axes");
  v.list("after", o.after, "runs of this study that come first, and whose weights these start with");
}

void describe(Visitor& v, Exclusion& o) {
  v("when", o.when, "conditions, such as scale!=1; runs or measurements that all hold for are left out", required());
  v("reason", o.reason, "why, for people");
}

void describe(Visitor& v, Method& o) {
  v("name", o.name, "as the rows are called in tables and figures", required());
  v("title", o.title, "longer, for people; empty: the name");
  v("when", o.when, "conditions on axes and evaluation", required());
}

void describe(Visitor& v, Published& o) {
  v("when", o.when, "conditions on the rows that the values belong to; method=NAME works too", required());
  v("values", o.values, "such as 'auroc = 0.9645 +- 0.0030', mean and sample standard deviation", required());
  v("source", o.source, "where they stand");
}

void describe(Visitor& v, Comparison& o) {
  v("name", o.name, "what is asked, for people", required());
  v("a", o.a, "conditions on the rows of one side", required());
  v("b", o.b, "and of the other; pairs share all else", required());
  v("metrics", o.metrics, "empty: all of the table");
  v("pool", o.pool,
    "axes whose values go into one test, pairs side by side; without them each combination has a test of its own");
  v("test", o.test, "where p is from");
}

void describe(Visitor& v, Relation& o) {
  v("name", o.name, "what is asked, for people", required());
  v("x", o.x, "metric of the horizontal axis", required());
  v("x_when", o.x_when, "conditions on the rows that have it, such as evaluation=test");
  v("y", o.y, "metric of the vertical axis", required());
  v("y_when", o.y_when, "conditions on the rows that have it");
  v("within", o.within, "axes: the correlation is also told within runs that share their values");
}

void describe(Visitor& v, StudyOptions& o) {
  v("name", o.name, "of the study; empty: that of the file");
  v("title", o.title, "for people");
  v("recipe", o.recipe, "recipe that all runs start from: a file beside the study, or a built-in name", required());
  v("set", o.set, "options of the recipe for all runs");
  v("over", o.over, "axis that is averaged over, and that pairs are made by");
  v("metrics", o.metrics, "metrics of the table, in this order; empty: all that were measured");
  v("keep", o.keep, "what stays of a run when it is measured");
  v.list("axes", o.axes, "what is varied; the first varies slowest");
  v.list("settings", o.settings, "options that come with a combination of values");
  v.list("evaluations", o.evaluations, "what is measured; without any, the test set");
  v.list("exclude", o.exclude, "combinations that are left out");
  v.list("methods", o.methods, "names for groups of rows");
  v.list("published", o.published, "values to compare with");
  v.list("compare", o.compare, "tests between groups");
  v.list("relate", o.relate, "two metrics of the same runs against each other");
  v.list("tables", o.tables, "tables for a page (study table --page)");
}

Study load_study(const std::string& source, const fs::path& out, const std::vector<std::string>& set) {
  Study study;
  study.file = fs::absolute(study_file(source)).lexically_normal();
  const std::string name = study.file.filename().string();
  const bool named = name.ends_with(kEnding);
  const std::string stem =
      named ? name.substr(0, name.size() - std::string(kEnding).size()) : study.file.parent_path().filename().string();
  study.folder = !out.empty() ? fs::absolute(out).lexically_normal()
                 : named      ? study.file.parent_path() / stem
                              : study.file.parent_path();
  StudyOptions& o = study.options;
  read_toml_file(described(o), study.file);
  with_context(study.file.string(), [&] {
    check_study(o);
    detail::anchor(o, study.file.parent_path());
    for (const EvaluationPlan& e : o.evaluations) check_measure(e);
  });
  o.set.insert(o.set.end(), set.begin(), set.end());
  if (o.name.empty()) o.name = stem;
  if (o.title.empty()) o.title = o.name;
  return study;
}

std::vector<std::string> studies_of(const std::string& source) {
  if (!fs::is_directory(source) || fs::exists(fs::path(source) / "study.toml")) return {source};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(source))
    if (entry.is_regular_file() && entry.path().filename().string().ends_with(kEnding)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files.empty() ? std::vector{source} : files;
}

}  // namespace basewise::study
