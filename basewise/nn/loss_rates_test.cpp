// Losses of rates and values against plain loops in double, finite differences, and masks.
#include <cmath>
#include <functional>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/nn/detail/losses.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using detail::make_loss;
using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kExamples = 3, kChannels = 5, kLength = 7;

at::Tensor uniform(at::IntArrayRef sizes, std::uint64_t id, double low, double high) {
  at::Tensor x = at::empty(sizes, at::kDouble);
  fill_uniform(x, Stream(53, id), low, high);
  return x;
}

/// Rates (3, 5, 7) above 0, counts of which some are 0, and what is measured of them. The second
/// example has a channel and a position of which nothing is measured.
struct Data {
  at::Tensor x = uniform({kExamples, kChannels, kLength}, 1, 0.2, 3);
  at::Tensor y = uniform({kExamples, kChannels, kLength}, 2, 0, 5).floor();
  at::Tensor mask = uniform({kExamples, kChannels, kLength}, 3, 0, 1).gt(0.3);
  Data() {
    mask[1][2].fill_(0);
    mask[1].select(1, 4).fill_(0);
  }
};

double at3(const at::Tensor& t, std::int64_t n, std::int64_t c, std::int64_t l) { return t[n][c][l].item<double>(); }

/// Sums over what is measured in the order of the formula: `row` is called for each
/// (example, channel) or (example, position) with the places of its measured values.
using Places = std::vector<std::pair<std::int64_t, std::int64_t>>;
double mean_of_rows(const at::Tensor& mask, bool along_positions, Reduction reduction,
                    const std::function<double(std::int64_t n, const Places& places)>& row) {
  double sum = 0, rows = 0;
  for (std::int64_t n = 0; n < kExamples; ++n)
    for (std::int64_t i = 0; i < (along_positions ? kChannels : kLength); ++i) {
      Places places;
      for (std::int64_t j = 0; j < (along_positions ? kLength : kChannels); ++j) {
        const std::int64_t c = along_positions ? i : j, l = along_positions ? j : i;
        if (!mask.defined() || mask[n][c][l].item<bool>()) places.emplace_back(c, l);
      }
      if (places.empty()) continue;
      sum += row(n, places);
      rows += 1;
    }
  return sum / (reduction == Reduction::sum ? static_cast<double>(kExamples) : rows);
}

double transformed(const LossOptions& o, double v) {
  if (o.target_clip > 0) v = std::min(std::max(v, 0.0), o.target_clip);
  return o.target_sqrt ? std::sqrt(std::max(v, 0.0)) : v;
}

double log_factorial(const LossOptions& o, double y) {
  if (!o.factorials) return 0;
  if (!o.stirling) return std::lgamma(y + 1);
  return y > 1 ? y * std::log(y) - y + 0.5 * std::log(2 * std::numbers::pi * y) : 0;
}

double point(const LossOptions& o, double x, double y) {
  const double k = 1 / o.overdispersion, mean = x + o.epsilon;
  switch (o.type) {
    case LossType::mse:
      return (x - y) * (x - y);
    case LossType::poisson:
      return x - y * std::log(mean) + log_factorial(o, y);
    case LossType::negative_binomial:
      return -(std::lgamma(y + k) - std::lgamma(k) + y * std::log(mean / (mean + k)) + k * std::log(k / (mean + k))) + log_factorial(o, y);
    default:
      return y / mean + std::log(mean);
  }
}

double poisson_multinomial(const LossOptions& o, const std::vector<double>& x, const std::vector<double>& y, const Places& places) {
  std::vector<double> w;
  double largest = 0;
  for (std::int64_t l = 0; l < kLength; ++l) {
    const double distance = std::abs(static_cast<double>(l) - (kLength - 1) / 2.0);
    const double scale = (kLength - 1) / 2.0 / std::pow(std::log(o.position_range), 1 / o.position_exponent);
    w.push_back(o.position_range > 1 ? std::exp(-std::pow(distance / scale, o.position_exponent)) : 1.0);
    largest = std::max(largest, w.back());
  }
  double sum_x = 0, sum_y = 0, sum_w = 0, shares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double weight = w[static_cast<std::size_t>(places[i].second)] / largest;
    sum_x += weight * x[i], sum_y += weight * y[i], sum_w += weight;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double weight = w[static_cast<std::size_t>(places[i].second)] / largest;
    shares -= (weight * y[i] + o.epsilon) * std::log((weight * x[i] + o.epsilon) / sum_x);
  }
  return (o.total_weight * (sum_x - sum_y * std::log(sum_x + o.epsilon)) + shares) / sum_w;
}

