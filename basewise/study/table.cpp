#include "basewise/study/table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "basewise/run/measure.h"
#include "basewise/study/configuration.h"
#include "basewise/study/plan.h"

namespace basewise::study {
namespace {

bool is(const std::string& label, RowName name) { return find_choice<RowName>(label) == name; }

std::optional<double> median(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return std::nullopt;
  return metrics::summarise(values, {.replicates = 1}).median;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr const char* kBounds[] = {"ceiling", "floor"};

/// "jsd" of "counts" with a bound: "counts.ceiling.jsd".
std::string bound_name(const std::string& bound, const std::string& metric) {
  const auto dot = metric.rfind('.', metric.find(':'));
  return dot == std::string::npos ? format("{}.{}", bound, metric)
                                  : format("{}.{}.{}", metric.substr(0, dot), bound, metric.substr(dot + 1));
}

bool is_bound(const std::string& metric) {
  return std::any_of(std::begin(kBounds), std::end(kBounds), [&](const std::string bound) {
    return metric.starts_with(bound + ".") || metric.find("." + bound + ".") != std::string::npos;
  });
}

/// A group while its rows are gathered.
struct Gathering {
  Group group;
  std::vector<std::pair<std::string, const Row*>> rows;  ///< by seed; null: missing
};

class TableMaker {
 public:
  explicit TableMaker(const Study& study)
      : study_(study), options_(study.options), record_(study), configurations_(study) {
    make_plan(study, {});  // collects
    record_ = Record::read(study, study.record());
    table_.name = options_.name;
    table_.title = options_.title;
    table_.over = options_.over;
    table_.axes = options_.axes;
    table_.evaluations = options_.evaluations;
  }

  StudyTable make() {
    gather();
    choose_metrics();
    std::stable_sort(gathered_.begin(), gathered_.end(),
                     [&](const Gathering& a, const Gathering& b) { return order(a) < order(b); });
    for (Gathering& g : gathered_) table_.groups.push_back(finish(g));
    for (const Comparison& c : options_.compare) compare(c);
    note();
    return std::move(table_);
  }

 private:
  void gather() {
    std::map<std::string, std::size_t> index;
    std::set<const Row*> known;
    for (const Run& run : expand(study_))
      for (const Measurement& m : run.measurements) {
        Labels all = labels(study_, run, m);
        const std::string* over = find_label(all, options_.over);
        const std::string seed = over ? *over : run.name;
        std::erase_if(all, [&](const auto& l) { return l.first == options_.over || is(l.first, RowName::run); });
        std::string key;
        for (const auto& [name, value] : all) key += value + "\t";
        const auto [place, is_new] = index.try_emplace(key, gathered_.size());
        if (is_new) gathered_.push_back({.group = new_group(all), .rows = {}});
        const Row* row = record_.find(run, m);
        if (row) known.insert(row);
        const bool fits = row && row->hash == configurations_.row(run, m);
        ++table_.rows_expected;
        table_.rows_present += fits;
        table_.rows_stale += row && !fits;
        gathered_[place->second].rows.emplace_back(seed, fits ? row : nullptr);
      }
    table_.rows_unknown = static_cast<std::int64_t>(record_.rows().size() - known.size());
  }

  /// Methods in the order of the file, what is none behind them.
  std::size_t order(const Gathering& g) const {
    const std::string& method = g.group.label("method");
    const auto found = std::find_if(options_.methods.begin(), options_.methods.end(),
                                    [&](const Method& m) { return m.name == method; });
    return static_cast<std::size_t>(found - options_.methods.begin());
  }

  /// Names and what they leave out.
  Group new_group(const Labels& all) const {
    Group group;
    group.labels = all;
    std::set<std::string> told = {"evaluation", "split", "weights", "method"};
    const std::string* method = find_label(all, "method");
    const auto found = std::find_if(options_.methods.begin(), options_.methods.end(),
                                    [&](const Method& m) { return method && m.name == *method; });
    if (found != options_.methods.end()) {
      group.name = found->name;
      group.title = found->title.empty() ? found->name : found->title;
      for (const Condition& c : parse_conditions(found->when))
        if (!c.negated && c.values.size() == 1) told.insert(c.key);
    } else {
      std::vector<std::string> parts;
      for (const Axis& axis : options_.axes)
        if (const std::string* value = find_label(all, axis.name);
            value && axis.values.size() > 1 && axis.key.empty()) {
          parts.push_back(*value);
          told.insert(axis.name);
        }
      if (options_.evaluations.size() > 1) parts.push_back(*find_label(all, "evaluation"));
      group.title = group.name = parts.empty() ? options_.name : format("{}", fmt::join(parts, ", "));
    }
    for (const Axis& axis : options_.axes) {
      const std::string* value = find_label(all, axis.name);
      if (value && axis.values.size() > 1 && !told.contains(axis.name))
        group.variant += format("{}{} {}", group.variant.empty() ? "" : ", ", axis.name, *value);
    }
    return group;
  }

  void choose_metrics() {
    table_.metrics = options_.metrics;
    if (table_.metrics.empty()) {
      std::set<std::string> seen;
      for (const Gathering& g : gathered_)
        for (const auto& [seed, row] : g.rows)
          if (row)
            for (const auto& [name, value] : row->metrics)
              if (!is_bound(name)) seen.insert(name);
      table_.metrics.assign(seen.begin(), seen.end());
    }
    for (const std::string& metric : table_.metrics) with_context("metrics", [&] { run::measured_higher_is_better(metric); });
  }

  Group finish(const Gathering& g) const {
    Group group = g.group;
    std::vector<double> seconds, epochs;
    for (const auto& [seed, row] : g.rows) {
      group.expected.push_back(seed);
      if (!row) {
        group.missing.push_back(seed);
        continue;
      }
      seconds.push_back(number_of(row->facts, "train_seconds"));
      epochs.push_back(number_of(row->facts, "epochs"));
      const auto parameters = row->facts.find("parameters");
      if (parameters != row->facts.end()) group.parameters = parameters->second;
    }
    group.train_seconds = median(seconds);
    group.epochs = median(epochs);
    for (const std::string& metric : table_.metrics) group.metrics.push_back(summary(metric, g));
    return group;
  }

  GroupMetric summary(const std::string& metric, const Gathering& g) const {
    GroupMetric result{.metric = metric};
    std::vector<double> defined;
    for (const auto& [seed, row] : g.rows) {
      if (!row) continue;
      const double value = number_of(row->metrics, metric);
      result.values.emplace_back(seed, value);
      if (std::isfinite(value)) defined.push_back(value);
    }
    result.summary = metrics::summarise(defined, {.replicates = 10000, .confidence = table_.confidence});
    for (const char* bound : kBounds) {
      std::vector<double> values;
      for (const auto& [seed, row] : g.rows)
        if (const double value = row ? number_of(row->metrics, bound_name(bound, metric)) : std::nan("");
            std::isfinite(value))
          values.push_back(value);
      if (!values.empty()) result.bounds.emplace_back(bound, metrics::summarise(values, {.replicates = 1}).mean);
    }
    for (const Published& p : options_.published) {
      if (!all_hold(parse_conditions(p.when), g.group.labels)) continue;
      for (const std::string& text : p.values)
        if (PublishedValue value = parse_published(text); value.metric == metric) {
          result.published = std::move(value);
          result.source = p.source;
        }
    }
    return result;
  }

  using Side = std::vector<const Group*>;
  using Pair = std::pair<const Group*, const Group*>;

  Side side(const std::vector<std::string>& when) const {
    Side groups;
    for (const Group& group : table_.groups)
      if (all_hold(parse_conditions(when), group.labels)) groups.push_back(&group);
    return groups;
  }

  static std::set<std::string> values_of(const Side& side, const std::string& key) {
    std::set<std::string> values;
    for (const Group* group : side) values.insert(group->label(key.c_str()));
    return values;
  }

  /// Labels that a pair shares: all that the conditions leave open on one side at least.
  std::vector<std::string> shared_keys(const Side& a, const Side& b) const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : table_.groups.front().labels)
      if (!is(key, RowName::method) && (values_of(a, key).size() > 1 || values_of(b, key).size() > 1)) keys.push_back(key);
    return keys;
  }

