#include "basewise/kernels/packed_conv.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "basewise/kernels/detail/correlation.h"
#include "basewise/kernels/detail/tokens.h"
#include "basewise/kernels/detail/winograd.h"

namespace basewise::kernels {

using namespace detail;  // NOLINT: this source is made of the pieces in there

struct PackedConv::Parts {
  ConvShape shape;
  Activation activation;
  const Micro* micro;
  std::vector<Correlation> sums;  // one per group; empty with Winograd
  std::optional<WinogradSum> winograd;
  Buffer bias;
  bool biased = false;
  std::optional<TokenSums> tokens;
};

PackedGrid packed_grid(const ConvShape& s, Index rows, bool winograd) {
  if (!winograd || s.groups > 1 || !prefers_winograd(s.filters, s.channels, s.width, s.stride, s.dilation, rows))
    return {false, 1, s.width, s.width};
  const WinogradTiling tiling(s.width, s.dilation);
  return {true, tiling.period(), tiling.parts * tiling.taps, tiling.parts * tiling.inputs};
}

PackedConv::PackedConv(const ConvShape& asked, const float* weight, const float* bias, Activation activation, bool winograd, Isa isa) {
  ConvShape shape = asked;
  shape.batch = 1, shape.pad_left = shape.pad_right = 0, shape.length = shape.span();
  check(shape);
  parts_ = std::make_unique<Parts>(Parts{shape, activation, &micro(isa), {}, {}, {}, bias != nullptr, {}});
  const Index in = shape.channels / shape.groups, out = shape.filters / shape.groups;
  std::vector<Index> rows;
  for (Index j = 0; j < shape.width; ++j) rows.push_back(j * shape.dilation);
  if (winograd)
    parts_->winograd.emplace(
        *parts_->micro, out, in, 0, shape.width, shape.dilation,
        [&](Index f, Index j, float* to) {
          for (Index c = 0; c < in; ++c) to[c] = weight[(f * in + c) * shape.width + j];
        },
        default_executor());
  for (Index g = 0; !winograd && g < shape.groups; ++g) {
    const float* of_group = weight + g * out * in * shape.width;
    parts_->sums.emplace_back(
        *parts_->micro, out, in, rows, shape.stride,
        [&](Index f, Index j, float* to) {
          for (Index c = 0; c < in; ++c) to[c] = of_group[(f * in + c) * shape.width + j];
        },
        default_executor());
  }
  if (reads_tokens(*parts_->micro, shape)) parts_->tokens.emplace(*parts_->micro, shape, weight, bias, default_executor());
  if (bias == nullptr) return;
  const Index padded = winograd ? parts_->winograd->padded_outputs() : parts_->sums.front().padded_outputs();
  parts_->bias.zeros(padded * shape.groups);
  for (Index f = 0; f < shape.filters; ++f) parts_->bias.data()[f / out * padded + f % out] = bias[f];
}

PackedConv::~PackedConv() = default;
PackedConv::PackedConv(PackedConv&&) noexcept = default;
PackedConv& PackedConv::operator=(PackedConv&&) noexcept = default;

void PackedConv::operator()(const Rows& call) const {
  thread_local Buffer scratch;
  const ConvShape& s = parts_->shape;
  const Index in = s.channels / s.groups, out = s.filters / s.groups;
  const bool plain = parts_->activation == Activation::identity || parts_->activation == Activation::relu;
  const bool skip_in_sum = call.skip != nullptr && plain && parts_->winograd;
  const bool relu_in_sum = parts_->activation == Activation::relu && (call.skip == nullptr || skip_in_sum);
  const bool done = plain && (call.skip == nullptr || skip_in_sum);
  // What follows the sum finds its rows in cache.
  const Index piece = parts_->winograd ? round_up(384, parts_->winograd->tiling().period()) : parts_->sums.front().few() ? 2048 : 192;
  for (Index begin = 0; begin < call.count; begin += piece) {
    const Index count = std::min(piece, call.count - begin);
    float* y = call.y + begin * call.y_step;
    if (call.pairs != nullptr) parts_->tokens->compute(call.pairs + begin * s.stride, 0, count, y, call.y_step, relu_in_sum);
    if (parts_->winograd) {
      Correlation::Target target{y, call.y_step, count};
      if (parts_->biased) target.bias = parts_->bias.data();
      target.relu = relu_in_sum;
      if (skip_in_sum) target.skip = call.skip + begin * call.skip_step, target.skip_step = call.skip_step;
      parts_->winograd->compute({call.x, call.x_step, 0, call.x_rows}, begin, target, scratch);
    }
    for (Index g = 0; call.pairs == nullptr && !parts_->winograd && g < s.groups; ++g) {
      const Correlation& sum = parts_->sums[static_cast<std::size_t>(g)];
      Correlation::Target target{y + g * out, call.y_step, count};
      if (parts_->biased) target.bias = parts_->bias.data() + g * sum.padded_outputs();
      target.relu = relu_in_sum;
      sum.compute(call.x + begin * s.stride * call.x_step + g * in, call.x_step, target, scratch);
    }
    if (done) continue;
    MapCall map{};
    map.function = static_cast<Function>(parts_->activation);
    map.x = {y, call.y_step};
    map.out = {y, call.y_step};
    if (call.skip != nullptr) map.skip = {call.skip + begin * call.skip_step, call.skip_step};
    map.rows = count;
    map.columns = s.filters;
    parts_->micro->map(map);
  }
}

void PackedConv::operator()(const Taps& call) const {
  const ConvShape& s = parts_->shape;
  const Index in = s.channels / s.groups, out = s.filters / s.groups;
  for (Index g = 0; g < s.groups; ++g)
    parts_->sums[static_cast<std::size_t>(g)].compute_apart(call.x + g * in, call.x_step, call.tap_step, call.first, call.last,
                                                            {call.y + g * out, call.y_step, call.count}, call.joined);
}

bool PackedConv::all_taps() const { return !parts_->sums.empty() && parts_->sums.front().few(); }

bool PackedConv::takes_tokens() const { return parts_->tokens.has_value(); }

bool token_pairs(const TokenSource& s, Index begin, Index end, Index dilation, std::uint8_t* pairs) {
  constexpr std::uint8_t kNone = 4, kMixed = 255;
  // By the bits of which of the four numbers are one.
  constexpr std::uint8_t kTokenOf[16] = {kNone, 0,      1,      kMixed, 2,      kMixed, kMixed, kMixed,
                                          3,     kMixed, kMixed, kMixed, kMixed, kMixed, kMixed, kMixed};
  const auto [first, last] = inside(begin, end, s.length);
  std::fill(pairs, pairs + (end - begin), kNone);
  std::uint8_t* to = pairs + (first - begin);
  bool mixed = false;
  for (Index r = first; r < last; ++r, ++to) {
    if (s.tokens != nullptr) {
      *to = std::min(s.tokens[r], kNone);
      continue;
    }
    unsigned ones = 0, others = 0;
    for (unsigned c = 0; c < 4; ++c) {
      const float value = s.x[r * s.row_step + Index{c} * s.channel_step];
      ones |= static_cast<unsigned>(value == 1.0f) << c;
      others |= static_cast<unsigned>(value != 0.0f) << c;  // a NaN too
    }
    *to = ones == others ? kTokenOf[ones] : kMixed;
    mixed = mixed || *to == kMixed;
  }
  if (mixed) return false;
  const Index rows = end - begin;
  for (Index q = 0; q < rows; ++q) pairs[q] = static_cast<std::uint8_t>(5 * pairs[q] + (q + dilation < rows ? pairs[q + dilation] : kNone));
  return true;
}

}  // namespace basewise::kernels
