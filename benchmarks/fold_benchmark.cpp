// Does it pay to fold mirrored taps in convolutions that share parameters between the strands?
//
//   fold_benchmark
//
// Such a convolution reads 2C channels in pairs (c, 2C - 1 - c) and gives 2F: filter 2F - 1 - f is
// filter f turned around in taps and channels. For every pair of a tap k of channel c with tap
// K - 1 - k of channel 2C - 1 - c, with numbers a, b under them and weights v, w:
//   y[f]          = sum v a + w b = sum (v + w) / 2 (a + b) + (v - w) / 2 (a - b)
//   y[2F - 1 - f] = sum v b + w a = sum (v + w) / 2 (a + b) - (v - w) / 2 (a - b)
// so both come from two sums over half of the products each: half of the multiplications, for two
// additions per number that is read under a tap. Compared are the convolution as it is computed
// today (by Winograd where that is faster), its plain sums, and the folded sums over tiles that
// stay in cache, forward, in turn in one process.
#include <cmath>
#include <cstdio>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/core/format.h"
#include "basewise/core/parallel.h"
#include "basewise/kernels/conv.h"
#include "basewise/kernels/packed_conv.h"
#include "basewise/ops/kernels.h"
#include "basewise/tensor/torch.h"
#include "measure.h"

namespace {

using namespace basewise;
using Index = std::int64_t;

struct Shape {
  Index batch, length, half, filters, width;  // channels in and out are 2 half, 2 filters
  Index output_length() const { return length - width + 1; }
  kernels::ConvShape conv() const {
    return {.batch = batch, .length = length, .channels = 2 * half, .filters = 2 * filters, .width = width};
  }
};

// (2F, 2C, K) from (F, 2C, K).
at::Tensor both_strands(const at::Tensor& weight) { return at::cat({weight, weight.flip({0, 1, 2})}).contiguous(); }

class Folded {
 public:
  Folded(const Shape& s, const at::Tensor& weight) : s_(s) {
    const at::Tensor turned = weight.flip({1, 2});
    sums_ = pack((weight + turned) / 2);
    differences_ = pack((weight - turned) / 2);
  }

  void operator()(const float* x, float* y, const kernels::Executor& executor) const {
    const Index rows = s_.output_length(), tiles = (rows + kTile - 1) / kTile;
    executor(s_.batch * tiles, [&](Index i) {
      const Index sample = i / tiles, first = i % tiles * kTile;
      tile(x + (sample * s_.length + first) * 2 * s_.half, std::min(kTile, rows - first), y + (sample * rows + first) * 2 * s_.filters);
    });
  }

 private:
  static constexpr Index kTile = 48;

  // Taps of the first half of the channels as channels of a convolution of width 1.
  std::vector<kernels::PackedConv> pack(const at::Tensor& weight) const {
    const at::Tensor flat = weight.slice(1, 0, s_.half).transpose(1, 2).reshape({s_.filters, s_.width * s_.half, 1}).contiguous();
    std::vector<kernels::PackedConv> one;
    one.emplace_back(kernels::ConvShape{.channels = s_.width * s_.half, .filters = s_.filters, .width = 1},
                     flat.const_data_ptr<float>(), nullptr, kernels::Activation::identity);
    return one;
  }

  void tile(const float* x, Index rows, float* y) const {
    thread_local std::vector<float> plus, minus, even, odd;
    const Index columns = s_.width * s_.half, channels = 2 * s_.half, filters = s_.filters;
    plus.resize(rows * columns), minus.resize(rows * columns), even.resize(rows * filters), odd.resize(rows * filters);
    for (Index r = 0; r < rows; ++r)
      for (Index k = 0; k < s_.width; ++k) {
        const float* a = x + (r + k) * channels;
        const float* b = x + (r + s_.width - 1 - k) * channels + channels - 1;
        float *p = plus.data() + r * columns + k * s_.half, *m = minus.data() + r * columns + k * s_.half;
        for (Index c = 0; c < s_.half; ++c) p[c] = a[c] + b[-c], m[c] = a[c] - b[-c];
      }
    sums_.front()({.x = plus.data(), .x_rows = rows, .x_step = columns, .first = 0, .count = rows, .y = even.data(), .y_step = filters});
    differences_.front()({.x = minus.data(),
                          .x_rows = rows,
                          .x_step = columns,
                          .first = 0,
                          .count = rows,
                          .y = odd.data(),
                          .y_step = filters});
    for (Index r = 0; r < rows; ++r) {
      const float *e = even.data() + r * filters, *o = odd.data() + r * filters;
      float* to = y + r * 2 * filters;
      for (Index f = 0; f < filters; ++f) to[f] = e[f] + o[f], to[2 * filters - 1 - f] = e[f] - o[f];
    }
  }

  Shape s_;
  std::vector<kernels::PackedConv> sums_, differences_;
};

void compare(const Shape& s) {
  at::manual_seed(1);
  const at::Tensor x = at::randn({s.batch, s.length, 2 * s.half}), weight = at::randn({s.filters, 2 * s.half, s.width}),
                   full = both_strands(weight);
  at::Tensor y = at::empty({s.batch, s.output_length(), 2 * s.filters}), folded_y = at::empty_like(y);
  const Folded folded(s, weight);
  kernels::Run run = ops::kernel_run();
  kernels::ConvForward call{.shape = s.conv(),
                            .x = {x.const_data_ptr<float>(), x.stride(0), x.stride(1)},
                            .weight = full.const_data_ptr<float>()};
  call.y = {y.mutable_data_ptr<float>(), y.stride(0), y.stride(1)};
  const auto convolve = [&](bool winograd) {
    run.winograd = winograd;
    kernels::conv_forward(call, run);
  };
  const auto fold = [&] { folded(x.const_data_ptr<float>(), folded_y.mutable_data_ptr<float>(), *run.executor); };
  convolve(false), fold();
  const double error = (y - folded_y).abs().max().item<double>() / y.abs().max().item<double>();
  if (!(error < 1e-5)) throw InternalError(format("folded sums differ by {}", error));
  const auto today = benchmarks::in_turn(
                 fold, [&] { convolve(true); }, 1.5),
             plain = benchmarks::in_turn(fold, [&] { convolve(false); }, 1.5);
  std::printf(
      "%4ld x %4ld, %3ld to %3ld channels, width %2ld: folded %6.2f ms; as today / folded %.2f [%.2f-%.2f]; plain sums "
      "/ folded %.2f [%.2f-%.2f]%s\n",
      long(s.batch), long(s.length), long(2 * s.half), long(2 * s.filters), long(s.width),
      1e3 * benchmarks::median(today.ours), today.speedup(), today.lowest_speedup(), today.highest_speedup(),
      plain.speedup(), plain.lowest_speedup(), plain.highest_speedup(),
      std::max(today.others, plain.others) > 0.1 ? " *" : "");
}

}  // namespace

int main() {
  at::set_num_threads(threads());
  std::printf("Above 1: folding is faster. *: other programs took more than a tenth of the machine.\n");
  for (const Shape& s : {Shape{64, 987, 16, 16, 14}, Shape{32, 1000, 64, 64, 1}, Shape{32, 1000, 64, 64, 3}, Shape{32, 1000, 64, 64, 5},
                         Shape{16, 1000, 64, 64, 11}})
    compare(s);
  return 0;
}
