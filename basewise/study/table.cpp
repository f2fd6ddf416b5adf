#include "basewise/study/table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "basewise/run/measure.h"
#include "basewise/study/configuration.h"
#include "basewise/study/detail/bounds.h"
#include "basewise/study/detail/comparisons.h"
#include "basewise/study/detail/relations.h"
#include "basewise/study/plan.h"

namespace basewise::study {
namespace {

bool is(const std::string& label, RowName name) { return find_choice<RowName>(label) == name; }

std::optional<double> median(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return std::nullopt;
  return metrics::summarise(values, {.replicates = 1}).median;
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
    for (const Comparison& c : options_.compare)
      detail::compare(table_, c, [this](const Labels& labels) { return new_group(labels); });
    for (const Relation& r : options_.relate) {
      table_.relations.push_back(detail::relation(study_, r, record_, configurations_, table_.confidence));
      for (std::string& line : detail::unknown_sides(study_, r, record_, configurations_)) table_.notes.push_back(std::move(line));
    }
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
        if (fits)
          for (const auto& [name, value] : row->metrics) evaluations_of_[name].insert(m.evaluation);
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
              if (!detail::is_bound(name)) seen.insert(name);
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
    for (const std::string& metric : table_.metrics) {
      GroupMetric m = summary(metric, g);
      if (m.published || is_of(metric, group.label("evaluation"))) group.metrics.push_back(std::move(m));
    }
    return group;
  }

  /// Whether an evaluation has a metric: any row of it does, or no row of any other.
  bool is_of(const std::string& metric, const std::string& evaluation) const {
    const auto known = evaluations_of_.find(metric);
    return known == evaluations_of_.end() || known->second.contains(evaluation);
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
    for (const char* bound : detail::kBounds) {
      std::vector<double> values;
      for (const auto& [seed, row] : g.rows)
        if (const double value = row ? number_of(row->metrics, detail::bound_name(bound, metric)) : std::nan("");
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
  std::map<std::string, std::set<std::string>> evaluations_of_;  ///< that have a metric
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
