// Convolutions against sums written out in double, over random shapes.
#include "basewise/kernels/conv.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise::kernels {
namespace {

struct Problem {
  ConvShape s;
  std::vector<float> x, weight, bias, dy;
  std::int64_t x_row = 0, y_row = 0, x_sample = 0, y_sample = 0;
};

std::vector<float> numbers(std::size_t n, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> all(n);
  for (float& v : all) v = normal(random);
  return all;
}

Problem problem(const ConvShape& s, unsigned seed, std::int64_t gap = 0) {
  std::mt19937 random(seed);
  Problem p{s, {}, {}, {}, {}};
  p.x_row = s.channels + gap, p.y_row = s.filters + gap;
  p.x_sample = p.x_row * s.length + 3 * gap, p.y_sample = p.y_row * s.output_length() + 2 * gap;
  p.x = numbers(static_cast<std::size_t>(p.x_sample * s.batch), random);
  p.weight = numbers(static_cast<std::size_t>(s.filters * (s.channels / s.groups) * s.width), random);
  p.bias = numbers(static_cast<std::size_t>(s.filters), random);
  p.dy = numbers(static_cast<std::size_t>(p.y_sample * s.batch), random);
  return p;
}

// Calls f(n, i, filter, channel in the group, channel, tap, input position) for every product that
// exists.
template <class F>
void every_product(const ConvShape& s, F&& f) {
  const std::int64_t in = s.channels / s.groups, out = s.filters / s.groups;
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t i = 0; i < s.output_length(); ++i)
      for (std::int64_t j = 0; j < s.width; ++j) {
        const std::int64_t l = i * s.stride - s.pad_left + j * s.dilation;
        if (l < 0 || l >= s.length) continue;
        for (std::int64_t k = 0; k < s.filters; ++k)
          for (std::int64_t c = 0; c < in; ++c) f(n, i, k, c, k / out * in + c, j, l);
      }
}

std::vector<double> expected_y(const Problem& p) {
  const ConvShape& s = p.s;
  std::vector<double> y(static_cast<std::size_t>(s.batch * s.output_length() * s.filters));
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = p.bias[i % static_cast<std::size_t>(s.filters)];
  every_product(s, [&](auto n, auto i, auto k, auto c, auto channel, auto j, auto l) {
    y[static_cast<std::size_t>((n * s.output_length() + i) * s.filters + k)] +=
        double{p.weight[static_cast<std::size_t>((k * (s.channels / s.groups) + c) * s.width + j)]} *
        double{p.x[static_cast<std::size_t>(n * p.x_sample + l * p.x_row + channel)]};
  });
  return y;
}

double scale_of(const std::vector<double>& all) {
  double sum = 0;
  for (const double v : all) sum += v * v;
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, all.size()))) + 1e-12;
}

// Largest difference in units of the typical size of the expected numbers, or of a sum of `terms`
// normal numbers when only a few sums are compared, which may have cancelled by chance.
template <class At>
double error(const std::vector<double>& expected, At&& at, double terms = 0) {
  const double scale = std::max(scale_of(expected), std::sqrt(terms));
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(expected[i] - static_cast<double>(at(i))) / scale);
  return worst;
}

// Sums of up to a few thousand products in single precision.
constexpr double kTolerance = 2e-5;

struct Outputs {
  std::vector<float> y, dx, dweight, dbias;
  bool operator==(const Outputs&) const = default;
};

