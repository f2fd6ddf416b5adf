#include "basewise/kernels/pool.h"

#include <algorithm>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/kernels/detail/buffer.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

constexpr Index kRows = 128;       // output rows that one thread takes at a time
constexpr Index kNumbers = 65536;  // numbers of a dropout mask that one thread takes at a time

void check(const PoolShape& s, Pooling kind) {
  if (s.width < 1 || s.stride < 1 || s.channels < 1 || (kind == Pooling::largest && s.width > 255))
    throw ArgumentError(
        format("pooling: width {}, stride {}, {} channels; expected at least 1 each, and a width of at most 255 for "
               "the largest",
               s.width, s.stride, s.channels));
  if (s.pad_left < 0 || s.pad_right < 0 || s.pad_left >= s.width || s.pad_right >= s.width || s.output_length() < 1)
    throw ArgumentError(format("pooling: a window of {} with padding {} and {} does not fit {} positions", s.width,
                               s.pad_left, s.pad_right, s.length));
}

// The rows of the input that window i covers.
struct Window {
  Index begin;
  Index count;
};
Window window(const PoolShape& s, Index i) {
  const Index start = i * s.stride - s.pad_left, begin = std::max<Index>(0, start), end = std::min(s.length, start + s.width);
  return {begin, end - begin};
}

}  // namespace

void pool_forward(const PoolShape& s, Pooling kind, const ConstBlock& x, const MutableBlock& y, std::uint8_t* which, const Run& run) {
  check(s, kind);
  const Micro& loops = micro(run.isa);
  const Index out = s.output_length(), each = (out + kRows - 1) / kRows;
  (*run.executor)(s.batch * each, [&](Index task) {
    const Index n = task / each, first = task % each * kRows;
    for (Index i = first; i < std::min(out, first + kRows); ++i) {
      const Window w = window(s, i);
      const ConstRows rows{x.at(n, w.begin), x.row_step};
      if (kind == Pooling::mean) loops.mean_row(rows, w.count, s.channels, 1.0f / static_cast<float>(w.count), y.at(n, i));
      else loops.largest_row(rows, w.count, s.channels, y.at(n, i), which != nullptr ? which + (n * out + i) * s.channels : nullptr);
    }
  });
}

void pool_rows(const PoolRows& c, Isa isa) {
  const Micro& loops = micro(isa);
  for (Index i = c.begin; i < c.end; ++i) {
    const Window w = window(c.shape, i);
    const ConstRows rows{c.x + (w.begin - c.x_first) * c.x_step, c.x_step};
    float* y = c.y + (i - c.begin) * c.y_step;
    if (c.kind == Pooling::mean) loops.mean_row(rows, w.count, c.shape.channels, 1.0f / static_cast<float>(w.count), y);
    else loops.largest_row(rows, w.count, c.shape.channels, y, nullptr);
  }
}

void pool_all(const PoolRows& c, Isa isa) {
  const Micro& loops = micro(isa);
  const Index length = c.shape.length, channels = c.shape.channels;
  if (c.kind == Pooling::largest) return loops.largest_row({c.x, c.x_step}, length, channels, c.y, nullptr);
  // Sums of a few rows in single precision, sums of these in double.
  constexpr Index kFew = 64;
  std::vector<double> all(static_cast<std::size_t>(channels), 0.0);
  std::vector<float> few(static_cast<std::size_t>(channels));
  for (Index r = 0; r < length; r += kFew) {
    std::fill(few.begin(), few.end(), 0.0f);
    loops.column_sums({c.x + r * c.x_step, c.x_step}, std::min(kFew, length - r), channels, few.data());
    for (std::size_t k = 0; k < few.size(); ++k) all[k] += static_cast<double>(few[k]);
  }
  for (std::size_t k = 0; k < few.size(); ++k) c.y[k] = static_cast<float>(all[k] / static_cast<double>(length));
}

void pool_backward(const PoolShape& s, Pooling kind, const ConstBlock& dy, const std::uint8_t* which,
                   const MutableBlock& dx, const Run& run) {
  check(s, kind);
  const Micro& loops = micro(run.isa);
  const Index out = s.output_length();
  // Windows that overlap add up in their own order, which one thread keeps;
  // others can be taken in any pieces.
  const bool overlap = s.stride < s.width;
  const Index piece = overlap ? out : kRows, each = (out + piece - 1) / piece;
  const auto zero = [&](Index n, Index begin, Index end) {
    for (Index l = begin; l < end; ++l) std::fill_n(dx.at(n, l), s.channels, 0.0f);
  };
  (*run.executor)(s.batch * each, [&](Index task) {
    const Index n = task / each, first = task % each * piece, last = std::min(out, first + piece);
    if (overlap) zero(n, 0, s.length);
    for (Index i = first; i < last; ++i) {
      const Window w = window(s, i);
      const MutableRows rows{dx.at(n, w.begin), dx.row_step};
      if (kind == Pooling::mean) loops.spread_row(dy.at(n, i), w.count, s.channels, 1.0f / static_cast<float>(w.count), rows, overlap);
      else loops.scatter_row(dy.at(n, i), which + (n * out + i) * s.channels, w.count, s.channels, rows, overlap);
      // Rows between this window and the next one, or the end.
      if (!overlap) zero(n, w.begin + w.count, i + 1 < out ? window(s, i + 1).begin : s.length);
    }
  });
}

void dropout(const float* x, float* y, std::int64_t n, double rate, std::uint64_t key, const Run& run) {
  if (!(rate >= 0 && rate < 1)) throw ArgumentError(format("dropout: the rate is {}; it must be at least 0 and below 1", rate));
  const Micro& loops = micro(run.isa);
  const auto threshold = static_cast<std::uint32_t>(rate * 4294967296.0);
  const auto factor = static_cast<float>(1.0 / (1.0 - rate));
  (*run.executor)((n + kNumbers - 1) / kNumbers, [&](Index task) {
    const Index first = task * kNumbers;
    loops.dropout(x + first, y + first, std::min<Index>(kNumbers, n - first), first, key, threshold, factor);
  });
}

}  // namespace basewise::kernels
