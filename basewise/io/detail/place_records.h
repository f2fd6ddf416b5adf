// Records of a file on the sequences of a genome.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/io/read_report.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::io::detail {

/// What the intervals of a file become on a genome.
struct PlacedIntervals {
  std::vector<seq::Interval> intervals;  ///< with names of the genome; as many as there were
  std::vector<bool> used;                ///< whether the genome has their sequence
};

/// Looks up the names of all intervals. What is left out is counted in `report.skipped`; what there
/// is to say of names becomes remarks.
/// Errors: DataError where there are intervals and none is left.
PlacedIntervals place_intervals(std::vector<seq::Interval> intervals, const seq::ChromSizes& sizes, const std::string& file,
                                ReadReport& report);

/// The same for records with `interval` and `line`; those left out are removed, the others checked.
/// Returns how many were left out.
/// Errors also: DataError "file:line: ..." for an interval that does not lie inside its sequence.
template <class Record>
std::int64_t place_records(std::vector<Record>& records, const seq::ChromSizes& sizes, const std::string& file, ReadReport& report) {
  std::vector<seq::Interval> intervals;
  intervals.reserve(records.size());
  for (Record& record : records) intervals.push_back(std::move(record.interval));
  PlacedIntervals placed = place_intervals(std::move(intervals), sizes, file, report);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!placed.used[i]) continue;
    sizes.check(placed.intervals[i], FilePosition{file, records[i].line, 0}.to_string());
    records[i].interval = std::move(placed.intervals[i]);
    if (kept != i) records[kept] = std::move(records[i]);
    ++kept;
  }
  const auto left_out = std::ssize(records) - static_cast<std::ptrdiff_t>(kept);
  records.resize(kept);
  return left_out;
}

}  // namespace basewise::io::detail