  void compare(const Comparison& c) {
    const Side a = side(c.a), b = side(c.b);
    if (a.empty() || b.empty()) {
      table_.notes.push_back(format("compare '{}': nothing of the study fits its {}", c.name, a.empty() ? "a" : "b"));
      return;
    }
    const std::vector<std::string> keys = shared_keys(a, b);
    const auto key_of = [&](const Group& group) {
      Labels shared;
      for (const std::string& key : keys) shared.emplace_back(key, group.label(key.c_str()));
      return shared;
    };
    std::vector<std::pair<Labels, std::vector<Pair>>> tests;
    for (const Group* left : a)
      for (const Group* right : b) {
        if (key_of(*left) != key_of(*right) || left == right) continue;
        const auto twin = [&](const Side& side, const Group* self) {
          return std::any_of(side.begin(), side.end(),
                             [&](const Group* g) { return g != self && key_of(*g) == key_of(*self); });
        };
        if (twin(a, left) || twin(b, right))
          throw ArgumentError(
              format("compare '{}': several groups fit one side ({}); say more in a and b", c.name, left->name));
        Labels shared = pooled(c, key_of(*left));
        auto test = std::find_if(tests.begin(), tests.end(), [&](const auto& t) { return t.first == shared; });
        if (test == tests.end()) test = tests.insert(tests.end(), {std::move(shared), {}});
        test->second.emplace_back(left, right);
      }
    for (const auto& [shared, pairs] : tests)
      for (const std::string& metric : c.metrics.empty() ? table_.metrics : c.metrics)
        table_.comparisons.push_back(test(c, metric, pairs, shared));
  }

