// Places on a genome: 0-based and half-open everywhere;
// only the text form "chr:start-end" is 1-based and inclusive.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::seq {

/// The strand of a feature; `none` is '.', not stranded or not known.
enum class Strand : char { forward = '+', reverse = '-', none = '.' };

constexpr char to_char(Strand strand) { return static_cast<char>(strand); }

/// The strand that a column says with "+", "-" or "."; nothing for another text.
std::optional<Strand> find_strand(std::string_view text);

/// The other strand; `none` stays.
constexpr Strand opposite(Strand strand) {
  return strand == Strand::forward ? Strand::reverse : strand == Strand::reverse ? Strand::forward : Strand::none;
}

/// [start, end) on a chromosome, 0-based half-open. A plain value:
/// `make_interval` checks, the braces do not.
struct Interval {
  std::string chrom;
  std::int64_t start = 0;
  std::int64_t end = 0;
  Strand strand = Strand::none;

  std::int64_t length() const { return end - start; }

  /// start + length / 2, rounded down: the base right of the middle for an even length,
  /// the middle base for an odd one.
  std::int64_t centre() const { return start + (end - start) / 2; }

  bool contains(std::int64_t position) const { return start <= position && position < end; }
  bool contains(const Interval& other) const { return chrom == other.chrom && start <= other.start && other.end <= end; }

  /// At least one base in common; strands are not looked at.
  bool overlaps(const Interval& other) const { return chrom == other.chrom && start < other.end && other.start < end; }

  friend auto operator<=>(const Interval&, const Interval&) = default;
};

/// Errors: ArgumentError for an empty name, start < 0 or end < start. An empty interval
/// (start = end) is allowed.
Interval make_interval(std::string chrom, std::int64_t start, std::int64_t end, Strand strand = Strand::none);

/// An interval of `width` bases around a centre: [centre - width / 2, centre - width / 2 + width),
/// so that for an even width it is [centre - width / 2, centre + width / 2) and the centre is the
/// first base of its right half. Resizing to the own length changes nothing. The start may become
/// negative: `ChromSizes::check` or padding decides.
/// Errors: ArgumentError for a negative width.
Interval resize(const Interval& interval, std::int64_t width);
Interval window(std::string chrom, std::int64_t centre, std::int64_t width, Strand strand = Strand::none);

/// Moved by `offset` bases to the right.
Interval shift(Interval interval, std::int64_t offset);

/// Text is 1-based and inclusive: "chr1:101-200" is [100, 200); a strand follows as
/// "chr1:101-200(+)"; "chr1:101" is one base. An empty interval [100, 100) is written
/// "chr1:101-100".
std::string to_string(const Interval& interval);

/// Reads what `to_string` writes; commas between digits are allowed.
/// Errors: DataError that shows the text and the expected form.
Interval parse_interval(std::string_view text);

/// Sorted and joined where they overlap or lie at most `gap` bases apart (0: touching ones join
/// too). The strand is kept where all joined ones agree, else none; with `stranded`, strands are
/// merged apart. Empty intervals are left out.
std::vector<Interval> merge(std::vector<Interval> intervals, std::int64_t gap = 0, bool stranded = false);

/// The parts of `from` that no interval of `what` covers, in the order of `from`,
/// strands of `from` kept and not compared.
std::vector<Interval> subtract(const std::vector<Interval>& from, const std::vector<Interval>& what);

/// Sum of the lengths; bases covered twice count twice (merge first to count them once).
std::int64_t total_length(const std::vector<Interval>& intervals);

/// A set of positions for fast questions: merged, unstranded.
class IntervalSet {
 public:
  IntervalSet() = default;
  explicit IntervalSet(const std::vector<Interval>& intervals);

  /// At least one base in common.
  bool overlaps(const Interval& interval) const { return covered(interval) > 0; }

  /// Bases of `interval` that lie in the set.
  std::int64_t covered(const Interval& interval) const;
  bool contains(std::string_view chrom, std::int64_t position) const;

  /// Merged intervals, sorted.
  std::vector<Interval> intervals() const;
  std::int64_t total_length() const;
  bool empty() const { return pieces_.empty(); }

 private:
  using Piece = std::pair<std::int64_t, std::int64_t>;
  std::map<std::string, std::vector<Piece>, std::less<>> pieces_;
};

}  // namespace basewise::seq
