// Vega specification of tracks, without data; see spec_lite.h.
#pragma once

#include <string>
#include <vector>

#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

/// Tracks along a stretch: tables "rows" (row, title, low, high), "signals" (run, row, role,
/// strand, start, bin, mean[], high[]), "genes" (start, end, strand, name, lane) and "sites"
/// (start, end, strand, name, kind).
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
