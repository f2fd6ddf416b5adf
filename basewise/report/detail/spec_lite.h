// Vega-Lite specifications of curves, intervals, bars and densities, without data. The page sets
// the signals ink, muted, faint, surface, accent, contrast and letter_colors where a specification
// declares them. Texts from files are only data, domains and titles, never expressions.
#pragma once

#include <string>
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

/// Lines over a quantitative x from the table "curve" (fields run, series, order and both axes):
/// one line per run and series. With several runs colour is the run and the dash the series.
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

/// Dots with intervals, one row per name: table "values" (run, name, value, low, high), ticks of
/// table "references" (name, label, value).
Json intervals_spec(const std::string& title, const std::vector<std::string>& runs);

/// Stacked horizontal bars: table "counts" (name, part, value, order).
Json parts_spec(const std::string& value_title, const std::vector<std::string>& parts);

/// Stacked bars per epoch: table "time" (run, epoch, part, value, order).
Json epochs_spec(const std::string& value_title, const std::vector<std::string>& runs, const std::vector<std::string>& parts);

/// Counts on a grid: table "cells" (x, x2, y, y2, count), diagonal of table "reference" (x, y).
Json density_spec(const std::string& x_title, const std::string& y_title);

}  // namespace basewise::report::detail