  static const GroupMetric& find(const Group& group, const std::string& metric, const std::string& where) {
    for (const GroupMetric& m : group.metrics)
      if (m.metric == metric) return m;
    throw ArgumentError(format("compare '{}': '{}' is no metric of the table", where, metric));
  }

  /// Labels of one test: "all" stands for the values of axes that it takes together.
  static Labels pooled(const Comparison& c, Labels labels) {
    for (auto& [key, value] : labels)
      if (contains(c.pool, key)) value = "all";
    return labels;
  }

  ComparisonResult test(const Comparison& c, const std::string& metric, const std::vector<Pair>& pairs,
                        const Labels& shared) const {
    const Group a = new_group(pooled(c, pairs.front().first->labels)),
                b = new_group(pooled(c, pairs.front().second->labels));
    ComparisonResult result{.name = c.name, .metric = metric, .a = a.name, .b = b.name, .where = {}, .shared = shared};
    const auto full = [](const Group& g) { return g.variant.empty() ? g.name : format("{} ({})", g.name, g.variant); };
    if (a.name == b.name || a.variant != b.variant) result.a = full(a), result.b = full(b);
    if (a.label("split") == b.label("split")) result.split = a.label("split");
    if (a.label("weights") == b.label("weights")) result.weights = a.label("weights");
    for (const auto& [key, value] : shared)
      result.where += format("{}{} {}", result.where.empty() ? "" : ", ", key, value);
    for (const auto& [left, right] : pairs) {
      std::string from;
      for (const auto& [key, value] : shared)
        if (contains(c.pool, key)) from += left->label(key.c_str()) + " ";
      add_differences(result, find(*left, metric, c.name), find(*right, metric, c.name), from);
    }
    std::vector<double> differences;
    for (const auto& [seed, value] : result.differences) differences.push_back(value);
    result.summary = metrics::summarise(differences, {.replicates = 10000, .confidence = table_.confidence});
    result.test = metrics::wilcoxon_signed_rank(differences);
    return result;
  }

  static void add_differences(ComparisonResult& result, const GroupMetric& left, const GroupMetric& right,
                              const std::string& from) {
    const std::size_t before = result.differences.size();
    for (const auto& [seed, value] : left.values) {
      const auto other =
          std::find_if(right.values.begin(), right.values.end(), [&, s = seed](const auto& p) { return p.first == s; });
      if (other == right.values.end() || !std::isfinite(value) || !std::isfinite(other->second)) continue;
      result.differences.emplace_back(from + seed, value - other->second);
    }
    result.unpaired +=
        static_cast<std::int64_t>(left.values.size() + right.values.size() - 2 * (result.differences.size() - before));
  }

  void note() {
    const std::int64_t missing = table_.rows_expected - table_.rows_present;
    if (missing > 0)
      table_.notes.push_back(
          format("{} of {} rows are missing; `basewise study run` adds them", missing, table_.rows_expected));
    if (table_.rows_stale > 0)
      table_.notes.push_back(
          format("{} rows of the record are of another configuration and not used", table_.rows_stale));
    if (table_.rows_unknown > 0)
      table_.notes.push_back(
          format("{} rows of the record are of runs that the study does not have (any more)", table_.rows_unknown));
  }

  const Study& study_;
  const StudyOptions& options_;
  Record record_;
  Configurations configurations_;
  StudyTable table_;
  std::vector<Gathering> gathered_;
};

}  // namespace

std::optional<double> GroupMetric::difference_in_sd() const {
  if (!published || !published->sd || *published->sd <= 0 || summary.n == 0) return std::nullopt;
  return (summary.mean - published->mean) / *published->sd;
}

const std::string& Group::label(const char* key) const {
  static const std::string kNone;
  const std::string* value = find_label(labels, key);
  return value ? *value : kNone;
}

StudyTable make_table(const Study& study) { return TableMaker(study).make(); }

}  // namespace basewise::study