double of_channels(const LossOptions& o, const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  double sum_x = 0, sum_y = 0, value = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum_x += x[i], sum_y += y[i];
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (o.type == LossType::mse_udot) {
      value += ((x[i] - y[i]) * (x[i] - y[i]) - o.specificity_weight * (x[i] - sum_x / n) * (y[i] - sum_y / n)) / n;
      continue;
    }
    const double p = (x[i] + o.epsilon) / (sum_x + n * o.epsilon), q = (y[i] + o.epsilon) / (sum_y + n * o.epsilon);
    value += (x[i] - y[i] * std::log(x[i] + o.epsilon)) / n + o.specificity_weight * (q > 0 ? q * std::log(q / p) : 0.0);
  }
  return value;
}

double by_hand(const LossOptions& o, const Data& d, const at::Tensor& mask) {
  const bool rows = o.type == LossType::poisson_multinomial;
  const bool columns = o.type == LossType::poisson_kl || o.type == LossType::mse_udot;
  if (rows || columns)
    return mean_of_rows(mask, rows, o.reduction, [&](std::int64_t n, const Places& places) {
      std::vector<double> x, y;
      for (const auto& [c, l] : places) {
        x.push_back(transformed(o, at3(d.x, n, c, l)));
        y.push_back(transformed(o, at3(d.y, n, c, l)));
      }
      return rows ? poisson_multinomial(o, x, y, places) : of_channels(o, x, y);
    });
  double sum = 0, values = 0;
  for (std::int64_t n = 0; n < kExamples; ++n)
    for (std::int64_t c = 0; c < kChannels; ++c)
      for (std::int64_t l = 0; l < kLength; ++l) {
        if (mask.defined() && !mask[n][c][l].item<bool>()) continue;
        sum += point(o, transformed(o, at3(d.x, n, c, l)), transformed(o, at3(d.y, n, c, l)));
        values += 1;
      }
  return sum / (o.reduction == Reduction::sum ? static_cast<double>(kExamples) : values);
}

LossOptions rates(LossType type) {
  LossOptions o;
  o.type = type;
  o.log_input = false;
  o.epsilon = 1e-7;
  return o;
}

/// Every loss of rates and values, each option at least once.
std::vector<std::pair<std::string, LossOptions>> all_losses() {
  using enum LossType;
  std::vector<std::pair<std::string, LossOptions>> all;
  const auto add = [&](const std::string& name, LossType type, const std::function<void(LossOptions&)>& change = {}) {
    LossOptions o = rates(type);
    if (change) change(o);
    all.emplace_back(name, o);
  };
  add("poisson of 2017", poisson, [](LossOptions& o) { o.epsilon = 0, o.factorials = o.stirling = true; });
  add("poisson", poisson);
  add("poisson, clipped roots", poisson, [](LossOptions& o) { o.target_clip = 2.5, o.target_sqrt = true, o.factorials = true; });
  add("mse, clipped", mse, [](LossOptions& o) { o.target_clip = 2; });
  add("mse, roots, summed", mse, [](LossOptions& o) { o.target_sqrt = true, o.reduction = Reduction::sum; });
  add("poisson_multinomial", poisson_multinomial);
  add("poisson_multinomial, weights", poisson_multinomial,
      [](LossOptions& o) { o.total_weight = 0.2, o.position_range = 5, o.reduction = Reduction::sum; });
  add("poisson_multinomial, roots", poisson_multinomial,
      [](LossOptions& o) { o.target_sqrt = true, o.position_range = 2, o.position_exponent = 2; });
  add("poisson_kl", poisson_kl, [](LossOptions& o) { o.specificity_weight = 0.4; });
  add("poisson_kl, clipped", poisson_kl, [](LossOptions& o) { o.target_clip = 2, o.epsilon = 0.01, o.reduction = Reduction::sum; });
  add("mse_udot", mse_udot, [](LossOptions& o) { o.specificity_weight = 0.7; });
  add("negative_binomial", negative_binomial, [](LossOptions& o) { o.overdispersion = 0.3, o.factorials = true; });
  add("gamma", gamma, [](LossOptions& o) { o.epsilon = 0.01; });
  return all;
}

