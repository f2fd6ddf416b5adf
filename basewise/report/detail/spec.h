// Vega-Lite and Vega specifications of the kinds of figures, without data. The page sets the signals ink, muted, faint, surface, accent,
// contrast and letter_colors where a specification declares them. Texts from files are only data, domains and titles, never expressions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

struct Axis {
  std::string field;
  std::string title;
  std::string format = ".4~g";      ///< of tooltips
  std::vector<double> domain = {};  ///< two ends; empty: of the data
  bool whole = false;               ///< ticks at whole numbers only
  bool log = false;
};

/// Lines over a quantitative x from the table "curve" (fields run, series, order and both axes): one line per run and series. With several
/// runs colour is the run and the dash the series.
struct CurveSpec {
  Axis x;
  Axis y;
  std::vector<std::string> runs;
  std::vector<std::string> series;
  int height = 240;
  bool points = false;     ///< mark the points
  bool reference = false;  ///< a dashed line from the table "reference", which has the fields of both axes
  bool intervals = false;  ///< vertical lines from field "low" to field "high"
};
Json curve_spec(const CurveSpec& spec);

/// Dots with intervals, one row per name: table "values" (run, name, value, low, high), ticks of table "references" (name, label, value).
Json intervals_spec(const std::string& title, const std::vector<std::string>& runs);

/// A study: a row per name with a dot per seed, the mean with its interval. Tables "seeds" (run, name, seed, value), "means" (run, name,
/// n, mean, low, high) and, if asked for, "published" (run, name, published, sd, from, to), "bounds" and "zero" (value).
struct DotsSpec {
  std::string value_title;
  std::string over_title = "seed";
  std::vector<std::string> rows;
  bool zero = false;       ///< a line at a value
  bool published = false;  ///< there are published values
  bool bounds = false;     ///< grey ticks at the values of table "bounds" (run, name, label, value)
};
Json dots_spec(const DotsSpec& spec);

/// Means with intervals along a number that is varied, a line per run; tables "seeds" (run, x, seed, value) and "means" (run, x, n, mean,
/// low, high).
struct TrendSpec {
  std::string x_title;
  std::string value_title;
  std::string over_title = "seed";
  std::vector<std::string> runs;
  std::vector<double> ticks;
  bool log = false;
};
Json trend_spec(const TrendSpec& spec);

/// Stacked horizontal bars: table "counts" (name, part, value, order).
Json parts_spec(const std::string& value_title, const std::vector<std::string>& parts);

/// Stacked bars per epoch: table "time" (run, epoch, part, value, order).
Json epochs_spec(const std::string& value_title, const std::vector<std::string>& runs, const std::vector<std::string>& parts);

/// Counts on a grid: table "cells" (x, x2, y, y2, count), diagonal of table "reference" (x, y).
Json density_spec(const std::string& x_title, const std::string& y_title);

/// A sequence logo: table "letters" (position, letter, height; negative: below the axis). Letter heights are the numbers.
struct LogoSpec {
  std::string y_title;
  std::string x_title = "position";
  std::int64_t first = 1;
  std::int64_t last = 1;
  double low = 0;  ///< of the axis
  double high = 1;
  int height = 120;
};
Json logo_spec(const LogoSpec& spec);

/// Tracks along a stretch: tables "rows" (row, title, low, high), "signals" (run, row, role, strand, start, bin, mean[], high[]), "genes"
/// (start, end, strand, name, lane) and "sites" (start, end, strand, name, kind).
struct TracksSpec {
  std::int64_t start = 0;
  std::int64_t end = 1;
  std::string x_title;
  int rows = 1;
  int lanes = 1;
  std::vector<std::string> roles;
  std::vector<std::string> kinds;
  std::int64_t coarsest = 1;  ///< bin of the coarsest zoom level
};
Json tracks_spec(const TracksSpec& spec);

}  // namespace basewise::report::detail
