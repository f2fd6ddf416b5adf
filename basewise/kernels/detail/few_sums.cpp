#include "basewise/kernels/detail/few_sums.h"

#include <algorithm>

namespace basewise::kernels::detail {
namespace {

// Numbers and positions of a turned block: it and its sums share the first-level cache.
constexpr Index kDepth = 16;
constexpr Index kPositions = 288;
constexpr Index kReach = 256;  // behind an output: what lies there is turned once more for the next block

// Rows of a matrix stay apart in the cache when their distance is an odd number of lines.
Index spread(Index n) { return round_up(n, 32) + 16; }

}  // namespace

bool prefers_few(const Micro& micro, Index outputs, Index taps, Index stride, Index dilation) {
  return stride == 1 && taps > 1 && (taps - 1) * dilation <= kReach && 2 * outputs <= micro.vector;
}

FewSums::FewSums(const Micro& micro, Index outputs, Index depth, Index taps, Index dilation, const Weight& weight)
    : micro_(micro),
      outputs_(outputs),
      depth_(depth),
      taps_(taps),
      dilation_(dilation),
      phases_(outputs > 2 ? 1 : outputs > 1 ? 2 : 4),
      steps_(ceil_div(taps, phases_)) {
  const Index sums = outputs_ * phases_;
  float* to = packed_.zeros(depth_ * steps_ * sums);
  Buffer one(depth_);
  for (Index m = 0; m < outputs_; ++m)
    for (Index t = 0; t < taps_; ++t) {
      weight(m, t, one.data());
      for (Index k = 0; k < depth_; ++k) to[(k * steps_ + t / phases_) * sums + t % phases_ * outputs_ + m] = one.data()[k];
    }
}

void FewSums::compute(const float* source, Index step, FewRowsCall to, const Ahead& ahead, Buffer& scratch) const {
  const Index vector = micro_.vector, tile = 6 * vector, sums = outputs_ * phases_;
  const Index apart = (phases_ - 1) * dilation_;            // further places of sums that are added last
  const Index beyond = (steps_ - 1) * phases_ * dilation_;  // positions that a sum reads behind its own
  const Index most = std::max(kPositions - beyond, beyond) / tile * tile + tile, count = to.count;
  if (count <= 0) return;
  const Index block = round_up(ceil_div(count, ceil_div(count, most)), vector);  // of about the same size
  const Index columns_step = spread(round_up(block + apart, vector) + beyond), sums_step = spread(round_up(block + apart, vector));
  float* columns = scratch.reserve(kDepth * columns_step + sums * sums_step);
  to.sums = columns + kDepth * columns_step, to.sums_step = sums_step;
  to.outputs = static_cast<int>(outputs_), to.phases = phases_, to.apart = dilation_;
  FewCall call{columns, columns_step, 0, steps_, phases_ * dilation_, nullptr, static_cast<int>(sums), columns + kDepth * columns_step,
               sums_step, 0, false, {}};
  // In equal shares, lines of 16 numbers.
  const Index shares = ceil_div(count, block) * ceil_div(depth_, kDepth), share = round_up(ceil_div(ahead.numbers, shares), 16);
  Index asked = 0;
  for (Index begin = 0; begin < count; begin += block, to.out += block * to.out_step) {
    to.count = std::min(block, count - begin), call.count = to.count + apart;
    const Index rows = count - begin + (taps_ - 1) * dilation_, positions = round_up(call.count, vector) + beyond;
    for (Index k = 0; k < depth_; k += kDepth) {
      call.depth = std::min(kDepth, depth_ - k), call.weights = packed_.data() + k * steps_ * sums, call.accumulate = k > 0;
      for (Index p = 0; p < positions; p += micro_.panel)
        micro_.transpose({source + (begin + p) * step + k, step}, rows - p, call.depth, {columns + p, columns_step});
      call.ahead = {ahead.first + asked, ahead.second != nullptr ? ahead.second + asked : nullptr, std::min(share, ahead.numbers - asked)};
      asked += call.ahead.numbers;
      micro_.few(call);
    }
    micro_.few_rows(to);
  }
}

}  // namespace basewise::kernels::detail
