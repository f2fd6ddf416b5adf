#include "basewise/seq/interval.h"

#include <algorithm>
#include <charconv>

namespace basewise::seq {
namespace {

// Digits with commas between them; a number that does not fit or any other character gives -1.
std::int64_t parse_position(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && i > 0 && i + 1 < text.size()) continue;
    digits += text[i];
  }
  std::int64_t value = -1;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc() || end != digits.data() + digits.size()) return -1;
  return value;
}

[[noreturn]] void refuse_text(std::string_view text, std::string_view why) {
  throw DataError(
      format("\"{}\" is no interval: {}; expected chr:start-end, 1-based and inclusive, as in chr1:101-200 or chr1:101-200(+)", text, why));
}

}  // namespace

std::optional<Strand> find_strand(std::string_view text) {
  for (const Strand strand : {Strand::forward, Strand::reverse, Strand::none})
    if (text.size() == 1 && text.front() == to_char(strand)) return strand;
  return std::nullopt;
}

Interval make_interval(std::string chrom, std::int64_t start, std::int64_t end, Strand strand) {
  if (chrom.empty()) throw ArgumentError(format("interval [{}, {}) has no chromosome name", start, end));
  if (start < 0) throw ArgumentError(format("interval {} [{}, {}): the start is negative", chrom, start, end));
  if (end < start) throw ArgumentError(format("interval {} [{}, {}): the end lies before the start", chrom, start, end));
  return Interval{std::move(chrom), start, end, strand};
}

Interval resize(const Interval& interval, std::int64_t width) { return window(interval.chrom, interval.centre(), width, interval.strand); }

Interval window(std::string chrom, std::int64_t centre, std::int64_t width, Strand strand) {
  if (width < 0) throw ArgumentError(format("a window of {} bases around {}:{}; expected a width of at least 0", width, chrom, centre + 1));
  const std::int64_t start = centre - width / 2;
  return Interval{std::move(chrom), start, start + width, strand};
}

Interval shift(Interval interval, std::int64_t offset) {
  interval.start += offset;
  interval.end += offset;
  return interval;
}

std::string to_string(const Interval& interval) {
  const std::string place = format("{}:{}-{}", interval.chrom, interval.start + 1, interval.end);
  return interval.strand == Strand::none ? place : format("{}({})", place, to_char(interval.strand));
}

Interval parse_interval(std::string_view text) {
  std::string_view rest = text;
  Interval result;
  if (rest.size() > 3 && rest.back() == ')' && rest[rest.size() - 3] == '(') {
    const auto strand = find_strand(rest.substr(rest.size() - 2, 1));
    if (!strand) refuse_text(text, format("strand '{}'", rest[rest.size() - 2]));
    result.strand = *strand;
    rest.remove_suffix(3);
  }
  const auto colon = rest.rfind(':');  // names may hold colons themselves (HLA-A*01:01)
  if (colon == std::string_view::npos || colon == 0) refuse_text(text, "no chromosome name before a colon");
  result.chrom = std::string(rest.substr(0, colon));
  rest.remove_prefix(colon + 1);
  const auto dash = rest.find('-');
  const std::int64_t first = parse_position(rest.substr(0, dash));
  const std::int64_t last = dash == std::string_view::npos ? first : parse_position(rest.substr(dash + 1));
  if (first < 1) refuse_text(text, "the start is not a number of at least 1");
  if (last < 0) refuse_text(text, "the end is not a number");
  if (last < first - 1) refuse_text(text, "the end lies before the start");
  result.start = first - 1;
  result.end = last;
  return result;
}

std::vector<Interval> merge(std::vector<Interval> intervals, std::int64_t gap, bool stranded) {
  std::erase_if(intervals, [](const Interval& i) { return i.length() <= 0; });
  std::sort(intervals.begin(), intervals.end(), [stranded](const Interval& a, const Interval& b) {
    if (a.chrom != b.chrom) return a.chrom < b.chrom;
    if (stranded && a.strand != b.strand) return a.strand < b.strand;
    return std::pair(a.start, a.end) < std::pair(b.start, b.end);
  });
  std::vector<Interval> merged;
  for (Interval& next : intervals) {
    const bool joins = !merged.empty() && merged.back().chrom == next.chrom && next.start - merged.back().end <= gap &&
                       (!stranded || merged.back().strand == next.strand);
    if (!joins) {
      merged.push_back(std::move(next));
      continue;
    }
    Interval& last = merged.back();
    last.end = std::max(last.end, next.end);
    if (last.strand != next.strand) last.strand = Strand::none;
  }
  if (stranded) std::sort(merged.begin(), merged.end());
  return merged;
}

std::vector<Interval> subtract(const std::vector<Interval>& from, const std::vector<Interval>& what) {
  std::map<std::string, std::vector<Interval>, std::less<>> holes;
  for (Interval& hole : merge(what)) holes[hole.chrom].push_back(std::move(hole));
  std::vector<Interval> left;
  for (const Interval& whole : from) {
    Interval rest = whole;
    if (const auto found = holes.find(whole.chrom); found != holes.end()) {
      const auto& list = found->second;
      auto hole = std::partition_point(list.begin(), list.end(), [&](const Interval& h) { return h.end <= whole.start; });
      for (; hole != list.end() && hole->start < whole.end; ++hole) {
        if (hole->start > rest.start) left.push_back(Interval{whole.chrom, rest.start, hole->start, whole.strand});
        rest.start = std::min(std::max(rest.start, hole->end), rest.end);
      }
    }
    if (rest.length() > 0) left.push_back(std::move(rest));
  }
  return left;
}

std::int64_t total_length(const std::vector<Interval>& intervals) {
  std::int64_t sum = 0;
  for (const Interval& i : intervals) sum += i.length();
  return sum;
}

IntervalSet::IntervalSet(const std::vector<Interval>& intervals) {
  for (const Interval& i : merge(intervals)) pieces_[i.chrom].emplace_back(i.start, i.end);
}

std::int64_t IntervalSet::covered(const Interval& interval) const {
  const auto found = pieces_.find(interval.chrom);
  if (found == pieces_.end()) return 0;
  const auto& list = found->second;
  auto piece = std::partition_point(list.begin(), list.end(), [&](const Piece& p) { return p.second <= interval.start; });
  std::int64_t sum = 0;
  for (; piece != list.end() && piece->first < interval.end; ++piece) {
    sum += std::min(piece->second, interval.end) - std::max(piece->first, interval.start);
  }
  return sum;
}

bool IntervalSet::contains(std::string_view chrom, std::int64_t position) const {
  return covered(Interval{std::string(chrom), position, position + 1, Strand::none}) == 1;
}

std::vector<Interval> IntervalSet::intervals() const {
  std::vector<Interval> all;
  for (const auto& [chrom, list] : pieces_) {
    for (const Piece& p : list) all.push_back(Interval{chrom, p.first, p.second, Strand::none});
  }
  return all;
}

std::int64_t IntervalSet::total_length() const { return seq::total_length(intervals()); }

}  // namespace basewise::seq
