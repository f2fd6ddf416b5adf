#include "basewise/motifs/detail/span_calls.h"

#include <algorithm>
#include <tuple>

namespace basewise::motifs::detail {

// All spans within a span are below the p-value if it is itself, and the two that are one shorter
// hold none that is not: so each length comes from the one before.
void SpanCaller::find(std::int64_t length) {
  std::vector<Candidate>& found = candidates_[length - shortest_];
  found.clear();
  const auto p = [&](std::int64_t start) { return null_.tail(length, sums_[start + length] - sums_[start]); };
  if (length == shortest_) {
    for (std::int64_t start = 0; start + length < static_cast<std::int64_t>(sums_.size()); ++start)
      if (const double value = p(start); value < p_value_) found.push_back({start, value});
    return;
  }
  const std::vector<Candidate>& shorter = candidates_[length - shortest_ - 1];
  for (std::size_t c = 0; c + 1 < shorter.size(); ++c) {
    const std::int64_t start = shorter[c].start;
    if (shorter[c + 1].start != start + 1) continue;
    const double value = p(start);
    if (value < p_value_) found.push_back({start, std::max(value, shorter[c].rank)});
  }
}

std::vector<SpanCall> SpanCaller::call(std::span<const float> row) {
  const auto length = static_cast<std::int64_t>(row.size());
  sums_.assign(length + 1, 0);
  for (std::int64_t i = 0; i < length; ++i) sums_[i + 1] = sums_[i] + null_.bin(sign_ * row[i]);
  taken_.assign(length, false);
  candidates_.resize(longest_ - shortest_ + 1);
  for (std::int64_t k = shortest_; k <= longest_; ++k) find(k);

  std::vector<SpanCall> calls;
  for (std::int64_t k = longest_; k >= shortest_; --k) {
    std::vector<Candidate>& found = candidates_[k - shortest_];
    std::sort(found.begin(), found.end(),
              [](const Candidate& a, const Candidate& b) { return std::tie(a.rank, a.start) < std::tie(b.rank, b.start); });
    for (const Candidate& c : found) {
      const auto first = taken_.begin() + c.start;
      if (std::find(first, first + k, true) != first + k) continue;
      std::fill(first, first + k, true);
      calls.push_back({c.start, k, std::min(1.0, null_.tail(k, sums_[c.start + k] - sums_[c.start]))});
    }
  }
  return calls;
}

}  // namespace basewise::motifs::detail
