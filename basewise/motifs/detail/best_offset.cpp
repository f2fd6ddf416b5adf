#include "basewise/motifs/detail/best_offset.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace basewise::motifs::detail {
namespace {

constexpr std::int64_t kRoom = 128;  // zeros before a distribution, more than a column has scores
constexpr std::int64_t kStep = 32;   // `convolve` writes so many at once

/// Distribution of one query column, from its lowest to its highest score.
struct ColumnNull {
  const double* weights = nullptr;
  std::int64_t low = 0, values = 0;
};

std::vector<ColumnNull> column_nulls(const ScoreMatrix& matrix) {
  std::vector<ColumnNull> columns;
  for (std::int64_t i = 0; i < matrix.width; ++i) {
    const double* all = matrix.distributions.data() + i * (kScoreBins + 1);
    std::int64_t low = 0, high = kScoreBins;
    while (low < high && all[low] == 0) ++low;
    while (high > low && all[high] == 0) --high;
    columns.push_back({all + low, low, high - low + 1});
  }
  return columns;
}

}  // namespace

void BestScoreNull::unite(Survival& into, const double* values, std::int64_t ones, std::int64_t end) const {
  into.ones = std::max(into.ones, ones);
  if (into.ones < end) loops_.unite(into.values + into.ones, values + into.ones, end - into.ones);
  into.end = std::max(into.end, end);
}

BestScoreNull::BestScoreNull(const ScoreMatrix& matrix, std::int64_t zero, std::span<const std::int64_t> widths, const CompareLoops& loops,
                             NullMemory& memory)
    : loops_(loops), finals_(widths.size()) {
  const std::int64_t n = matrix.width, longest = widths.back();
  const std::int64_t scores = n * kScoreBins + 1, stride = (scores + kStep - 1) / kStep * kStep;
  const std::vector<ColumnNull> columns = column_nulls(matrix);

  // Spans by their length: those that a target of this width covers whole, and those at an end of
  // the query, which overhang.
  const auto count = static_cast<std::int64_t>(widths.size());
  memory.unions.assign(static_cast<std::size_t>((count + n + 2) * stride), 0);
  double* next = memory.unions.data();
  const auto fresh = [&] { return Survival{std::exchange(next, next + stride), 0, 0}; };
  for (Survival& survival : finals_) survival = fresh();
  std::vector<Survival> ends;
  for (std::int64_t length = 0; length <= n; ++length) ends.push_back(fresh());
  Survival& whole = ends[static_cast<std::size_t>(n)];
  const auto of_width = [&](std::int64_t length) -> Survival* {
    const auto found = std::lower_bound(widths.begin(), widths.end(), length);
    return found != widths.end() && *found == length ? &finals_[static_cast<std::size_t>(found - widths.begin())] : nullptr;
  };

  for (std::vector<double>& span : memory.spans) span.assign(static_cast<std::size_t>(kRoom + stride + kRoom), 0);
  memory.survival.assign(static_cast<std::size_t>(stride), 0);
  for (std::int64_t i = 0; i < n; ++i) {
    double* before = memory.spans[0].data() + kRoom;
    double* sums = memory.spans[1].data() + kRoom;
    before[0] = 1;
    std::int64_t values = 1, low = 0;
    for (std::int64_t j = i; j < std::min(n, i + longest); ++j) {
      const ColumnNull& column = columns[static_cast<std::size_t>(j)];
      const std::int64_t old = values;
      values += column.values - 1;
      low += column.low;
      const std::int64_t written = (values + kStep - 1) / kStep * kStep;
      std::fill(before + old, before + written, 0.0);
      loops_.convolve(before, column.weights, column.values, sums, written);
      std::swap(before, sums);

      const std::int64_t length = j - i + 1, first = low + (n - length) * zero;
      const bool at_end = i == 0 || j == n - 1;
      Survival* covered = length < n ? of_width(length) : nullptr;
      if (!covered && !at_end) continue;
      double sum = 0;
      for (std::int64_t x = values - 1; x >= 0; --x) memory.survival[static_cast<std::size_t>(first + x)] = std::min(sum += before[x], 1.0);
      if (covered) unite(*covered, memory.survival.data(), first, first + values);
      if (at_end) unite(ends[static_cast<std::size_t>(length)], memory.survival.data(), first, first + values);
    }
  }

  Survival shorter = fresh();  // every span at an end that is shorter than the target or the query
  std::int64_t length = 1, united = n - 1;
  for (std::size_t w = 0; w < finals_.size(); ++w) {
    for (; length < std::min(widths[w], n); ++length) unite(shorter, ends[static_cast<std::size_t>(length)]);
    for (; united < widths[w]; ++united) unite(shorter, whole);
    unite(finals_[w], shorter);
  }
}

