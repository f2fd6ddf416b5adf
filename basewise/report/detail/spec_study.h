// Vega-Lite specifications of the figures of a study, without data; see spec_lite.h.
#pragma once

#include <string>
#include <vector>

#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

/// A study: a row per name with a dot per seed, the mean with its interval. Tables "seeds"
/// (run, name, seed, value), "means" (run, name, n, mean, low, high) and, if asked for, "published"
/// (run, name, published, sd, from, to), "bounds" and "zero" (value).
struct DotsSpec {
  std::string value_title;
  std::string over_title = "seed";
  std::vector<std::string> rows;
  bool zero = false;       ///< a line at a value
  bool published = false;  ///< there are published values
  bool bounds = false;     ///< grey ticks at the values of table "bounds" (run, name, label, value)
};
Json dots_spec(const DotsSpec& spec);

/// Means with intervals along a number that is varied, a line per run; tables "seeds"
/// (run, x, seed, value) and "means" (run, x, n, mean, low, high).
struct TrendSpec {
  std::string x_title;
  std::string value_title;
  std::string over_title = "seed";
  std::vector<std::string> runs;
  std::vector<double> ticks;
  bool log = false;
};
Json trend_spec(const TrendSpec& spec);

/// Two metrics of runs against each other; table "runs" (group, name, x, y).
struct RelationSpec {
  std::string x_title;
  std::string y_title;
  bool groups = false;  ///< colours tell groups
};
Json relation_spec(const RelationSpec& spec);

}  // namespace basewise::report::detail
