#include "basewise/kernels/dense.h"

#include <algorithm>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels {
namespace {

using namespace detail;  // NOLINT: this source is made of the pieces in there

constexpr Index kPositions = 32;  // of a block: two lines of cache of each row of weights
constexpr Index kChannels = 32;   // of a block of the forward sum
constexpr Index kUnits = 128;     // that a block computes at a time
constexpr Index kRows = 96;       // examples whose numbers stay in cache while panels pass by
constexpr Index kSums = 16;       // partial results of the forward sum, added in their order

// Rows of weights lie far apart, where no processor looks ahead by itself.
void ask_for(const float* first, Index step, Index rows, Index numbers) {
  for (Index r = 0; r < rows; ++r)
    for (Index k = 0; k < numbers + 15; k += 16) __builtin_prefetch(first + r * step + std::min(k, numbers - 1));
}

// Positions and channels that one thread works on at a time, small enough that what is packed stays
// in the second-level cache.
struct Block2 {
  Index position;
  Index positions;
  Index channel;
  Index channels;
};

std::vector<Block2> blocks(const DenseShape& s, Index positions, Index channels) {
  std::vector<Block2> all;
  for (Index c = 0; c < s.channels; c += channels)
    for (Index l = 0; l < s.length; l += positions)
      all.push_back({l, std::min(positions, s.length - l), c, std::min(channels, s.channels - c)});
  return all;
}

void check(const DenseShape& s, Index row_step) {
  if (s.batch < 0 || s.length < 1 || s.channels < 1 || s.units < 1 || (s.length > 1 && row_step != s.channels))
    throw ArgumentError(format("dense: ({}, {}, {}) with rows {} apart to {} units is no shape that fits", s.batch, s.length, s.channels,
                               row_step, s.units));
}

class Forward {
 public:
  Forward(const DenseForward& call, const Run& run)
      : call_(call), s_(call.shape), micro_(micro(run.isa)), executor_(*run.executor), blocks_(blocks(s_, kPositions, kChannels)) {}

  void operator()() {
    const auto total = static_cast<Index>(blocks_.size()), sums = std::min(total, kSums), parts = ceil_div(s_.units, kUnits);
    partial_.reserve(sums * s_.batch * s_.units);
    executor_(sums * parts, [&](Index task) {
      const Index sum = task / parts, unit = task % parts * kUnits;
      for (Index b = sum * total / sums; b < (sum + 1) * total / sums; ++b)
        add(blocks_[static_cast<std::size_t>(b)], unit, std::min(kUnits, s_.units - unit), partial_.data() + sum * s_.batch * s_.units,
            b > sum * total / sums);
    });
    executor_(s_.batch, [&](Index n) {
      float* y = call_.y + n * s_.units;
      for (Index u = 0; u < s_.units; ++u) y[u] = call_.bias != nullptr ? call_.bias[u] : 0.0f;
      for (Index sum = 0; sum < sums; ++sum) {
        const float* from = partial_.data() + (sum * s_.batch + n) * s_.units;
        for (Index u = 0; u < s_.units; ++u) y[u] += from[u];
      }
    });
  }

 private:
  // The block's part of units [first, first + count) for all examples.
  void add(const Block2& block, Index first, Index count, float* sum, bool accumulate) const {
    thread_local Buffer packed;
    const Index depth = block.positions * block.channels, panel = micro_.panel;
    float* panels = packed.reserve(round_up(count, panel) * depth + panel * kPositions);
    for (Index u = 0; u < count; u += panel)
      pack(block, first + u, std::min(panel, count - u), panels + u * depth, panels + round_up(count, panel) * depth);
    std::vector<Segment> segments;
    for (Index l = 0; l < block.positions; ++l)
      segments.push_back({(block.position + l) * s_.channels + block.channel, block.channels, l * block.channels});
    RowsCall call{};
    call.width = micro_.panel;
    call.row_step = call_.x.sample_step;
    call.segments = segments.data();
    call.segment_count = block.positions;
    call.out_step = s_.units;
    call.accumulate = accumulate;
    for (Index n = 0; n < s_.batch; n += kRows)
      for (Index u = 0; u < count; u += panel) {
        call.panel = panels + u * depth;
        call.valid = static_cast<int>(std::min(panel, count - u));
        call.rows = call_.x.data + n * call_.x.sample_step;
        call.row_count = std::min(kRows, s_.batch - n);
        call.out = sum + n * s_.units + first + u;
        micro_.rows(call);
      }
  }

  // (positions, channels, panel) of the weights of some units.
  void pack(const Block2& block, Index unit, Index count, float* to, float* square) const {
    const Index panel = micro_.panel;
    for (Index c = 0; c < block.channels; ++c) {
      const float* from = call_.weight + (unit * s_.channels + block.channel + c) * s_.length + block.position;
      if (c + 2 < block.channels) ask_for(from + 2 * s_.length, s_.channels * s_.length, count, block.positions);
      micro_.transpose({from, s_.channels * s_.length}, count, block.positions, {square, panel});
      for (Index l = 0; l < block.positions; ++l) std::copy_n(square + l * panel, panel, to + (l * block.channels + c) * panel);
    }
  }