double BestScoreNull::p_value(std::size_t width, std::int64_t score) const {
  const Survival& survival = finals_[width];
  if (score < survival.ones) return 1;
  return score < survival.end ? std::min(survival.values[score], 1.0) : 0.0;
}

OffsetRange offset_range(std::int64_t query_width, std::int64_t target_width, const CompareOptions& options) {
  const std::int64_t narrower = std::min(query_width, target_width);
  const std::int64_t least = options.internal ? narrower : std::clamp<std::int64_t>(options.min_overlap, 1, narrower);
  return {least - 1, query_width + target_width - 1 - least};
}

std::int64_t overlap_at(std::int64_t k, std::int64_t query_width, std::int64_t target_width) {
  return std::min({k + 1, query_width, target_width, query_width + target_width - 1 - k});
}

OffsetRanks::OffsetRanks(std::int64_t query_width, std::span<const std::int64_t> widths, const CompareOptions& options)
    : query_width_(query_width) {
  stride_ = (query_width + widths.back() - 1 + kStep - 1) / kStep * kStep;
  ranks_.assign(widths.size() * static_cast<std::size_t>(stride_), std::numeric_limits<std::int32_t>::min());
  for (std::size_t w = 0; w < widths.size(); ++w) {
    const OffsetRange range = offset_range(query_width, widths[w], options);
    std::int32_t* ranks = ranks_.data() + w * static_cast<std::size_t>(stride_);
    std::vector<Placed> order;
    for (std::int64_t k = range.first; k <= range.last; ++k)
      order.push_back({static_cast<std::int32_t>(k), static_cast<std::int32_t>(overlap_at(k, query_width, widths[w]))});
    std::stable_sort(order.begin(), order.end(), [](const Placed& a, const Placed& b) { return a.overlap > b.overlap; });
    for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i].k] = static_cast<std::int32_t>(order.size() - 1 - i);
    placed_.push_back(std::move(order));
    lengths_.push_back((range.last + 1 + kStep - 1) / kStep * kStep);
  }
}

void OffsetRanks::find_best(const std::int16_t* sums, std::size_t width, const CompareLoops& loops, Placement& placement) const {
  const std::int32_t key = loops.best(sums, ranks_.data() + width * static_cast<std::size_t>(stride_), lengths_[width]);
  const std::vector<Placed>& order = placed_[width];
  const Placed& placed = order[order.size() - 1 - static_cast<std::size_t>(key & 0xffff)];
  placement.score = key >> 16;
  placement.offset = placed.k - query_width_ + 1;
  placement.overlap = placed.overlap;
}

void slide_wide(const ScoreMatrix& matrix, const std::uint32_t* columns, std::int64_t target_width, std::int16_t* out) {
  std::fill(out, out + target_width + matrix.lanes, std::int16_t{0});
  for (std::int64_t k = 0; k < target_width; ++k) {
    const std::int8_t* row = matrix.scores.data() + std::int64_t{columns[k]} * matrix.lanes;
    for (std::int64_t l = 0; l < matrix.lanes; ++l) out[k + l] = static_cast<std::int16_t>(out[k + l] + row[l]);
  }
}

}  // namespace basewise::motifs::detail
