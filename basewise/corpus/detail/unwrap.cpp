#include "basewise/corpus/detail/unwrap.h"

#include <algorithm>

namespace basewise::corpus::detail {

std::vector<seq::Interval> unwrap(const seq::Interval& interval, const seq::ChromSizes& sizes) {
  const seq::Chrom& chrom = sizes.resolve(interval.chrom, "the split");
  const std::int64_t n = chrom.length;
  const auto piece = [&](std::int64_t start, std::int64_t end) { return seq::Interval{chrom.name, start, end, interval.strand}; };
  if (!chrom.circular) {
    const std::int64_t start = std::clamp<std::int64_t>(interval.start, 0, n);
    const std::int64_t end = std::clamp<std::int64_t>(interval.end, 0, n);
    return start < end ? std::vector{piece(start, end)} : std::vector<seq::Interval>{};
  }
  if (interval.length() >= n) return {piece(0, n)};
  if (interval.length() <= 0) return {};
  const std::int64_t start = ((interval.start % n) + n) % n;
  const std::int64_t end = start + interval.length();
  if (end <= n) return {piece(start, end)};
  return {piece(0, end - n), piece(start, n)};
}

}  // namespace basewise::corpus::detail
