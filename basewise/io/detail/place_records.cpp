#include "basewise/io/detail/place_records.h"

#include <map>
#include <optional>

#include "basewise/seq/chrom_match.h"

namespace basewise::io::detail {

PlacedIntervals place_intervals(std::vector<seq::Interval> intervals, const seq::ChromSizes& sizes, const std::string& file,
                                ReadReport& report) {
  std::map<std::string, std::size_t, std::less<>> numbers;
  std::vector<std::string> names;
  std::vector<std::size_t> of(intervals.size());
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto [at, fresh] = numbers.emplace(intervals[i].chrom, names.size());
    if (fresh) names.push_back(intervals[i].chrom);
    of[i] = at->second;
  }
  const seq::NameMatch match = seq::match_names(sizes, names, file);
  PlacedIntervals placed{std::move(intervals), std::vector<bool>(of.size())};
  std::int64_t left_out = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto& place = match.places[of[i]];
    placed.used[i] = place.has_value();
    left_out += place ? 0 : 1;
    if (place) placed.intervals[i].chrom = sizes[*place].name;
  }
  if (left_out > 0 && left_out == std::ssize(of)) throw DataError(sizes.missing_text(match.unmatched, file));
  if (!match.translated.empty()) report.remarks.push_back(match.translated);
  if (left_out == 0) return placed;
  report.remarks.push_back(
      format("{} of {} lie on sequences that are not used and were left out: {}", left_out, of.size(), match.left_out));
  report.skip("on a sequence that is not used", left_out);
  report.records -= left_out;
  return placed;
}

}  // namespace basewise::io::detail