  const DenseForward& call_;
  const DenseShape& s_;
  const Micro& micro_;
  const Executor& executor_;
  std::vector<Block2> blocks_;
  Buffer partial_;
};

class Backward {
 public:
  Backward(const DenseBackward& call, const Run& run)
      : call_(call),
        s_(call.shape),
        micro_(micro(run.isa)),
        executor_(*run.executor),
        panel_(micro_.panel),
        blocks_(blocks(s_, std::min<Index>(kPositions, panel_), panel_)) {}

  void operator()() {
    if (call_.dx || call_.dweight != nullptr)
      executor_(static_cast<Index>(blocks_.size()), [&](Index b) {
        const Block2& block = blocks_[static_cast<std::size_t>(b)];
        if (call_.dx) data(block);
        if (call_.dweight != nullptr) weights(block);
      });
    if (call_.dbias == nullptr) return;
    std::fill_n(call_.dbias, s_.units, 0.0f);
    micro_.column_sums({call_.dy, s_.units}, s_.batch, s_.units, call_.dbias);
  }

 private:
  // dx[n, l, c] = sum over u of dy[n, u] weight[u, c, l]
  void data(const Block2& block) const {
    thread_local Buffer packed;
    const Index plane = s_.units * panel_;  // (units, panel) of one position
    float* planes = packed.reserve(block.positions * plane + panel_ * kPositions);
    float* square = planes + block.positions * plane;
    for (Index u = 0; u < s_.units; ++u) {
      const float* from = call_.weight + (u * s_.channels + block.channel) * s_.length + block.position;
      if (u + 2 < s_.units) ask_for(from + 2 * s_.channels * s_.length, s_.length, block.channels, block.positions);
      micro_.transpose({from, s_.length}, block.channels, block.positions, {square, panel_});
      for (Index l = 0; l < block.positions; ++l) std::copy_n(square + l * panel_, panel_, planes + l * plane + u * panel_);
    }
    const Segment segment{0, s_.units, 0};
    RowsCall call{};
    call.width = micro_.panel;
    call.valid = static_cast<int>(block.channels);
    call.rows = call_.dy;
    call.row_step = s_.units;
    call.row_count = s_.batch;
    call.segments = &segment;
    call.segment_count = 1;
    call.out_step = call_.dx.sample_step;
    for (Index l = 0; l < block.positions; ++l) {
      call.panel = planes + l * plane;
      call.out = call_.dx.at(0, block.position + l) + block.channel;
      micro_.rows(call);
    }
  }

  // dweight[u, c, l] = sum over n of dy[n, u] x[n, l, c]
  void weights(const Block2& block) const {
    thread_local Buffer rows_buffer, sums_buffer;
    const Index plane = s_.batch * panel_;  // (batch, panel) of one position
    float* rows = rows_buffer.zeros(block.positions * plane);
    for (Index n = 0; n < s_.batch; ++n)
      for (Index l = 0; l < block.positions; ++l)
        std::copy_n(call_.x.at(n, block.position + l) + block.channel, block.channels, rows + l * plane + n * panel_);
    for (Index first = 0; first < s_.units; first += kUnits) {
      const Index count = std::min(kUnits, s_.units - first), sums_plane = count * panel_;
      float* sums = sums_buffer.zeros(block.positions * sums_plane + panel_ * panel_);
      OuterCall call{call_.dy + first, s_.units, count, nullptr, panel_, micro_.panel, 0, nullptr, panel_};
      for (Index n = 0; n < s_.batch; n += kRows) {
        call.left = call_.dy + n * s_.units + first;
        call.rows = std::min(kRows, s_.batch - n);
        for (Index l = 0; l < block.positions; ++l) {
          call.right = rows + l * plane + n * panel_;
          call.out = sums + l * sums_plane;
          micro_.outer(call);
        }
      }
      store(block, first, count, sums, sums + block.positions * sums_plane);
    }
  }

  // (positions, units, panel) into the order of the weights.
  void store(const Block2& block, Index first, Index count, const float* sums, float* square) const {
    for (Index u = 0; u < count; ++u) {
      micro_.transpose({sums + u * panel_, count * panel_}, block.positions, block.channels, {square, panel_});
      float* to = call_.dweight + ((first + u) * s_.channels + block.channel) * s_.length + block.position;
      for (Index c = 0; c < block.channels; ++c) std::copy_n(square + c * panel_, block.positions, to + c * s_.length);
    }
  }

  const DenseBackward& call_;
  const DenseShape& s_;
  const Micro& micro_;
  const Executor& executor_;
  Index panel_;
  std::vector<Block2> blocks_;
};

}  // namespace

void dense_forward(const DenseForward& call, const Run& run) {
  check(call.shape, call.x.row_step);
  if (call.shape.batch > 0) Forward(call, run)();
}

void dense_backward(const DenseBackward& call, const Run& run) {
  check(call.shape, call.dweight != nullptr ? call.x.row_step : call.shape.channels);
  if (call.dx && call.dx.row_step != call.shape.channels && call.shape.length > 1) check(call.shape, call.dx.row_step);
  Backward(call, run)();
}

}  // namespace basewise::kernels
