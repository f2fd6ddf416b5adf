// Vega specification of rows of letters under each other, without data; see spec_lite.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

/// One logo. Names are ours, titles may be anybody's.
struct StackRow {
  std::string name;     ///< what the field "row" of its letters holds
  std::string title;    ///< above the row
  std::string y_title;  ///< with its unit
  double low = 0;       ///< of the axis
  double high = 1;
  int height = 56;
};

/// The whole of a sequence above the stretch that is shown.
struct StackTrack {
  std::string title;
  std::string x_title;
  std::string y_title;
  std::int64_t length = 1;
  double low = 0;
  double high = 1;
};

/// Logos that share positions: table "letters" (row, position, letter, height; negative: below the
/// axis). With `track` table "track" (start, end, value), bars along the whole sequence with the
/// shown stretch marked; with `lanes` table "spans" (start, end, name, lane), labelled stretches,
/// both ends part of them; with `heat` table "cells" (position, letter, row, value, there), a cell
/// for each letter, coloured from -heat to heat, a dot where the sequence has it.
struct StackSpec {
  std::string x_title = "position";
  std::int64_t first = 1;
  std::int64_t last = 1;
  std::vector<StackRow> rows;
  std::optional<StackTrack> track = {};
  int lanes = 0;
  std::optional<double> heat = {};
  std::string heat_title = {};
};
Json stack_spec(const StackSpec& spec);

}  // namespace basewise::report::detail