double value(const LossOptions& o, const at::Tensor& x, const at::Tensor& y, const at::Tensor& mask) {
  return (*make_loss(o))(x, y, mask).item<double>();
}

TEST(RateLoss, AgreesWithItsFormulaWithAndWithoutMask) {
  const Data d;
  for (const auto& [name, o] : all_losses()) {
    EXPECT_NEAR(value(o, d.x, d.y, d.mask), by_hand(o, d, d.mask), 1e-9) << name;
    EXPECT_NEAR(value(o, d.x, d.y, {}), by_hand(o, d, {}), 1e-9) << name;
    const double single = value(o, d.x.to(at::kFloat), d.y.to(at::kFloat), d.mask);
    EXPECT_NEAR(single, by_hand(o, d, d.mask), 1e-5 * (1 + std::abs(single))) << name << " in single precision";
  }
}

TEST(RateLoss, GradientsAgreeWithFiniteDifferences) {
  const Data d;
  for (const auto& [name, o] : all_losses()) {
    const at::Tensor x = d.x.clone().requires_grad_();
    (*make_loss(o))(x, d.y, d.mask).backward();
    for (std::int64_t i = 0; i < d.x.numel(); i += 4) {
      const auto moved = [&](double step) {
        at::Tensor z = d.x.flatten().clone();
        z[i] += step;
        return value(o, z.view(d.x.sizes()), d.y, d.mask);
      };
      EXPECT_NEAR(x.grad().flatten()[i].item<double>(), (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-7) << name << " " << i;
    }
  }
}

TEST(RateLoss, WhatIsMaskedChangesNothingAndHasNoGradient) {
  const Data d;
  const at::Tensor hidden = d.mask.logical_not();
  for (const auto& [name, o] : all_losses())
    for (const double junk : {kNaN, -1e30, 0.0}) {
      const at::Tensor x = d.x.masked_fill(hidden, junk).requires_grad_();
      const at::Tensor loss = (*make_loss(o))(x, d.y.masked_fill(hidden, junk), d.mask);
      EXPECT_EQ(loss.item<double>(), value(o, d.x, d.y, d.mask)) << name;
      loss.backward();
      EXPECT_EQ(x.grad().masked_select(hidden).abs().max().item<double>(), 0) << name;
      EXPECT_TRUE(x.grad().isfinite().all().item<bool>()) << name;
    }
}

TEST(RateLoss, NothingMeasuredIsZeroAndMeasuredTellsTheDivisor) {
  const Data d;
  const at::Tensor none = at::zeros_like(d.mask);
  for (const auto& [name, o] : all_losses()) {
    const at::Tensor x = d.x.clone().requires_grad_();
    const at::Tensor loss = (*make_loss(o))(x, d.y, none);
    EXPECT_EQ(loss.item<double>(), 0) << name;
    loss.backward();
    EXPECT_EQ(x.grad().abs().max().item<double>(), 0) << name;
    if (o.reduction == Reduction::sum) continue;
    const bool rows = o.type == LossType::poisson_multinomial, columns = o.type == LossType::poisson_kl || o.type == LossType::mse_udot;
    const double expected =
        rows ? kExamples * kChannels - 1 : columns ? kExamples * kLength - 1 : d.mask.sum().item<double>();
    EXPECT_EQ(make_loss(o)->measured(d.x, d.mask), expected) << name;
    const at::Tensor weight = at::tensor({1.0, 0.0, 2.0});
    const at::Tensor weighed = (*make_loss(o))(x, d.y, d.mask, weight);
    x.mutable_grad().reset();
    weighed.backward();
    EXPECT_EQ(x.grad()[1].abs().max().item<double>(), 0) << name << ": an example of weight 0 counts as not measured";
  }
}

TEST(RateLoss, ADispersionHeadIsReadThroughSoftplus) {
  const Data d;
  LossOptions fixed = rates(LossType::negative_binomial), learned = fixed;
  fixed.overdispersion = std::log1p(std::exp(-1.5));
  learned.dispersion = "spread";
  learned.output = "rate";
  const TotalLoss total({learned});
  EXPECT_THAT(heads_of(learned), testing::ElementsAre("rate", "spread"));
  const double expected = value(fixed, d.x, d.y, d.mask);
  for (const at::Tensor& raw : {at::full({3, 5, 7}, -1.5, at::kDouble), at::full({3, 5, 1}, -1.5, at::kDouble)}) {
    const at::Tensor spread = raw.clone().requires_grad_();
    const at::Tensor loss = total({{"rate", d.x}, {"spread", spread}}, {{"labels", d.y}, {"labels.mask", d.mask}});
    EXPECT_NEAR(loss.item<double>(), expected, 1e-12);
    loss.backward();
    EXPECT_TRUE(spread.grad().isfinite().all().item<bool>());
    EXPECT_GT(spread.grad().abs().max().item<double>(), 0);
  }
  const at::Tensor hidden = d.mask.logical_not(), junk = at::full({3, 5, 7}, -1.5, at::kDouble).masked_fill(hidden, kNaN).requires_grad_();
  const at::Tensor loss = total({{"rate", d.x}, {"spread", junk}}, {{"labels", d.y}, {"labels.mask", d.mask}});
  EXPECT_NEAR(loss.item<double>(), expected, 1e-12);
  loss.backward();
  EXPECT_EQ(junk.grad().masked_select(hidden).abs().max().item<double>(), 0);
  EXPECT_THAT(error_text<ShapeError>([&] {
                total({{"rate", d.x}, {"spread", at::zeros({2, 3, 5, 7}, at::kDouble)}}, {{"labels", d.y}});
              }),
              HasSubstr("which does not spread over the output of shape (3, 5, 7)"));
  EXPECT_THAT(error_text<ArgumentError>([&] { total({{"rate", d.x}}, {{"labels", d.y}}); }), HasSubstr("no tensor named 'spread'"));
}

TEST(RateLoss, RootsHaveNoSlopeAtZero) {
  LossOptions o = rates(LossType::mse);
  o.target_sqrt = true;
  const at::Tensor x = at::tensor({0.0, -1.0, 4.0}, at::kDouble).unsqueeze(0).requires_grad_();
  (*make_loss(o))(x, at::ones({1, 3}, at::kDouble), {}).backward();
  EXPECT_EQ(x.grad()[0][0].item<double>(), 0);
  EXPECT_EQ(x.grad()[0][1].item<double>(), 0);
  EXPECT_NEAR(x.grad()[0][2].item<double>(), 2.0 / 3 * (2 - 1) / (2 * 2), 1e-12);
}

TEST(RateLoss, OptionsThatDoNotFitAreRefused) {
  const auto refusal = [](const std::string& toml) {
    LossOptions o;
    return error_text<ArgumentError>([&] {
      read_toml(described(o), toml, "recipe.toml");
      make_loss(o);
    });
  };
  EXPECT_THAT(refusal("type = \"poisson\"\ntarget_sqrt = true"), HasSubstr("set log_input = false"));
  EXPECT_THAT(refusal("type = \"poisson\"\nepsilon = 0.1"), HasSubstr("epsilon means nothing with log_input = true"));
  EXPECT_THAT(refusal("type = \"gamma\"\ntotal_weight = 2.0"), HasSubstr("total_weight means nothing with type = \"gamma\""));
  EXPECT_THAT(refusal("type = \"poisson_multinomial\"\nposition_range = 0.5"), HasSubstr("position_range"));
  EXPECT_THAT(error_text<ShapeError>([&] { (*make_loss(rates(LossType::poisson_kl)))(at::ones({3}), at::ones({3}), {}); }),
              HasSubstr("poisson_kl got an output of shape (3)"));
  LossOptions o;
  EXPECT_NO_THROW(read_toml(described(o), "type = \"poisson_kl\"\nepsilon = 0.1\ntarget_clip = 3.0", "recipe.toml"));
}

}  // namespace
}  // namespace basewise::nn