Outputs compute(const Problem& p, const Run& run) {
  const ConvShape& s = p.s;
  Outputs o;
  o.y.resize(static_cast<std::size_t>(p.y_sample * s.batch));
  o.dx.resize(static_cast<std::size_t>(p.x_sample * s.batch));
  o.dweight.resize(p.weight.size());
  o.dbias.resize(p.bias.size());
  const ConstBlock x{p.x.data(), p.x_sample, p.x_row};
  ConvForward forward{s, x, p.weight.data(), p.bias.data()};
  forward.y = {o.y.data(), p.y_sample, p.y_row};
  conv_forward(forward, run);
  ConvBackward backward{s};
  backward.gradient.dy = {p.dy.data(), p.y_sample, p.y_row};
  backward.x = x;
  backward.weight = p.weight.data();
  backward.dx = {o.dx.data(), p.x_sample, p.x_row};
  backward.dweight = o.dweight.data();
  backward.dbias = o.dbias.data();
  conv_backward(backward, run);
  return o;
}

void expect_right(const Problem& p, const Outputs& o, const std::string& what) {
  const ConvShape& s = p.s;
  std::vector<double> dx(static_cast<std::size_t>(s.batch * s.length * s.channels)), dw(p.weight.size()), db(p.bias.size());
  every_product(s, [&](auto n, auto i, auto k, auto c, auto channel, auto j, auto l) {
    const double dy = p.dy[static_cast<std::size_t>(n * p.y_sample + i * p.y_row + k)];
    const auto w = static_cast<std::size_t>((k * (s.channels / s.groups) + c) * s.width + j);
    dx[static_cast<std::size_t>((n * s.length + l) * s.channels + channel)] += dy * double{p.weight[w]};
    dw[w] += dy * double{p.x[static_cast<std::size_t>(n * p.x_sample + l * p.x_row + channel)]};
  });
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t i = 0; i < s.output_length(); ++i)
      for (std::int64_t k = 0; k < s.filters; ++k)
        db[static_cast<std::size_t>(k)] += p.dy[static_cast<std::size_t>(n * p.y_sample + i * p.y_row + k)];
  const auto at = [](const std::vector<float>& block, std::int64_t rows, std::int64_t columns, std::int64_t sample_step,
                     std::int64_t row_step) {
    return [&block, rows, columns, sample_step, row_step](std::size_t i) {
      const auto k = static_cast<std::int64_t>(i);
      return block[static_cast<std::size_t>(k / columns / rows * sample_step + k / columns % rows * row_step + k % columns)];
    };
  };
  EXPECT_LE(error(expected_y(p), at(o.y, s.output_length(), s.filters, p.y_sample, p.y_row)), kTolerance) << what << ": y";
  EXPECT_LE(error(dx, at(o.dx, s.length, s.channels, p.x_sample, p.x_row)), kTolerance) << what << ": dx";
  EXPECT_LE(error(dw, [&](std::size_t i) { return o.dweight[i]; }), kTolerance) << what << ": dweight";
  EXPECT_LE(error(
                db, [&](std::size_t i) { return o.dbias[i]; }, static_cast<double>(s.batch * s.output_length())),
            kTolerance)
      << what << ": dbias";
}

std::string text(const ConvShape& s) {
  return ::testing::PrintToString(std::vector<std::int64_t>{s.batch, s.length, s.channels, s.filters, s.width, s.stride, s.dilation,
                                                            s.groups, s.pad_left, s.pad_right});
}

ConvShape random_shape() {
  ConvShape s;
  s.batch = *rc::gen::inRange<std::int64_t>(1, 4);
  s.groups = *rc::gen::element<std::int64_t>(1, 1, 1, 2, 3);
  s.channels = s.groups * *rc::gen::inRange<std::int64_t>(1, 40);
  s.filters = s.groups * *rc::gen::inRange<std::int64_t>(1, 40);
  s.width = *rc::gen::inRange<std::int64_t>(1, 14);
  s.stride = *rc::gen::element<std::int64_t>(1, 1, 1, 2, 3);
  s.dilation = *rc::gen::element<std::int64_t>(1, 1, 2, 5, 40);
  s.pad_left = *rc::gen::inRange<std::int64_t>(0, s.span() + 3);
  s.pad_right = *rc::gen::inRange<std::int64_t>(0, s.span() + 3);
  const std::int64_t least = std::max<std::int64_t>(1, s.span() - s.pad_left - s.pad_right);
  s.length = least + *rc::gen::inRange<std::int64_t>(0, 300);
  return s;
}

