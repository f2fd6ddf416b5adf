#include "basewise/study/detail/comparisons.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace basewise::study::detail {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void add_finite(std::vector<double>& to, const std::vector<std::pair<std::string, double>>& values) {
  for (const auto& [seed, value] : values)
    if (std::isfinite(value)) to.push_back(value);
}

class Comparer {
 public:
  Comparer(StudyTable& table, const std::function<Group(const Labels&)>& group_of) : table_(table), group_of_(group_of) {}

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
    if (tests.empty())
      table_.notes.push_back(format("compare '{}': no group of a has a partner in b: they are the same, or share nothing else", c.name));
    for (const auto& [shared, pairs] : tests)
      for (const std::string& metric : c.metrics.empty() ? metrics_of(pairs) : c.metrics)
        table_.comparisons.push_back(test(c, metric, pairs, shared));
  }

 private:
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
      if (find_choice<RowName>(key) != RowName::method && (values_of(a, key).size() > 1 || values_of(b, key).size() > 1))
        keys.push_back(key);
    return keys;
  }

  /// Those that all groups of some pairs have.
  std::vector<std::string> metrics_of(const std::vector<Pair>& pairs) const {
    std::vector<std::string> all = table_.metrics;
    const auto has = [](const Group& group, const std::string& metric) {
      return std::any_of(group.metrics.begin(), group.metrics.end(), [&](const GroupMetric& m) { return m.metric == metric; });
    };
    std::erase_if(all, [&](const std::string& metric) {
      return std::any_of(pairs.begin(), pairs.end(),
                         [&](const Pair& p) { return !has(*p.first, metric) || !has(*p.second, metric); });
    });
    return all;
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
    const Group a = group_of_(pooled(c, pairs.front().first->labels)),
                b = group_of_(pooled(c, pairs.front().second->labels));
    ComparisonResult result{.name = c.name, .metric = metric, .a = a.name, .b = b.name, .where = {}, .shared = shared, .by = c.test};
    const auto full = [](const Group& g) { return g.variant.empty() ? g.name : format("{} ({})", g.name, g.variant); };
    if (a.name == b.name || a.variant != b.variant) result.a = full(a), result.b = full(b);
    if (a.label("split") == b.label("split")) result.split = a.label("split");
    if (a.label("weights") == b.label("weights")) result.weights = a.label("weights");
    for (const auto& [key, value] : shared)
      result.where += format("{}{} {}", result.where.empty() ? "" : ", ", key, value);
    std::vector<double> of_a, of_b;
    for (const auto& [left, right] : pairs) {
      add_finite(of_a, find(*left, metric, c.name).values);
      add_finite(of_b, find(*right, metric, c.name).values);
      std::string from;
      for (const auto& [key, value] : shared)
        if (contains(c.pool, key)) from += left->label(key.c_str()) + " ";
      add_differences(result, find(*left, metric, c.name), find(*right, metric, c.name), from);
    }
    std::vector<double> differences;
    for (const auto& [seed, value] : result.differences) differences.push_back(value);
    result.summary = metrics::summarise(differences, {.replicates = 10000, .confidence = table_.confidence});
    if (c.test == ComparisonTest::wilcoxon)
      result.test = metrics::wilcoxon_signed_rank(differences);
    else
      result.t_test = c.test == ComparisonTest::student ? metrics::student_t_test(of_a, of_b) : metrics::welch_t_test(of_a, of_b);
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

  StudyTable& table_;
  const std::function<Group(const Labels&)>& group_of_;
};

}  // namespace

void compare(StudyTable& table, const Comparison& c, const std::function<Group(const Labels&)>& group_of) {
  Comparer(table, group_of).compare(c);
}

}  // namespace basewise::study::detail
