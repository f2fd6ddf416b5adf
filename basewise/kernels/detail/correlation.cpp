#include "basewise/kernels/detail/correlation.h"

#include <algorithm>

namespace basewise::kernels::detail {
namespace {

constexpr Index kTileRows = 96;    // rows that stay in the first-level cache while the panels pass by; a multiple of every tile height
constexpr Index kDepthBlock = 288; // length of a sum before it is stored: panel (16 columns) and rows then share the first-level cache

constexpr Index kDiagonalBlock = 256;  // positions whose products for all taps stay in the second-level cache

// Rows of a matrix stay apart in the cache when their distance is an odd number of lines.
Index spread(Index n) { return round_up(n, 32) + 16; }

}  // namespace

bool prefers_diagonal(const Micro& micro, Index outputs, Index taps, Index stride, Index dilation) {
  return stride == 1 && dilation == 1 && taps >= 4 && 2 * outputs <= micro.vector;
}

Correlation::Correlation(const Micro& micro, Index outputs, Index depth, std::vector<Index> rows, Index stride, const Weight& weight,
                         const Executor& executor)
    : micro_(micro), outputs_(outputs), depth_(depth), rows_(std::move(rows)), stride_(stride) {
  const auto taps = static_cast<Index>(rows_.size());
  const Index dilation = taps > 1 ? rows_[1] - rows_[0] : 1;
  diagonal_ = prefers_diagonal(micro_, outputs_, taps, stride_, dilation);
  if (diagonal_) {
    float* to = packed_.reserve(outputs_ * taps * depth_);
    for (Index m = 0; m < outputs_; ++m)
      for (Index t = 0; t < taps; ++t) weight(m, t, to + (m * taps + t) * depth_);
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
  if (diagonal_) return compute_diagonal(source, step, target, scratch);
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

// z[m, t, p] = sum over k of weight[m, t, k] source[p, k] with positions as columns, so that the
// vectors run along positions; then out[r, m] = sum over t of z[m, t, r + t]. Block by block of
// positions, so that z stays in cache: a block adds to the rows that it reaches, and zeros around
// each row of z stand for the other blocks.
void Correlation::compute_diagonal(const float* source, Index step, const Target& target, Buffer& scratch) const {
  const auto taps = static_cast<Index>(rows_.size());
  const Index reach = taps - 1, positions = target.count + reach, panel = micro_.panel;
  const Index most = round_up(kDiagonalBlock, panel), block = std::min(round_up(positions, panel), most);
  const Index z_step = spread(block + 2 * reach), z_size = outputs_ * taps * z_step;
  const Index plane = round_up(positions + reach + panel, 16);
  float* z = scratch.zeros(z_size + depth_ * panel + outputs_ * plane);
  float* columns = z + z_size;
  float* planes = columns + depth_ * panel;
  const float* rows = source + rows_.front() * step;
  const Segment segment{0, depth_, 0};
  RowsCall call{columns, micro_.panel, micro_.panel,    packed_.data(), depth_, &segment, 1,
                nullptr, z_step,       outputs_ * taps, nullptr,        false,  false};
  // Blocks begin at multiples of their length within the whole output: which products are added
  // first does not depend on the stretch of rows.
  Index here = 0;
  for (Index begin = 0; begin < positions; begin += here) {
    here = std::min(most - (target.phase + begin) % most, positions - begin);
    for (Index p = 0; p < block; p += panel) {
      micro_.transpose({rows + (begin + p) * step, step}, std::clamp<Index>(here - p, 0, panel), depth_, columns);
      call.out = z + reach + p;
      micro_.rows(call);
    }
    // Row r of the output is number r + reach of its plane, so that what lies before the first row
    // has a place too.
    for (Index m = 0; m < outputs_; ++m)
      micro_.diagonal_sums(z + m * taps * z_step, z_step, taps, planes + m * plane + begin, here + reach);
  }
  for (Index m = 0; m < outputs_; ++m) {
    const float* sums = planes + m * plane + reach;
    const float bias = target.bias != nullptr ? target.bias[m] : 0.0f;
    for (Index r = 0; r < target.count; ++r) {
      float& to = target.data[r * target.step + m];
      const float value = sums[r] + bias + (target.accumulate ? to : 0.0f);
      to = target.relu && value <= 0 ? 0.0f : value;
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
