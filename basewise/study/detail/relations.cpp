#include "basewise/study/detail/relations.h"

#include <cmath>
#include <map>
#include <set>

#include "basewise/metrics/regression.h"

namespace basewise::study::detail {
namespace {

/// The number of one side; NaN where the run has none.
double value_of(const Study& study, const Run& run, const std::string& metric, const std::vector<std::string>& when,
                const Relation& asked, const Record& record, Configurations& configurations) {
  const std::vector<Condition> conditions = parse_conditions(when);
  double value = std::nan("");
  for (const Measurement& m : run.measurements) {
    if (!all_hold(conditions, labels(study, run, m))) continue;
    const Row* row = record.find(run, m);
    if (row == nullptr || !row->metrics.contains(metric) || row->hash != configurations.row(run, m)) continue;
    if (!std::isnan(value))
      throw ArgumentError(format("relate '{}': several rows of {} have {}; say more in its conditions", asked.name, run.name, metric));
    value = number_of(row->metrics, metric);
  }
  return value;
}

/// Values of the axes that `within` names.
std::string group_of(const Study& study, const Run& run, const std::vector<std::string>& within) {
  const Labels all = labels(study, run);
  std::string name;
  for (const std::string& axis : within)
    if (const std::string* value = find_label(all, axis)) name += (name.empty() ? "" : ", ") + *value;
  return name;
}

using Weights = std::span<const std::uint32_t>;

/// Rank correlations of points that count so often: of all, and the mean over groups by size.
class Ranks {
 public:
  explicit Ranks(const std::vector<RelationPoint>& points) : points_(points) {
    for (std::size_t i = 0; i < points.size(); ++i) groups_[points[i].group].push_back(i);
    for (std::size_t i = 0; i < points.size(); ++i) all_.push_back(i);
  }

  metrics::MetricResult across(Weights weights) const { return of(all_, weights); }

  metrics::MetricResult within(Weights weights) const {
    double sum = 0, size = 0;
    for (const auto& [name, members] : groups_) {
      const metrics::MetricResult one = of(members, weights);
      if (!one.defined()) continue;
      for (const std::size_t i : members) {
        sum += one.value * weights[i];
        size += weights[i];
      }
    }
    return size > 0 ? metrics::MetricResult::of(sum / size) : metrics::MetricResult::undefined("no group has two different points");
  }

 private:
  metrics::MetricResult of(const std::vector<std::size_t>& members, Weights weights) const {
    std::vector<float> x, y, w;
    for (const std::size_t i : members) {
      x.push_back(static_cast<float>(points_[i].x));
      y.push_back(static_cast<float>(points_[i].y));
      w.push_back(static_cast<float>(weights[i]));
    }
    if (x.empty()) return metrics::MetricResult::undefined("no points");
    return metrics::spearman(x, y, w);
  }

  const std::vector<RelationPoint>& points_;
  std::map<std::string, std::vector<std::size_t>> groups_;
  std::vector<std::size_t> all_;
};

}  // namespace

RelationResult relation(const Study& study, const Relation& asked, const Record& record, Configurations& configurations,
                        double confidence) {
  RelationResult result{.name = asked.name, .x = asked.x, .y = asked.y, .within_axes = asked.within};
  for (const Run& run : expand(study)) {
    const double x = value_of(study, run, asked.x, asked.x_when, asked, record, configurations),
                 y = value_of(study, run, asked.y, asked.y_when, asked, record, configurations);
    if (std::isfinite(x) && std::isfinite(y))
      result.points.push_back({.run = run.name, .group = group_of(study, run, asked.within), .x = x, .y = y});
  }
  const Ranks ranks(result.points);
  const std::vector<std::uint32_t> once(result.points.size(), 1);
  const metrics::BootstrapOptions options{.replicates = 10000, .confidence = confidence};
  const auto units = static_cast<std::int64_t>(result.points.size());
  const auto fill = [&](RankCorrelation& to, auto statistic) {
    to.value = statistic(Weights(once)).value;
    if (units > 1) to.interval = metrics::bootstrap(units, statistic, options);
  };
  fill(result.across, [&](Weights w) { return ranks.across(w); });
  if (!asked.within.empty()) fill(result.within, [&](Weights w) { return ranks.within(w); });
  return result;
}

std::vector<std::string> unknown_sides(const Study& study, const Relation& asked, const Record& record,
                                       Configurations& configurations) {
  std::vector<std::string> lines;
  const auto look = [&](const char* side, const std::string& metric, const std::vector<std::string>& when) {
    const std::vector<Condition> conditions = parse_conditions(when);
    std::set<std::string> known;
    for (const Run& run : expand(study))
      for (const Measurement& m : run.measurements) {
        const Row* row = record.find(run, m);
        if (row == nullptr || !all_hold(conditions, labels(study, run, m)) || row->hash != configurations.row(run, m)) continue;
        for (const auto& [name, value] : row->metrics) known.insert(name);
      }
    if (known.empty() || known.contains(metric)) return;
    const auto near = nearest(metric, std::vector<std::string>(known.begin(), known.end()));
    lines.push_back(format("relate '{}': {}: no row that fits {}_when has '{}'{}", asked.name, side, side, metric,
                           near ? format(" (did you mean '{}'?)", *near) : ""));
  };
  look("x", asked.x, asked.x_when);
  look("y", asked.y, asked.y_when);
  return lines;
}

}  // namespace basewise::study::detail
