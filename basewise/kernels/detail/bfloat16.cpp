#include "basewise/kernels/detail/bfloat16.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::kernels {

bool has_bfloat16() { return detail::bfloat16_micro() != nullptr; }

}  // namespace basewise::kernels

namespace basewise::kernels::detail {

#if defined(__x86_64__)
extern const Bfloat16Micro bfloat16_micro_avx512;
#endif

namespace {

constexpr Index kTileRows = 96;     // as in Correlation
constexpr Index kDepthBlock = 512;  // twice the numbers in the same bytes

const Bfloat16Micro& present() {
  const Bfloat16Micro* micro = bfloat16_micro();
  if (micro == nullptr) throw InternalError("sums in bfloat16 were asked for on a processor without instructions for them");
  return *micro;
}

}  // namespace

const Bfloat16Micro* bfloat16_micro() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return &bfloat16_micro_avx512;
#endif
  return nullptr;
}

bool prefers_bfloat16(Index outputs, Index depth) { return std::min(outputs, depth) >= 16; }

Bfloat16Sum::Bfloat16Sum(Index outputs, Index depth, Index first, Index width, Index dilation, Index stride,
                         const Correlation::Weight& weight, const Executor& executor)
    : micro_(present()),
      outputs_(outputs),
      depth_(depth),
      even_(round_up(depth, 2)),
      first_(first),
      width_(width),
      dilation_(dilation),
      stride_(stride) {
  packed_.assign(static_cast<std::size_t>(padded_outputs() * width_ * even_), 0);
  executor(padded_outputs() / kPanel, [&](Index p) { pack_panel(p, weight); });
}

void Bfloat16Sum::pack_panel(Index panel, const Correlation::Weight& weight) {
  std::vector<float> one(static_cast<std::size_t>(depth_));
  std::vector<Bfloat16> rounded(one.size());
  Bfloat16* to = packed_.data() + panel * kPanel * width_ * even_;
  for (Index f = 0; f < std::min(kPanel, outputs_ - panel * kPanel); ++f)
    for (Index t = 0; t < width_; ++t) {
      weight(panel * kPanel + f, t, one.data());
      micro_.round(one.data(), depth_, rounded.data());
      for (Index k = 0; k < depth_; ++k) to[(t * even_ + k / 2 * 2) * kPanel + 2 * f + k % 2] = rounded[static_cast<std::size_t>(k)];
    }
}

// Neighbouring taps are one stretch; long stretches are cut.
std::vector<Segment> Bfloat16Sum::segments() const {
  std::vector<Segment> all;
  for (Index t = 0; t < width_; ++t)
    for (Index k = 0; k < even_;) {
      const bool joins =
          !all.empty() && dilation_ == 1 && all.back().panel + all.back().length == t * even_ + k && all.back().length < kDepthBlock;
      if (!joins) all.push_back({t * dilation_ * even_ + k, 0, t * even_ + k});
      const Index more = std::min(even_ - k, kDepthBlock - all.back().length);
      all.back().length += more, k += more;
    }
  return all;
}

void Bfloat16Sum::compute(const RowSource& source, Index begin, const Correlation::Target& target) const {
  thread_local std::vector<Bfloat16> rows;
  // All that the stretch reads, rounded; rows that do not exist are zeros.
  const Index first = begin * stride_ + first_, count = (target.count - 1) * stride_ + (width_ - 1) * dilation_ + 1;
  rows.assign(static_cast<std::size_t>(count * even_), 0);
  for (Index r = std::max<Index>(0, source.begin - first); r < std::min(count, source.end - first); ++r)
    micro_.round(source.data + (first + r) * source.step, depth_, rows.data() + r * even_);
  const std::vector<Segment> all = segments();
  for (Index r = 0; r < target.count; r += kTileRows)
    for (std::size_t s = 0; s < all.size(); ++s)
      for (Index f = 0; f < outputs_; f += kPanel) {
        Bfloat16RowsCall call{};
        call.panel = packed_.data() + f * width_ * even_;
        call.width = static_cast<int>(kPanel);
        call.valid = static_cast<int>(std::min(kPanel, outputs_ - f));
        call.rows = rows.data() + r * stride_ * even_, call.row_step = stride_ * even_;
        call.segments = &all[s], call.segment_count = 1;
        call.out = target.data + r * target.step + f, call.out_step = target.step;
        call.row_count = std::min(kTileRows, target.count - r);
        call.bias = target.bias != nullptr && s == 0 ? target.bias + f : nullptr;
        call.accumulate = target.accumulate || s > 0;
        call.relu = target.relu && s + 1 == all.size();
        micro_.rows(call);
      }
}

}  // namespace basewise::kernels::detail
