#include "basewise/kernels/detail/winograd.h"

#include <algorithm>
#include <type_traits>

#include "basewise/kernels/detail/winograd_schemes.h"

namespace basewise::kernels::detail {
namespace {

constexpr Index kDepthBlock = 288;       // as in Correlation
constexpr Index kApart = 5 * 16;         // between planes, which are written side by side: no two of them at the same place of the cache
constexpr Index kCacheNumbers = 150000;  // factors and products of a block of tiles: most of the second-level cache

// An odd number of cache lines, so that neighbouring rows do not meet in the cache.
Index odd_lines(Index n) { return (ceil_div(n, 16) | 1) * 16; }

// Tiles of which factors and products stay in cache, in whole tiles of registers.
Index block_tiles(const WinogradTiling& t, Index columns) {
  return std::clamp<Index>(kCacheNumbers / (t.inputs * columns), 48, 96) / 12 * 12;
}

double weight_factor(int taps, Index input, Index tap) {
  const auto i = static_cast<std::size_t>(input), k = static_cast<std::size_t>(tap);
  return taps == 3 ? kWinograd3.weight[i][k] : kWinograd4.weight[i][k];
}

using Rows = std::vector<const float*>;

// Rows that do not exist are one row of zeros.
class ZeroRow {
 public:
  explicit ZeroRow(Index columns) { zeros_.zeros(columns + 16); }

  // `rows` of each of the tiles [first, first + count), the first row of tile 0 being row `begin`;
  // rows from `end` on do not exist.
  void list(const WinogradTiling& tiling, const RowSource& source, Index first, Index count, Index rows, Index begin, Index end,
            Rows& to) const {
    to.clear();
    const Index last = std::min(end, source.end);
    for (Index i = first; i < first + count; ++i) {
      Index row = begin + tiling.first_row(i);
      for (Index k = 0; k < rows; ++k, row += tiling.dilation)
        to.push_back(row >= source.begin && row < last ? source.data + row * source.step : zeros_.data());
    }
  }

  const float* row() const { return zeros_.data(); }

 private:
  Buffer zeros_;
};

// Rows that will be needed are asked for while products are computed, a share at a time: alone, the
// maps around tiles wait for memory.
class Prefetch {
 public:
  Prefetch(Index shares) : shares_(shares) {}

  template <class Pointer>
  void share(Index i, const std::vector<Pointer>& rows, Index columns) const {
    const auto n = static_cast<Index>(rows.size());
    for (Index r = i * n / shares_; r < (i + 1) * n / shares_; ++r)
      for (Index c = 0; rows[static_cast<std::size_t>(r)] != nullptr && c < columns; c += 16)
        __builtin_prefetch(rows[static_cast<std::size_t>(r)] + c, !std::is_const_v<std::remove_pointer_t<Pointer>>, 2);
  }