TEST(Conv, EqualsTheSumWrittenOutForRandomShapes) {
  for (const Isa isa : supported_isas())
    EXPECT_TRUE(rc::check([&] {
      const ConvShape s = random_shape();
      const Problem p = problem(s, *rc::gen::arbitrary<unsigned>(), *rc::gen::element<std::int64_t>(0, 0, 1, 5));
      expect_right(p, compute(p, {isa, &default_executor()}), format("{} {}", name(isa), text(s)));
      RC_ASSERT(!::testing::Test::HasFailure());
    }));
}

TEST(Conv, EqualsTheSumByWinograd) {
  for (const Isa isa : supported_isas())
    EXPECT_TRUE(rc::check([&] {
      ConvShape s = random_shape();
      s.groups = s.stride = 1;
      s.channels = *rc::gen::inRange<std::int64_t>(32, 90);
      s.filters = *rc::gen::inRange<std::int64_t>(32, 90);
      s.width = *rc::gen::inRange<std::int64_t>(3, 12);
      s.dilation = s.width == 3 ? *rc::gen::inRange<std::int64_t>(1, 40) : 1;
      s.pad_left = *rc::gen::inRange<std::int64_t>(0, s.span() + 3);
      s.pad_right = *rc::gen::inRange<std::int64_t>(0, s.span() + 3);
      s.length = s.span() + *rc::gen::inRange<std::int64_t>(0, 700);
      const Problem p = problem(s, *rc::gen::arbitrary<unsigned>(), *rc::gen::element<std::int64_t>(0, 0, 1, 5));
      expect_right(p, compute(p, {isa, &default_executor()}), format("{} {}", name(isa), text(s)));
      expect_right(p, compute(p, {isa, &default_executor(), false}), format("{} {}, plain sums", name(isa), text(s)));
      RC_ASSERT(!::testing::Test::HasFailure());
    }));
}

// Few channels, as those of DNA, or few filters: positions fill the registers, blocks and tiles end
// anywhere, one to eight outputs have tiles of their own.
TEST(Conv, EqualsTheSumForFewChannelsAndFewFilters) {
  for (const Isa isa : supported_isas())
    EXPECT_TRUE(rc::check([&] {
      ConvShape s;
      s.batch = *rc::gen::inRange<std::int64_t>(1, 3);
      s.channels = *rc::gen::element<std::int64_t>(4, 4, 4, 1, 2, 3, 5, 6, 7, 8), s.filters = *rc::gen::inRange<std::int64_t>(1, 70);
      s.width = *rc::gen::inRange<std::int64_t>(1, 26);
      s.stride = *rc::gen::element<std::int64_t>(1, 1, 1, 2);
      s.dilation = *rc::gen::element<std::int64_t>(1, 1, 1, 3);
      const std::int64_t same = (s.width - 1) * s.dilation / 2;
      s.pad_left = s.pad_right = *rc::gen::element<std::int64_t>(0, same, same, s.span() + 1);
      s.length = std::max<std::int64_t>(1, s.span() - 2 * s.pad_left) + *rc::gen::element<std::int64_t>(0, 1, 15, 80, 96, 290, 701);
      if (*rc::gen::arbitrary<bool>()) std::swap(s.channels, s.filters);
      const Problem p = problem(s, *rc::gen::arbitrary<unsigned>(), *rc::gen::element<std::int64_t>(0, 0, 1, 5));
      expect_right(p, compute(p, {isa, &default_executor()}), format("{} {}", name(isa), text(s)));
      RC_ASSERT(!::testing::Test::HasFailure());
    }));
}

