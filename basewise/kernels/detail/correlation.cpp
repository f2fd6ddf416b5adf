#include "basewise/kernels/detail/correlation.h"

#include <algorithm>

namespace basewise::kernels::detail {
namespace {

constexpr Index kTileRows = 96;    // rows that stay in the first-level cache while the panels pass by; a multiple of every tile height
constexpr Index kDepthBlock = 288; // length of a sum before it is stored: panel (16 columns) and rows then share the first-level cache

}  // namespace

Correlation::Correlation(const Micro& micro, Index outputs, Index depth, std::vector<Index> rows, Index stride, const Weight& weight,
                         const Executor& executor)
    : micro_(micro), outputs_(outputs), depth_(depth), rows_(std::move(rows)), stride_(stride) {
  const auto taps = static_cast<Index>(rows_.size());
  const Index dilation = taps > 1 ? rows_[1] - rows_[0] : 1;
  if (prefers_few(micro_, outputs_, taps, stride_, dilation)) {
    few_.emplace(micro_, outputs_, depth_, taps, dilation, weight);
    return;
  }
  Index start = 0;
  for (Index first = 0; first < outputs_; first += micro_.panel) {
    const Index left = outputs_ - first;
    const int width = left <= micro_.vector ? micro_.vector : micro_.panel;
    panels_.push_back({first, width, static_cast<int>(std::min<Index>(left, width)), start});
    start += width * taps * depth_;
  }
  packed_.reserve(start);
  executor(static_cast<Index>(panels_.size()), [&](Index p) { pack_panel(panels_[static_cast<std::size_t>(p)], weight); });
}

void Correlation::pack_panel(const Panel& panel, const Weight& weight) {
  const auto taps = static_cast<Index>(rows_.size());
  float* to = packed_.data() + panel.start;
  Buffer one(depth_);
  if (panel.valid < panel.width) std::fill(to, to + panel.width * taps * depth_, 0.0f);
  for (int f = 0; f < panel.valid; ++f)
    for (Index t = 0; t < taps; ++t) {
      weight(panel.first + f, t, one.data());
      float* column = to + t * depth_ * panel.width + f;
      for (Index k = 0; k < depth_; ++k) column[k * panel.width] = one.data()[k];
    }
}

// Taps whose rows follow each other without a gap are one long stretch; long stretches are cut.
std::vector<Segment> Correlation::segments(Index step, Index first, Index last, bool join) const {
  std::vector<Segment> all;
  for (Index t = first; t < last; ++t) {
    Index offset = rows_[static_cast<std::size_t>(t)] * step, panel = t * depth_, length = depth_;
    if (join && !all.empty() && all.back().offset + all.back().length == offset && all.back().length < kDepthBlock) {
      const Index more = std::min(length, kDepthBlock - all.back().length);
      all.back().length += more;
      offset += more, panel += more, length -= more;
    }
    while (length > 0) {
      const Index part = length / ((length + kDepthBlock - 1) / kDepthBlock);
      all.push_back({offset, part, panel});
      offset += part, panel += part, length -= part;
    }
  }
  return all;
}

void Correlation::compute(const float* source, Index step, Index first, Index last, const Target& target, Buffer& scratch) const {
  if (few_) {
    FewRowsCall rows{};
    rows.out = target.data, rows.out_step = target.step, rows.count = target.count;
    rows.bias = target.bias, rows.accumulate = target.accumulate, rows.relu = target.relu;
    return few_->compute(source + rows_.front() * step, step, rows, target.ahead, scratch);
  }
  compute_apart(source, stride_ * step, step, first, last, target, true);
}

void Correlation::compute_apart(const float* source, Index row_step, Index step, Index first, Index last, const Target& target,
                                bool join) const {
  const std::vector<Segment> all = segments(step, first, last, join);
  for (Index r = 0; r < target.count; r += kTileRows) {
    RowsCall call{};
    call.rows = source + r * row_step;
    call.row_step = row_step;
    call.row_count = std::min(kTileRows, target.count - r);
    call.out_step = target.step;
    for (std::size_t begin = 0; begin < all.size() || begin == 0;) {
      std::size_t end = begin;
      for (Index depth = 0; end < all.size() && (end == begin || depth + all[end].length <= kDepthBlock); ++end) depth += all[end].length;
      call.segments = all.data() + begin;
      call.segment_count = static_cast<Index>(end - begin);
      call.accumulate = target.accumulate || begin > 0;
      call.relu = target.relu && end == all.size();
      for (const Panel& panel : panels_) {
        call.panel = packed_.data() + panel.start;
        call.width = panel.width;
        call.valid = panel.valid;
        call.out = target.data + r * target.step + panel.first;
        call.bias = target.bias != nullptr && begin == 0 ? target.bias + panel.first : nullptr;
        micro_.rows(call);
      }
      if (all.empty()) break;
      begin = end;
    }
  }
}

std::vector<Stretch> stretches(Index count, Index source_rows, const std::vector<Index>& tap_rows, Index stride, bool pads_only) {
  const auto taps = static_cast<Index>(tap_rows.size());
  const Index reach = tap_rows.back() - tap_rows.front();
  const auto inside = [&](Index r, Index t) {
    const Index row = r * stride + tap_rows[static_cast<std::size_t>(t)];
    return row >= 0 && row < source_rows;
  };
  // First row from which tap t is inside, and the first after it has left.
  const auto enters = [&](Index t) { return std::clamp<Index>(ceil_div(-tap_rows[static_cast<std::size_t>(t)], stride), 0, count); };
  const auto leaves = [&](Index t) {
    return std::clamp<Index>(ceil_div(source_rows - tap_rows[static_cast<std::size_t>(t)], stride), 0, count);
  };
  std::vector<Stretch> all;
  if (pads_only || taps > 8 || reach < 96) {
    const Index begin = enters(0), end = std::max(begin, leaves(taps - 1));
    if (begin > 0) all.push_back({0, begin, 0, taps, true});
    if (end > begin) all.push_back({begin, end, 0, taps, false});
    if (count > end) all.push_back({end, count, 0, taps, true});
    return all;
  }
  std::vector<Index> cuts{0, count};
  for (Index t = 0; t < taps; ++t) cuts.push_back(enters(t)), cuts.push_back(leaves(t));
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    Index first = 0, last = taps;
    while (first < taps && !inside(cuts[i], first)) ++first;
    while (last > first && !inside(cuts[i], last - 1)) --last;
    all.push_back({cuts[i], cuts[i + 1], first, last, false});
  }
  return all;
}

}  // namespace basewise::kernels::detail