 private:
  Index shares_;
};

}  // namespace

WinogradTiling::WinogradTiling(Index width, Index dilation_)
    : taps(width <= 3 ? 3 : 4), inputs(taps + 3), outputs(4), parts(ceil_div(width, taps)), dilation(dilation_) {}

Index WinogradTiling::tiles(Index count) const {
  const Index whole = count / period(), rest = count - whole * period();
  return whole * dilation + std::min(dilation, rest);
}

bool prefers_winograd(Index outputs, Index depth, Index width, Index stride, Index dilation, Index rows) {
  if (width < 3 || stride != 1 || std::min(outputs, depth) < 32) return false;
  const WinogradTiling t(width, dilation);
  if (t.parts > 1 && dilation > 1) return false;
  // Multiplications, those around tiles included, against one per tap.
  const double tiles = static_cast<double>(t.tiles(rows)), inputs = static_cast<double>(t.inputs);
  const double products = tiles * inputs * static_cast<double>(t.parts) * static_cast<double>(depth * outputs);
  const double around = 12 * tiles * inputs * static_cast<double>(depth + outputs);
  return products + around < 0.85 * static_cast<double>(rows * width) * static_cast<double>(depth * outputs);
}

WinogradSum::WinogradSum(const Micro& micro, Index outputs, Index depth, Index first, Index width, Index dilation,
                       const Correlation::Weight& weight, const Executor& executor)
    : micro_(micro), outputs_(outputs), depth_(depth), first_(first), width_(width), tiling_(width, dilation) {
  packed_.reserve(padded_outputs() * tiling_.inputs * tiling_.parts * depth_);
  executor(ceil_div(outputs_, micro_.panel), [&](Index p) { pack_panel(p, weight); });
}

void WinogradSum::pack_panel(Index panel, const Correlation::Weight& weight) {
  const Index rows = tiling_.inputs * tiling_.parts * depth_, taps = tiling_.taps, width = panel_width(panel * micro_.panel);
  float* to = packed_.data() + panel * micro_.panel * rows;
  std::fill(to, to + rows * width, 0.0f);
  const Index valid = std::min<Index>(micro_.panel, outputs_ - panel * micro_.panel);
  Buffer of_taps(valid * width_ * depth_);
  for (Index f = 0; f < valid; ++f)
    for (Index t = 0; t < width_; ++t) weight(panel * micro_.panel + f, t, of_taps.data() + (f * width_ + t) * depth_);
  for (Index part = 0; part < tiling_.parts; ++part)
    for (Index k = 0; k < depth_; ++k)
      for (Index f = 0; f < valid; ++f) {
        double w[4] = {};
        for (Index t = 0; t < std::min(taps, width_ - part * taps); ++t)
          w[t] = double{of_taps.data()[(f * width_ + part * taps + t) * depth_ + k]};
        for (Index j = 0; j < tiling_.inputs; ++j) {
          double sum = 0;
          for (int t = 0; t < tiling_.taps; ++t) sum += weight_factor(tiling_.taps, j, t) * w[t];
          to[((j * tiling_.parts + part) * depth_ + k) * width + f] = static_cast<float>(sum);
        }
      }
}

void WinogradSum::compute(const RowSource& source, Index begin, const Correlation::Target& target, Buffer& scratch) const {
  const Index total = tiling_.tiles(target.count), halo = (tiling_.parts - 1) * tiling_.part_shift();
  const Index step = odd_lines(depth_), out_step = padded_outputs();
  const Index most = block_tiles(tiling_, step + out_step), plane = (most + halo) * step + kApart, out_plane = most * out_step + kApart;
  float* inputs = scratch.reserve(tiling_.inputs * (plane + out_plane));
  float* products_of = inputs + tiling_.inputs * plane;
  const ZeroRow zero(depth_);
  thread_local Rows now, next;
  thread_local std::vector<float*> out;
  thread_local std::vector<const float*> skips;
  const auto list = [&](Index first, Rows& to) {
    const Index tiles = std::max<Index>(0, std::min(most, total - first));
    zero.list(tiling_, source, first, tiles > 0 ? tiles + halo : 0, tiling_.inputs, begin + first_, source.end, to);
    return tiles;
  };
  Index count = list(0, now);
  for (Index first = 0; first < total; first += most) {
    micro_.winograd_input({tiling_.taps, now.data(), count + halo, depth_, inputs, plane, step});
    out.clear();
    for (Index i = first; i < first + count; ++i)
      for (Index k = 0, row = tiling_.first_row(i); k < tiling_.outputs; ++k, row += tiling_.dilation)
        out.push_back(row < target.count ? target.data + row * target.step : nullptr);
    if (target.skip != nullptr) {
      skips.clear();
      for (const float* row : out)
        skips.push_back(row != nullptr ? target.skip + (row - target.data) / target.step * target.skip_step : nullptr);
    }
    const Index then = list(first + most, next);
    const Prefetch prefetch(tiling_.inputs * tiling_.parts);
    for (Index j = 0; j < tiling_.inputs; ++j)
      for (Index part = 0; part < tiling_.parts; ++part) {
        products(j, part, inputs + j * plane + part * tiling_.part_shift() * step, step, count, products_of + j * out_plane);
        prefetch.share(j * tiling_.parts + part, out, outputs_);
        prefetch.share(j * tiling_.parts + part, next, depth_);
      }
    micro_.winograd_output(
        {tiling_.taps, products_of, out_plane, out_step, count, outputs_, out.data(), target.bias, target.accumulate, target.relu,
         target.skip != nullptr ? skips.data() : nullptr});
    std::swap(now, next);
    count = then;
  }
}

// The matrix product for input j of a tile and one part of the filter: factors of inputs
// (tiles, depth) with factors of weights (depth, outputs), added up over parts.
void WinogradSum::products(Index j, Index part, const float* inputs, Index step, Index count, float* to) const {
  const Index out_step = padded_outputs(), rows = tiling_.inputs * tiling_.parts * depth_;
  const Index block = ceil_div(depth_, ceil_div(depth_, kDepthBlock));
  for (Index k = 0; k < depth_; k += block) {
    const Segment segment{0, std::min(block, depth_ - k), 0};
    RowsCall call{};
    call.rows = inputs + k;
    call.row_step = step;
    call.segments = &segment, call.segment_count = 1;
    call.row_count = count;
    call.out_step = out_step;
    call.accumulate = part > 0 || k > 0;
    for (Index f = 0; f < out_step; f += micro_.panel) {
      call.width = call.valid = panel_width(f);
      call.panel = packed_.data() + f * rows + ((j * tiling_.parts + part) * depth_ + k) * call.width;
      call.out = to + f;
      micro_.rows(call);
    }
  }
}

WinogradGradient::WinogradGradient(const Micro& micro, Index outputs, Index depth, Index first, Index width, Index dilation)
    : micro_(micro), outputs_(outputs), depth_(depth), first_(first), width_(width), tiling_(width, dilation) {}

WinogradGradient::Planes WinogradGradient::planes() const {
  Planes p{};
  p.left_step = odd_lines(depth_), p.right_step = odd_lines(step());
  p.most = std::clamp<Index>(2 * kCacheNumbers / (tiling_.inputs * (p.left_step + p.right_step)), 96, 192);
  // Parts of a filter read further tiles.
  p.left = (p.most + (tiling_.parts - 1) * tiling_.part_shift()) * p.left_step + kApart;
  p.right = p.most * p.right_step + kApart;
  return p;
}

void WinogradGradient::add(float* sums, const RowSource& x, const RowSource& gradient, Index begin, Index count, Waiting& waiting) const {
  const Planes p = planes();
  const Index total = tiling_.tiles(count), halo = (tiling_.parts - 1) * tiling_.part_shift();
  if (waiting.tiles == 0) waiting.factors.zeros(tiling_.inputs * (p.left + p.right) + 64);
  const ZeroRow zero(std::max(depth_, outputs_));
  thread_local Rows x_rows, gradient_rows;
  for (Index first = 0, tiles = 0; first < total; first += tiles) {
    // Tiles that only the parts of others read have no gradient of their own.
    if (waiting.tiles + halo >= p.most) flush(sums, waiting);
    tiles = std::min(p.most - halo - waiting.tiles, total - first);
    zero.list(tiling_, x, first, tiles + halo, tiling_.inputs, begin + first_, x.end, x_rows);
    zero.list(tiling_, gradient, first, tiles, tiling_.outputs, begin, begin + count, gradient_rows);
    gradient_rows.resize(static_cast<std::size_t>((tiles + halo) * tiling_.outputs), zero.row());
    float* left = waiting.factors.data() + waiting.tiles * p.left_step;
    float* right = waiting.factors.data() + tiling_.inputs * p.left + waiting.tiles * p.right_step;
    micro_.winograd_input({tiling_.taps, x_rows.data(), tiles + halo, depth_, left, p.left, p.left_step});
    micro_.winograd_spread({tiling_.taps, gradient_rows.data(), tiles + halo, outputs_, right, p.right, p.right_step});
    waiting.tiles += tiles + halo;
  }
}

void WinogradGradient::flush(float* sums, Waiting& waiting) const {
  const Planes p = planes();
  const float* left = waiting.factors.data();
  const float* right = left + tiling_.inputs * p.left;
  OuterCall call{};
  call.left_step = p.left_step, call.right_step = p.right_step, call.out_step = step();
  call.count = depth_;
  // The last tiles that wait are read by no part: their gradients are zeros.
  call.rows = waiting.tiles;
  for (Index j = 0; waiting.tiles > 0 && j < tiling_.inputs; ++j)
    for (Index part = 0; part < tiling_.parts; ++part) {
      call.left = left + j * p.left + part * tiling_.part_shift() * p.left_step;
      for (Index f = 0; f < step(); f += micro_.panel) {
        call.width = outputs_ - f <= micro_.vector ? micro_.vector : micro_.panel;
        call.right = right + j * p.right + f;
        call.out = sums + (j * tiling_.parts + part) * depth_ * step() + f;
        micro_.outer(call);
      }
    }
  waiting.tiles = 0;
}

void WinogradGradient::finish(const float* sums, float* to, const Executor& executor) const {
  const Index taps = tiling_.taps, numbers = depth_ * step();
  executor(width_, [&](Index t) {
    const Index part = t / taps;
    for (Index i = 0; i < numbers; ++i) {
      double sum = 0;
      for (Index j = 0; j < tiling_.inputs; ++j)
        sum += weight_factor(tiling_.taps, j, t % taps) * double{sums[(j * tiling_.parts + part) * numbers + i]};
      to[t * numbers + i] = static_cast<float>(sum);
    }
  });
}

}  // namespace basewise::kernels::detail
