// Convolutions packed once: the sum in double, bit for bit the same for every cut, tokens as rows.
#include "basewise/kernels/packed_conv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/error.h"

namespace basewise::kernels {
namespace {

using Index = std::int64_t;

std::vector<float> noise(Index n, unsigned seed) {
  std::mt19937 draw(seed);
  std::normal_distribution<float> normal;
  std::vector<float> all(static_cast<std::size_t>(n));
  for (float& x : all) x = normal(draw);
  return all;
}

struct Case {
  ConvShape shape;
  Index rows;  // of the output
  Activation activation = Activation::identity;
  bool skip = false;
};

Case made(Index channels, Index filters, Index width, Index stride, Index dilation, Index groups, Index rows,
          Activation activation = Activation::identity, bool skip = false) {
  Case c;
  c.shape.channels = channels, c.shape.filters = filters, c.shape.width = width;
  c.shape.stride = stride, c.shape.dilation = dilation, c.shape.groups = groups;
  c.rows = rows, c.activation = activation, c.skip = skip;
  return c;
}

struct Data {
  std::vector<float> x, weight, bias, skip;
};

Index input_rows(const Case& c, const PackedGrid& grid) { return (c.rows - 1) * c.shape.stride + (grid.width - 1) * c.shape.dilation + 1; }

Data data_of(const Case& c, const PackedGrid& grid) {
  return {noise(input_rows(c, grid) * c.shape.channels, 1), noise(c.shape.filters * c.shape.channels / c.shape.groups * c.shape.width, 2),
          noise(c.shape.filters, 3), noise(c.rows * c.shape.filters, 4)};
}

std::vector<double> exact(const Case& c, const Data& d) {
  const ConvShape& s = c.shape;
  const Index in = s.channels / s.groups, out = s.filters / s.groups;
  std::vector<double> y;
  for (Index r = 0; r < c.rows; ++r)
    for (Index f = 0; f < s.filters; ++f) {
      double sum = double{d.bias[static_cast<std::size_t>(f)]};
      for (Index k = 0; k < in; ++k)
        for (Index j = 0; j < s.width; ++j)
          sum += double{d.weight[static_cast<std::size_t>((f * in + k) * s.width + j)]} *
                 double{d.x[static_cast<std::size_t>((r * s.stride + j * s.dilation) * s.channels + f / out * in + k)]};
      if (c.activation == Activation::relu) sum = std::max(sum, 0.0);
      if (c.activation == Activation::exponential) sum = std::exp(sum);
      y.push_back(sum + (c.skip ? double{d.skip[static_cast<std::size_t>(r * s.filters + f)]} : 0.0));
    }
  return y;
}

// Rows [cut[i], cut[i + 1]) by calls of their own.
std::vector<float> computed(const PackedConv& conv, const Case& c, const Data& d, const PackedGrid& grid, const std::vector<Index>& cuts) {
  const ConvShape& s = c.shape;
  std::vector<float> y(static_cast<std::size_t>(c.rows * s.filters), -1.0f);
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    PackedConv::Rows call;
    call.x = d.x.data() + cuts[i] * s.stride * s.channels, call.x_step = s.channels;
    call.x_rows = input_rows(c, grid) - cuts[i] * s.stride;
    call.first = cuts[i], call.count = cuts[i + 1] - cuts[i];
    call.y = y.data() + cuts[i] * s.filters, call.y_step = s.filters;
    if (c.skip) call.skip = d.skip.data() + cuts[i] * s.filters, call.skip_step = s.filters;
    conv(call);
  }
  return y;
}

std::vector<Index> cuts_every(Index step, Index rows) {
  std::vector<Index> cuts;
  for (Index at = 0; at < rows; at += step) cuts.push_back(at);
  cuts.push_back(rows);
  return cuts;
}

TEST(PackedConv, EqualsTheSumInDoubleForEveryCut) {
  const Case cases[] = {made(5, 7, 3, 1, 1, 1, 61),
                        made(33, 20, 4, 2, 3, 1, 119, Activation::relu),
                        made(24, 48, 5, 1, 2, 3, 77, Activation::exponential, true),
                        made(64, 2, 75, 1, 1, 1, 700),
                        made(64, 48, 3, 1, 1, 1, 203, Activation::relu, true),
                        made(48, 70, 3, 1, 16, 1, 407, Activation::identity, true),
                        made(40, 36, 11, 1, 1, 1, 151, Activation::relu),
                        made(1, 130, 1, 1, 1, 1, 29)};
  for (const Isa isa : supported_isas())
    for (const Case& c : cases)
      for (const bool winograd : {false, true}) {
        const PackedGrid grid = packed_grid(c.shape, c.rows, winograd);
        if (winograd && !grid.winograd) continue;
        SCOPED_TRACE(format("{} {} -> {}, width {}, winograd {}", name(isa), c.shape.channels, c.shape.filters, c.shape.width, winograd));
        const Data d = data_of(c, grid);
        const PackedConv conv(c.shape, d.weight.data(), d.bias.data(), c.activation, winograd, isa);
        const std::vector<float> y = computed(conv, c, d, grid, {0, c.rows});
        const std::vector<double> expected = exact(c, d);
        double largest = 0, worst = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
          largest = std::max(largest, std::abs(expected[i])), worst = std::max(worst, std::abs(expected[i] - double{y[i]}));
        EXPECT_LE(worst / largest, c.activation == Activation::exponential ? 1e-4 : 1e-5);
        for (const Index step : {Index{1}, Index{7}, Index{64}, Index{301}}) {
          const std::vector<float> other = computed(conv, c, d, grid, cuts_every(step * grid.period, c.rows));
          EXPECT_EQ(std::memcmp(y.data(), other.data(), y.size() * sizeof(float)), 0) << step;
        }
      }
}

TEST(PackedConv, TokensAreRows) {
  const Case c = made(4, 37, 6, 1, 2, 1, 90, Activation::relu);
  const PackedGrid grid = packed_grid(c.shape, c.rows);
  Data d = data_of(c, grid);
  const Index rows = input_rows(c, grid), left = 3, length = rows - left - 5;  // zeros at both ends
  std::vector<std::uint8_t> tokens;
  for (Index i = 0; i < length; ++i) tokens.push_back(static_cast<std::uint8_t>(i * i % 7));  // above 3: N
  std::vector<float> across(static_cast<std::size_t>(4 * length), 0.0f);                       // (4, length)
  std::fill(d.x.begin(), d.x.end(), 0.0f);
  for (Index i = 0; i < length; ++i)
    if (const Index token = tokens[static_cast<std::size_t>(i)]; token < 4)
      d.x[static_cast<std::size_t>((left + i) * 4 + token)] = across[static_cast<std::size_t>(token * length + i)] = 1.0f;
  const std::vector<double> expected = exact(c, d);
  TokenSource from_tokens, from_rows, from_across;
  from_tokens.tokens = tokens.data(), from_tokens.length = length;
  from_rows.x = d.x.data() + left * 4, from_rows.channel_step = 1, from_rows.row_step = 4, from_rows.length = length;
  from_across.x = across.data(), from_across.channel_step = length, from_across.row_step = 1, from_across.length = length;
  for (const Isa isa : supported_isas()) {
    const PackedConv conv(c.shape, d.weight.data(), d.bias.data(), c.activation, false, isa);
    ASSERT_TRUE(conv.takes_tokens());
    for (const TokenSource& source : {from_tokens, from_rows, from_across}) {
      std::vector<std::uint8_t> pairs(static_cast<std::size_t>(rows));
      ASSERT_TRUE(token_pairs(source, -left, rows - left, c.shape.dilation, pairs.data()));
      std::vector<float> y(static_cast<std::size_t>(c.rows * c.shape.filters));
      PackedConv::Rows call;
      call.pairs = pairs.data(), call.count = c.rows, call.y = y.data(), call.y_step = c.shape.filters;
      conv(call);
      for (std::size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(double{y[i]}, expected[i], 1e-4) << i;
    }
  }
  std::vector<std::uint8_t> pairs(static_cast<std::size_t>(length));
  across[10] = 0.5f;
  EXPECT_FALSE(token_pairs(from_across, 0, length, 1, pairs.data()));
  EXPECT_TRUE(token_pairs(from_across, 11, length, 1, pairs.data()));  // only rows that are asked for are looked at
}

TEST(PackedConv, SaysWhatDoesNotFit) {
  const float weight[12] = {};
  ConvShape shape;
  shape.channels = 3, shape.filters = 4, shape.groups = 2;
  EXPECT_THROW(PackedConv(shape, weight, nullptr, Activation::identity), ArgumentError);
}

}  // namespace
}  // namespace basewise::kernels