// Alone they are read as they lie, where nothing has to be done to them.
TEST(Conv, GradientsToFewChannelsAreTheSameAloneAndBesideAnyNeighbour) {
  for (const Isa isa : supported_isas())
    for (const std::int64_t gap : {0, 3})
      for (const std::int64_t length : {37, 611, 2114}) {
        const ConvShape three{3, length, 4, 50, 21, 1, 1, 1, 10, 10};
        const Problem all = problem(three, 51, gap);
        Problem one = all;
        one.s.batch = 1;
        one.dy.assign(all.dy.begin() + all.y_sample, all.dy.begin() + 2 * all.y_sample);
        const std::vector<float> dx = compute(all, {isa, &default_executor()}).dx, of_one = compute(one, {isa, &default_executor()}).dx;
        std::vector<float> alone(dx.size());
        ConvBackward call{three};
        call.gradient.dy = {all.dy.data(), all.y_sample, all.y_row};
        call.weight = all.weight.data();
        call.dx = {alone.data(), all.x_sample, all.x_row};
        conv_backward(call, {isa, &default_executor()});
        EXPECT_TRUE(alone == dx) << name(isa) << " " << length;
        EXPECT_TRUE(std::equal(of_one.begin(), of_one.begin() + all.x_sample, dx.begin() + all.x_sample)) << name(isa) << " " << length;
      }
}

// Numbers that bfloat16 holds exactly: their products are exact, so that only the sums round, as
// those of single precision do.
void make_bfloat16(std::vector<float>& all) {
  for (float& v : all) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &v, sizeof bits);
    bits &= 0xffff0000u;
    std::memcpy(&v, &bits, sizeof bits);
  }
}

