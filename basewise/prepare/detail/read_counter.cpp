#include "basewise/prepare/detail/read_counter.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::prepare::detail {
namespace {

constexpr std::int64_t kShortestCut = 10;  // bases of a fragment of which 4 and 5 are taken away

}  // namespace

void ReadCounter::add_read(const Lane& lane, const std::vector<io::AlignedStretch>& blocks, const io::AlignedStretch& whole,
                           double weight) {
  if (options.count == ReadCount::ends)
    events.add(lane.number(), lane.reverse ? whole.end - 1 : whole.start, weight);
  else
    for (const io::AlignedStretch& block : blocks) add_stretch(lane, block, weight);
}

void ReadCounter::add_stretch(const Lane& lane, const io::AlignedStretch& stretch, double weight) {
  events.add(lane.number(), stretch.start, weight);
  events.add(lane.number(), stretch.end, -weight);
}

void ReadCounter::add_fragment(const Lane& lane, const io::AlignedStretch& whole, std::int64_t times) {
  if (options.shift != ShiftKind::none && whole.end - whole.start < kShortestCut)
    return leave_out("fragment shorter than the shift of Tn5", times);
  tally.used += times;
  add_stretch(lane, whole, static_cast<double>(times));
}

io::AlignedStretch ReadCounter::extended(const Lane& lane, const io::AlignedStretch& read) const {
  const std::int64_t bases = options.fragment_length;
  if (bases == 0)
    throw ArgumentError("count: fragments of single reads have no known length; give 'fragment_length', or count reads or ends");
  if (lane.reverse) return {std::max<std::int64_t>(0, read.end - bases), read.end};
  return {read.start, std::min(sizes[lane.chrom].length, read.start + bases)};
}

bool counted_strand(StrandOf strand_of, bool reverse, bool paired, bool second) {
  const bool is_second = paired && second;
  switch (strand_of) {
    case StrandOf::read: break;
    case StrandOf::first_read: return reverse != is_second;
    case StrandOf::second_read: return reverse == is_second;
  }
  return reverse;
}

}  // namespace basewise::prepare::detail
