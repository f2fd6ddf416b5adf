#include "basewise/kernels/detail/tokens.h"

#include <algorithm>

namespace basewise::kernels::detail {
namespace {

constexpr std::uint8_t kNone = 4;     // N, and what lies beyond the ends
constexpr std::uint8_t kMixed = 255;  // not a token

// By the bits of which of the four numbers are one.
constexpr std::uint8_t kTokenOf[16] = {kNone, 0,      1,      kMixed, 2,      kMixed, kMixed, kMixed,
                                        3,     kMixed, kMixed, kMixed, kMixed, kMixed, kMixed, kMixed};

std::uint8_t token(const float* row) {
  unsigned ones = 0, others = 0;
  for (unsigned c = 0; c < 4; ++c) {
    ones |= static_cast<unsigned>(row[c] == 1.0f) << c;
    others |= static_cast<unsigned>(row[c] != 0.0f) << c;  // a NaN too
  }
  return ones == others ? kTokenOf[ones] : kMixed;
}

Index tap_pairs(const ConvShape& s) { return (s.width + 1) / 2; }

}  // namespace

bool reads_tokens(const Micro& micro, const ConvShape& s) {
  return s.channels == 4 && s.groups == 1 && s.width > 1 && s.filters >= micro.vector;
}

Tokens::Tokens(const ConvShape& shape)
    : padded_(shape.pad_left + shape.length + shape.pad_right),
      pairs_(static_cast<std::size_t>(shape.batch * padded_)),
      found_(static_cast<std::size_t>(shape.batch)) {}

Tokens::Tokens(const ConstBlock& x, const ConvShape& shape, const Executor& executor) : Tokens(shape) {
  executor(shape.batch, [&](Index n) { read([&x, n](Index l) { return token(x.at(n, l)); }, shape, n); });
}

Tokens::Tokens(const ConstTokens& x, const ConvShape& shape, const Executor& executor) : Tokens(shape) {
  executor(shape.batch, [&](Index n) {
    const std::uint8_t* from = x.data + n * x.sample_step;
    read([from](Index l) { return std::min(from[l], kNone); }, shape, n);
  });
}

template <class TokenAt>
void Tokens::read(const TokenAt& token_at, const ConvShape& shape, Index sample) {
  std::uint8_t* to = pairs_.data() + sample * padded_;
  std::fill(to, to + shape.pad_left, kNone);
  std::fill(to + shape.pad_left + shape.length, to + padded_, kNone);
  for (Index l = 0; l < shape.length; ++l) {
    const std::uint8_t here = token_at(l);
    if (here == kMixed) return;
    to[shape.pad_left + l] = here;
  }
  const Index both = std::max<Index>(0, padded_ - shape.dilation);
  for (Index q = 0; q < both; ++q) to[q] = static_cast<std::uint8_t>(5 * to[q] + to[q + shape.dilation]);
  for (Index q = both; q < padded_; ++q) to[q] = static_cast<std::uint8_t>(5 * to[q] + kNone);
  found_[static_cast<std::size_t>(sample)] = 1;
}

bool Tokens::all() const {
  return std::all_of(found_.begin(), found_.end(), [](std::uint8_t f) { return f != 0; });
}
bool Tokens::any() const {
  return std::any_of(found_.begin(), found_.end(), [](std::uint8_t f) { return f != 0; });
}

TokenSums::TokenSums(const Micro& micro, const ConvShape& shape, const float* weight, const float* bias, const Executor& executor)
    : micro_(micro), shape_(shape), groups_(tap_pairs(shape)) {
  const Index panels = ceil_div(shape.filters, micro.panel);
  tables_.reserve(panels * groups_ * kTokenPairs * micro.panel);
  bias_.zeros(panels * micro.panel);
  if (bias != nullptr) std::copy_n(bias, shape.filters, bias_.data());
  executor(panels, [&](Index p) { fill_panel(p, weight); });
}

void TokenSums::fill_panel(Index panel, const float* weight) {
  const Index first = panel * micro_.panel, valid = std::min<Index>(micro_.panel, shape_.filters - first);
  float* to = tables_.data() + panel * groups_ * kTokenPairs * micro_.panel;
  const auto at = [&](Index f, Index token, Index tap) {
    return f < valid && token < kNone && tap < shape_.width ? weight[((first + f) * 4 + token) * shape_.width + tap] : 0.0f;
  };
  for (Index g = 0; g < groups_; ++g)
    for (Index a = 0; a < 5; ++a)
      for (Index b = 0; b < 5; ++b, to += micro_.panel)
        for (Index f = 0; f < micro_.panel; ++f) to[f] = at(f, a, 2 * g) + at(f, b, 2 * g + 1);
}

void TokenSums::compute(const std::uint8_t* pairs, Index begin, Index count, float* out, Index out_step, bool relu) const {
  TokenRowsCall call{};
  call.pairs = pairs + begin * shape_.stride;
  call.pair_stride = shape_.stride;
  call.group_step = 2 * shape_.dilation;
  call.groups = groups_;
  call.out_step = out_step;
  call.row_count = count;
  call.relu = relu;
  for (Index first = 0; first < shape_.filters; first += micro_.panel) {
    call.tables = tables_.data() + first * groups_ * kTokenPairs;
    call.bias = bias_.data() + first;
    call.valid = static_cast<int>(std::min<Index>(micro_.panel, shape_.filters - first));
    call.out = out + first;
    micro_.token_rows(call);
  }
}

TokenGradient::TokenGradient(const Micro& micro, const ConvShape& shape) : micro_(micro), shape_(shape), groups_(tap_pairs(shape)) {
  tables_.zeros(round_up(shape_.filters, micro.panel) * groups_ * kTokenPairs);
}

void TokenGradient::add(const std::uint8_t* pairs, Index begin, Index count, const float* rows, Index row_step) {
  TokenAddCall call{};
  call.pairs = pairs + begin * shape_.stride;
  call.pair_stride = shape_.stride;
  call.group_step = 2 * shape_.dilation;
  call.groups = groups_;
  call.row_step = row_step;
  call.row_count = count;
  for (Index first = 0; first < shape_.filters; first += micro_.panel) {
    call.tables = tables_.data() + first * groups_ * kTokenPairs;
    call.rows = rows + first;
    micro_.token_add(call);
  }
}

void TokenGradient::share_out(float* sums, Index step) const {
  for (Index first = 0; first < shape_.filters; first += micro_.panel) {
    const Index valid = std::min<Index>(micro_.panel, shape_.filters - first);
    const float* from = tables_.data() + first * groups_ * kTokenPairs;
    const auto give = [&](Index tap, Index token) {
      if (token >= kNone || tap >= shape_.width) return;
      float* to = sums + (tap * 4 + token) * step + first;
      for (Index f = 0; f < valid; ++f) to[f] += from[f];
    };
    for (Index g = 0; g < groups_; ++g)
      for (Index a = 0; a < 5; ++a)
        for (Index b = 0; b < 5; ++b, from += micro_.panel) give(2 * g, a), give(2 * g + 1, b);
  }
}

}  // namespace basewise::kernels::detail