TEST(Conv, EqualsTheSumInBfloat16) {
  if (!has_bfloat16()) GTEST_SKIP() << "this processor has no instructions for bfloat16";
  EXPECT_TRUE(rc::check([&] {
    ConvShape s = random_shape();
    s.groups = 1;
    s.channels = *rc::gen::inRange<std::int64_t>(16, 80), s.filters = *rc::gen::inRange<std::int64_t>(16, 80);
    Problem p = problem(s, *rc::gen::arbitrary<unsigned>(), *rc::gen::element<std::int64_t>(0, 0, 1, 5));
    for (std::vector<float>* all : {&p.x, &p.weight, &p.dy}) make_bfloat16(*all);
    expect_right(p, compute(p, {default_isa(), &default_executor(), true, true}), text(s));
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

TEST(Conv, Bfloat16RoundsInputsAndWeights) {
  if (!has_bfloat16()) GTEST_SKIP() << "this processor has no instructions for bfloat16";
  const ConvShape s{2, 300, 48, 40, 5, 1, 2, 1, 4, 4};
  const Problem p = problem(s, 41);
  const Outputs exact = compute(p, {}), bfloat16 = compute(p, {default_isa(), &default_executor(), true, true});
  double squares = 0, distance = 0;
  for (std::size_t i = 0; i < exact.y.size(); ++i) {
    squares += double{exact.y[i]} * double{exact.y[i]};
    distance += (double{exact.y[i]} - double{bfloat16.y[i]}) * (double{exact.y[i]} - double{bfloat16.y[i]});
  }
  // Each factor is off by at most 2^-9, evenly spread:
  // sqrt(2 / 3) 2^-9 of the sum, were mantissas 1.
  const double relative = std::sqrt(distance / squares);
  EXPECT_GT(relative, 2e-4);
  EXPECT_LT(relative, 2.5e-3);
}

// One-hot rows with some N; example `soft` of the batch, if there is one, keeps its real numbers.
void make_tokens(Problem& p, unsigned seed, std::int64_t soft = -1) {
  std::mt19937 random(seed);
  for (std::int64_t n = 0; n < p.s.batch; ++n)
    for (std::int64_t l = 0; n != soft && l < p.s.length; ++l) {
      float* row = p.x.data() + n * p.x_sample + l * p.x_row;
      std::fill(row, row + 4, 0.0f);
      if (const auto token = random() % 9; token < 8) row[token % 4] = 1.0f;
    }
}

TEST(Conv, EqualsTheSumOverTokens) {
  for (const Isa isa : supported_isas())
    EXPECT_TRUE(rc::check([&] {
      ConvShape s = random_shape();
      s.groups = 1, s.channels = 4;
      const auto seed = *rc::gen::arbitrary<unsigned>();
      Problem p = problem(s, seed, *rc::gen::element<std::int64_t>(0, 0, 1, 5));
      make_tokens(p, seed, *rc::gen::element<std::int64_t>(-1, -1, 0, 1));
      expect_right(p, compute(p, {isa, &default_executor()}), format("{} {}", name(isa), text(s)));
      RC_ASSERT(!::testing::Test::HasFailure());
    }));
}

TEST(Conv, TokensOfAnExampleGiveTheSameBesideAnyNeighbour) {
  const ConvShape pair{2, 411, 4, 37, 9, 1, 2, 1, 7, 5};
  Problem both = problem(pair, 21), mixed = both;
  make_tokens(both, 22);
  make_tokens(mixed, 22, 1);
  const Outputs expected = compute(both, {}), got = compute(mixed, {});
  const auto first = static_cast<std::ptrdiff_t>(both.y_sample);
  EXPECT_TRUE(std::equal(expected.y.begin(), expected.y.begin() + first, got.y.begin()));
  EXPECT_FALSE(expected.y == got.y);
}

TEST(Conv, TokensInPlaceOfRowsGiveTheSameBits) {
  const ConvShape s{3, 211, 4, 37, 8, 2, 3, 1, 7, 5};
  Problem p = problem(s, 31);
  make_tokens(p, 32);
  std::vector<std::uint8_t> tokens;
  for (std::int64_t n = 0; n < s.batch; ++n)
    for (std::int64_t l = 0; l < s.length; ++l) {
      const float* row = p.x.data() + n * p.x_sample + l * p.x_row;
      tokens.push_back(static_cast<std::uint8_t>(std::find(row, row + 4, 1.0f) - row));
    }
  const Outputs expected = compute(p, {});
  Outputs got = expected;
  ConvForward forward{s, {}, p.weight.data(), p.bias.data()};
  forward.tokens = {tokens.data(), s.length};
  forward.y = {got.y.data(), p.y_sample, p.y_row};
  ConvBackward backward{s};
  backward.gradient.dy = {p.dy.data(), p.y_sample, p.y_row};
  backward.tokens = forward.tokens;
  backward.dweight = got.dweight.data();
  std::fill(got.y.begin(), got.y.end(), 0.0f);
  std::fill(got.dweight.begin(), got.dweight.end(), 0.0f);
  conv_forward(forward);
  conv_backward(backward);
  EXPECT_TRUE(got == expected);
}

TEST(Conv, RowsThatAreAlmostTokensAreNoTokens) {
  const ConvShape s{1, 60, 4, 19, 7, 1, 1, 1, 3, 3};
  for (const float value : {1.0f + 1e-6f, -1.0f, 0.5f, 1e-30f}) {
    Problem p = problem(s, 23);
    make_tokens(p, 24);
    p.x[static_cast<std::size_t>(17 * p.x_row + 2)] = value;
    expect_right(p, compute(p, {}), format("a row that holds {}", value));
    p.x[static_cast<std::size_t>(17 * p.x_row + 2)] = p.x[static_cast<std::size_t>(17 * p.x_row + 3)] = 1.0f;
    expect_right(p, compute(p, {}), "two tokens in a row");
  }
}

TEST(Conv, EqualsTheSumForShapesOfPublishedModels) {
  const ConvShape shapes[] = {
      {2, 700, 4, 64, 21, 1, 1, 1, 10, 10},      {2, 900, 64, 2, 75, 1, 1, 1, 37, 37},      {1, 400, 4, 300, 19, 1, 1, 1, 9, 9},
      {1, 150, 300, 200, 11, 1, 1, 1, 5, 5},     {2, 2114, 64, 64, 3, 1, 512, 1, 512, 512}, {2, 700, 48, 48, 3, 1, 32, 1, 32, 32},
      {1, 1100, 24, 24, 3, 1, 256, 1, 256, 256}, {1, 900, 16, 16, 3, 1, 128, 1, 0, 0},      {2, 2500, 64, 1, 1, 1, 1, 1, 0, 0},
      {2, 200, 4, 32, 19, 1, 1, 1, 9, 9},      {1, 700, 4, 288, 17, 1, 1, 1, 8, 8},
      {1, 260, 256, 256, 3, 1, 2, 1, 2, 2},      {1, 5000, 4, 1, 75, 1, 1, 1, 37, 37},
  };
  for (const Isa isa : supported_isas())
    for (const ConvShape& s : shapes) {
      const Problem p = problem(s, 7);
      expect_right(p, compute(p, {isa, &default_executor()}), format("{} {}", name(isa), text(s)));
    }
}

TEST(Conv, IsBitIdenticalForAnyNumberOfThreads) {
  const auto threads_in_disorder = [](std::int64_t n, const std::function<void(std::int64_t)>& task) {
    for (std::int64_t i = n; i-- > 0;) task(i);
  };
  const Executor backwards = threads_in_disorder;
  for (const ConvShape& s : {ConvShape{3, 2300, 20, 24, 3, 1, 8, 1, 8, 8}, ConvShape{3, 2300, 33, 2, 25, 1, 1, 1, 12, 12},
                             ConvShape{3, 900, 4, 40, 9, 2, 1, 1, 4, 4}, ConvShape{2, 2114, 4, 64, 21, 1, 1, 1, 10, 10},
                             ConvShape{3, 2300, 48, 40, 3, 1, 8, 1, 8, 8}, ConvShape{3, 500, 33, 60, 7, 1, 1, 1, 0, 0}}) {
    const Problem p = problem(s, 3);
    const Outputs serial = compute(p, {default_isa(), &serial_executor()});
    EXPECT_TRUE(serial == compute(p, {default_isa(), &default_executor()})) << text(s);
    EXPECT_TRUE(serial == compute(p, {default_isa(), &backwards})) << text(s);
    if (s.channels != 4) continue;
    Problem tokens = p;
    make_tokens(tokens, 25, 1);
    EXPECT_TRUE(compute(tokens, {default_isa(), &serial_executor()}) == compute(tokens, {default_isa(), &backwards})) << text(s);
  }
}

TEST(Conv, FusesWhatFollows) {
  const ConvShape s{2, 300, 12, 20, 5, 1, 3, 1, 0, 0};
  const Problem p = problem(s, 11);
  const std::vector<double> plain = expected_y(p);
  for (const Activation activation : {Activation::identity, Activation::relu, Activation::exponential}) {
    std::vector<float> y(plain.size()), value(plain.size()), weight = p.weight;
    for (float& w : weight) w *= 0.1f;
    Problem small = p;
    small.weight = weight;
    std::vector<double> expected = expected_y(small);
    ConvForward call{s, {p.x.data(), p.x_sample, p.x_row}, weight.data(), p.bias.data(), activation};
    call.skip = {p.dy.data(), p.y_sample, p.y_row};
    call.value = {value.data(), p.y_sample, p.y_row};
    call.y = {y.data(), p.y_sample, p.y_row};
    conv_forward(call);
    if (activation == Activation::relu)
      for (double& v : expected) v = std::max(v, 0.0);
    if (activation == Activation::exponential)
      for (double& v : expected) v = std::exp(v);
    EXPECT_LE(error(expected, [&](std::size_t i) { return value[i]; }), kTolerance);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += double{p.dy[i]};
    EXPECT_LE(error(expected, [&](std::size_t i) { return y[i]; }), kTolerance);
  }
}

TEST(Conv, ReluKeepsWhatIsNoNumber) {
  // Registers that are full and some that are not, tokens, Winograd, sums for few filters, a
  // stride.
  const ConvShape shapes[] = {{2, 90, 12, 19, 5, 1, 1, 1, 2, 2}, {2, 90, 12, 64, 5, 1, 1, 1, 2, 2}, {1, 90, 4, 37, 9, 1, 1, 1, 4, 4},
                              {1, 200, 48, 48, 3, 1, 1, 1, 1, 1}, {1, 400, 64, 2, 75, 1, 1, 1, 37, 37}, {1, 90, 12, 20, 5, 3, 1, 2, 0, 0}};
  for (const Isa isa : supported_isas())
    for (const bool bfloat16 : {false, true})
      for (const ConvShape& s : shapes) {
        if (bfloat16 && (!has_bfloat16() || isa != default_isa())) continue;
        Problem p = problem(s, 13);
        if (s.channels == 4) make_tokens(p, 14);
        p.bias[1] = std::numeric_limits<float>::quiet_NaN();
        std::vector<float> y(static_cast<std::size_t>(p.y_sample * s.batch));
        ConvForward call{s, {p.x.data(), p.x_sample, p.x_row}, p.weight.data(), p.bias.data(), Activation::relu};
        call.y = {y.data(), p.y_sample, p.y_row};
        conv_forward(call, {isa, &serial_executor(), true, bfloat16});
        std::int64_t wrong = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
          const bool spoilt = i % static_cast<std::size_t>(s.filters) == 1;
          wrong += spoilt ? !std::isnan(y[i]) : !(y[i] >= 0);
        }
        EXPECT_EQ(wrong, 0) << name(isa) << (bfloat16 ? " bfloat16 " : " ") << text(s);
      }
}

TEST(Conv, GathersStatisticsInTheSamePass) {
  const ConvShape s{3, 500, 6, 21, 7, 1, 1, 1, 3, 3};
  Problem p = problem(s, 5);
  for (float& b : p.bias) b += 1000.0f;  // far from zero: sums of squares would lose everything
  std::vector<float> y(static_cast<std::size_t>(p.y_sample * s.batch));
  std::vector<double> mean(21), squares(21);
  ConvForward call{s, {p.x.data(), p.x_sample, p.x_row}, p.weight.data(), p.bias.data()};
  call.y = {y.data(), p.y_sample, p.y_row};
  call.statistics = {mean.data(), squares.data()};
  conv_forward(call);
  for (std::size_t f = 0; f < 21; ++f) {
    double sum = 0, distance = 0;
    for (std::size_t i = f; i < y.size(); i += 21) sum += double{y[i]};
    const double average = sum / 1500;
    for (std::size_t i = f; i < y.size(); i += 21) distance += (double{y[i]} - average) * (double{y[i]} - average);
    EXPECT_NEAR(mean[f], average, 1e-6 * std::abs(average));
    EXPECT_NEAR(squares[f], distance, 1e-4 * distance);
  }
}

TEST(Conv, RefusesShapesThatDoNotFit) {
  const auto message = [](const ConvShape& s) {
    return error_text<ArgumentError>([&] { check(s); });
  };
  EXPECT_EQ(message({1, 10, 4, 8, 11, 1, 1, 1, 0, 0}),
            "convolution: a kernel that spans 11 positions does not fit 10 positions with 0 of padding");
  EXPECT_EQ(message({1, 10, 4, 6, 3, 1, 1, 4, 0, 0}), "convolution: 4 channels and 6 filters; groups = 4 must divide both");
  EXPECT_EQ(message({1, 10, 4, 8, 3, 0, 1, 1, 0, 0}), "convolution: stride is 0; it must be at least 1");
}

}  // namespace
}  // namespace basewise::kernels
