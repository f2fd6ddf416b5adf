// Losses against straightforward sums in double, finite differences, and the laws of masks.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/nn/detail/losses.h"
#include "basewise/ops/kernels.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using detail::make_loss;
using testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Case {
  std::string name;
  LossOptions options;
  at::Tensor output;
  at::Tensor target;
  at::Tensor mask;
};

at::Tensor uniform(at::IntArrayRef sizes, std::uint64_t id, double low, double high) {
  at::Tensor x = at::empty(sizes, at::kDouble);
  fill_uniform(x, Stream(99, id), low, high);
  return x;
}

LossOptions options(std::string_view type) {
  LossOptions o;
  o.type = parse_choice<LossType>(type, "type");
  return o;
}

std::vector<Case> cases() {
  const at::Tensor x = uniform({3, 5}, 1, -2, 2);
  const at::Tensor labels = uniform({3, 5}, 2, 0, 1).round();
  const at::Tensor profile = uniform({3, 2, 7}, 3, -1, 1);
  const at::Tensor counts = uniform({3, 2, 7}, 4, 0, 6).floor();
  const at::Tensor mask = uniform({3, 5}, 5, 0, 1).gt(0.4);
  const at::Tensor profile_mask = uniform({3, 2, 7}, 6, 0, 1).gt(0.3);
  const at::Tensor classes = at::tensor({4L, 0L, 2L});
  std::vector<Case> all{{"bce", options("binary_cross_entropy"), x, labels, mask},
                        {"bce_weighted_smooth", options("binary_cross_entropy"), x, labels, mask},
                        {"bce_positions", options("binary_cross_entropy"), profile, counts.clamp_max(1), profile_mask},
                        {"cross_entropy", options("cross_entropy"), x, classes, mask.select(1, 0)},
                        {"cross_entropy_soft", options("cross_entropy"), x, at::softmax(labels, 1), mask.select(1, 1)},
                        {"mse", options("mse"), x, labels, mask},
                        {"poisson_log", options("poisson"), profile, counts, profile_mask},
                        {"poisson_rate", options("poisson"), profile + 1.5, counts, profile_mask},
                        {"multinomial", options("multinomial"), profile, counts, profile_mask},
                        {"multinomial_full", options("multinomial"), profile, counts, profile_mask.select(2, 0)},
                        {"multinomial_all", options("multinomial"), profile, counts, profile_mask}};
  all[1].options.class_weights = {1, 2, 3, 0.5, 4};
  all[1].options.label_smoothing = 0.1;
  all[1].options.reduction = Reduction::sum;
  all[2].options.class_weights = {3, 7};
  all[3].options.class_weights = {1, 2, 3, 0.5, 4};
  all[4].options.label_smoothing = 0.2;
  all[6].options.factorials = true;
  all[7].options.log_input = false;
  all[7].options.reduction = Reduction::sum;
  all[9].options.factorials = true;
  all[10].options.distribution = Distribution::all;
  return all;
}

double at3(const at::Tensor& t, std::int64_t n, std::int64_t c, std::int64_t l) {
  return (t.dim() == 3 ? t[n][c][l] : t[n][c]).item<double>();
}

bool measured(const at::Tensor& mask, std::int64_t n, std::int64_t c, std::int64_t l) {
  if (!mask.defined()) return true;
  at::Tensor m = mask[n];
  if (m.dim() > 0) m = m[c];
  if (m.dim() > 0) m = m[l];
  return m.item<double>() != 0;
}

// The formula of each elementwise loss, as in the header.
double elementwise(const LossOptions& o, double x, double y, std::size_t channel) {
  if (o.type == LossType::mse) return (x - y) * (x - y);
  if (o.type == LossType::poisson)
    return (o.log_input ? std::exp(x) - y * x : x - y * std::log(x + o.epsilon)) + (o.factorials ? std::lgamma(y + 1) : 0.0);
  y = (1 - o.label_smoothing) * y + o.label_smoothing / 2;
  const double s = 1 / (1 + std::exp(-x));
  return -((o.class_weights.empty() ? 1.0 : o.class_weights[channel]) * y * std::log(s) + (1 - y) * std::log(1 - s));
}

double softmax_loss(const LossOptions& o, const at::Tensor& x, const at::Tensor& y, std::int64_t n) {
  double total = 0, loss = 0;
  for (std::int64_t c = 0; c < x.size(1); ++c) total += std::exp(x[n][c].item<double>());
  for (std::int64_t c = 0; c < x.size(1); ++c) {
    double q = y.dim() == 1 ? (y[n].item<std::int64_t>() == c ? 1.0 : 0.0) : y[n][c].item<double>();
    q = (1 - o.label_smoothing) * q + o.label_smoothing / static_cast<double>(x.size(1));
    const double w = o.class_weights.empty() ? 1.0 : o.class_weights[static_cast<std::size_t>(c)];
    loss -= w * q * (x[n][c].item<double>() - std::log(total));
  }
  return loss;
}

// One distribution over the measured positions of channels [from, to) of example n;
// no value when nothing is measured.
std::optional<double> multinomial_loss(const Case& c, std::int64_t n, std::int64_t from, std::int64_t to) {
  double total = 0, sum = 0, loss = 0;
  for (int pass = 0; pass < 2; ++pass)
    for (std::int64_t s = from; s < to; ++s)
      for (std::int64_t l = 0; l < c.output.size(2); ++l) {
        if (!measured(c.mask, n, s, l)) continue;
        const double x = at3(c.output, n, s, l), y = at3(c.target, n, s, l);
        if (pass == 0)
          total += std::exp(x), sum += y;
        else
          loss += -y * (x - std::log(total)) + (c.options.factorials ? std::lgamma(y + 1) : 0.0);
      }
  if (total == 0) return std::nullopt;
  return loss - (c.options.factorials ? std::lgamma(sum + 1) : 0.0);
}

double by_hand(const Case& c) {
  double sum = 0, values = 0;
  const auto add = [&](double v) { sum += v, values += 1; };
  const std::int64_t length = c.output.dim() == 3 ? c.output.size(2) : 1;
  for (std::int64_t n = 0; n < c.output.size(0); ++n) {
    if (c.options.type == LossType::cross_entropy) {
      if (measured(c.mask, n, 0, 0)) add(softmax_loss(c.options, c.output, c.target, n));
      continue;
    }
    if (c.options.type == LossType::multinomial) {
      const std::int64_t step = c.options.distribution == Distribution::all ? c.output.size(1) : 1;
      for (std::int64_t s = 0; s < c.output.size(1); s += step)
        if (const auto v = multinomial_loss(c, n, s, s + step)) add(*v);
      continue;
    }
    for (std::int64_t k = 0; k < c.output.size(1); ++k)
      for (std::int64_t l = 0; l < length; ++l)
        if (measured(c.mask, n, k, l))
          add(elementwise(c.options, at3(c.output, n, k, l), at3(c.target, n, k, l), static_cast<std::size_t>(k)));
  }
  return sum / (c.options.reduction == Reduction::sum ? static_cast<double>(c.output.size(0)) : values);
}

double value(const Case& c, const at::Tensor& output) { return (*make_loss(c.options))(output, c.target, c.mask).item<double>(); }

TEST(Loss, AgreesWithItsFormulaWithAndWithoutMask) {
  for (Case c : cases()) {
    SCOPED_TRACE(c.name);
    EXPECT_NEAR(value(c, c.output), by_hand(c), 1e-10);
    c.mask.reset();
    EXPECT_NEAR(value(c, c.output), by_hand(c), 1e-10);
  }
}

TEST(Loss, GradientsAgreeWithFiniteDifferences) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const at::Tensor x = c.output.clone().requires_grad_();
    (*make_loss(c.options))(x, c.target, c.mask).backward();
    const at::Tensor flat = c.output.flatten();
    for (std::int64_t i = 0; i < flat.numel(); i += 3) {
      const auto moved = [&](double step) {
        at::Tensor y = flat.clone();
        y[i] += step;
        return value(c, y.view(c.output.sizes()));
      };
      EXPECT_NEAR(x.grad().flatten()[i].item<double>(), (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-7);
    }
  }
}

struct Outcome {
  at::Tensor value, gradient, second;
  std::string node;  ///< who computed it
};

// Value, gradient, and the gradient of a sum of the squared gradient.
Outcome outcome(const Case& c, const at::Tensor& output) {
  Outcome o;
  at::Tensor x = output.detach().requires_grad_();
  const auto loss = make_loss(c.options);
  o.value = (*loss)(x, c.target, c.mask);
  o.node = o.value.grad_fn()->name();
  (o.value * 3.0).backward();
  o.gradient = x.grad();
  at::Tensor z = output.detach().requires_grad_();
  (*loss)(z, c.target, c.mask).backward({}, true, true);
  const at::Tensor gradient = z.grad();
  if (!gradient.requires_grad()) return o;
  z.mutable_grad().reset();
  gradient.square().sum().backward();
  o.second = z.grad();
  return o;
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>() / (1e-30 + b.to(at::kDouble).abs().max().item<double>());
}

TEST(Loss, InSinglePrecisionAgreesWithDoubleInAnyLayout) {
  for (const Case& given : cases())
    for (const bool masked : {false, true})
      for (const bool length_major : {false, true}) {
        if (length_major && given.output.dim() < 3) continue;
        SCOPED_TRACE(format("{}{}{}", given.name, masked ? ", masked" : "", length_major ? ", length-major" : ""));
        Case wide_case = given, c = given;
        if (!masked) wide_case.mask = c.mask = at::Tensor();
        c.output = c.output.to(at::kFloat);
        if (c.target.is_floating_point()) c.target = c.target.to(at::kFloat);
        if (length_major) c.output = c.output.transpose(1, 2).contiguous().transpose(1, 2);
        const Outcome expected = outcome(wide_case, wide_case.output), found = outcome(c, c.output);
        const bool each = c.options.type != LossType::cross_entropy && c.options.type != LossType::multinomial && !c.options.factorials;
        EXPECT_EQ(found.node.find("PointLoss") != std::string::npos, each) << found.node;
        EXPECT_LT(distance(found.value, expected.value), 2e-6);
        EXPECT_LT(distance(found.gradient, expected.gradient), 2e-6);
        EXPECT_EQ(found.second.defined(), expected.second.defined());
        if (expected.second.defined()) {
          EXPECT_LT(distance(found.second, expected.second), 5e-6);
        }
        // Nobody has to turn it for the layer before.
        if (each && length_major) {
          EXPECT_EQ(found.gradient.stride(1), 1);
        }
      }
}

// The mask in the shape of the output.
at::Tensor wide(const Case& c) {
  if (c.options.type == LossType::cross_entropy) return c.mask.unsqueeze(1).expand_as(c.output);
  at::Tensor m = c.mask;
  while (m.dim() < c.output.dim()) m = m.unsqueeze(-1);
  return m.expand_as(c.output);
}

TEST(Loss, WhatIsMaskedHasNoInfluenceAndNoGradient) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const at::Tensor keep = wide(c);
    Case spoiled = c;
    spoiled.output = at::where(keep, c.output, at::full({}, kNaN, at::kDouble)).requires_grad_();
    if (c.target.is_floating_point()) spoiled.target = at::where(keep, c.target, at::full({}, kNaN, at::kDouble));
    const at::Tensor loss = (*make_loss(c.options))(spoiled.output, spoiled.target, c.mask);
    EXPECT_DOUBLE_EQ(loss.item<double>(), value(c, c.output));
    loss.backward();
    EXPECT_EQ(spoiled.output.grad().masked_select(keep.logical_not()).abs().sum().item<double>(), 0.0);
    EXPECT_GT(spoiled.output.grad().abs().sum().item<double>(), 0.0);

    Case none = c;
    none.mask = at::zeros_like(c.mask);
    const at::Tensor nothing = (*make_loss(c.options))(spoiled.output, spoiled.target, none.mask);
    EXPECT_EQ(nothing.item<double>(), 0.0);
  }
}

TEST(Loss, AWhollyMaskedStrandBesideAMeasuredOneDoesNotCount) {
  const at::Tensor x = uniform({3, 2, 7}, 41, -1, 1), y = uniform({3, 2, 7}, 42, 0, 6).floor();
  at::Tensor mask = at::ones({3, 2}, at::kBool);
  mask[0][1] = mask[2][0] = false;
  double sum = 0;
  for (const auto& [n, s] : {std::pair(0, 0), {1, 0}, {1, 1}, {2, 1}})
    sum -= (y[n][s] * at::log_softmax(x[n][s], 0)).sum().item<double>();
  const auto loss = make_loss(options("multinomial"));
  EXPECT_NEAR((*loss)(x, y, mask).item<double>(), sum / 4, 1e-12) << "four of six strands are measured";
  EXPECT_EQ(loss->measured(x, mask), 4);
}

TEST(Loss, AnExampleWithAMissingClassDoesNotCountInACrossEntropy) {
  const at::Tensor x = uniform({3, 4}, 43, -1, 1);
  at::Tensor y = at::zeros({3, 4}, at::kDouble), mask = at::ones({3, 4}, at::kBool);
  y[0][2] = y[1][0] = y[2][3] = 1;
  y[1][3] = std::nan("");
  mask[1][3] = false;
  const at::Tensor log_p = at::log_softmax(x, 1);
  const auto loss = make_loss(options("cross_entropy"));
  EXPECT_NEAR((*loss)(x, y, mask).item<double>(), -(log_p[0][2] + log_p[2][3]).item<double>() / 2, 1e-12);
  EXPECT_EQ(loss->measured(x, mask), 2);
}

TEST(Loss, FloatMasksCountAsMeasuredUnlessZero) {
  const Case c = cases()[0];
  EXPECT_EQ((*make_loss(c.options))(c.output, c.target, c.mask.to(at::kFloat) * 0.25).item<double>(), value(c, c.output));
}

TEST(Loss, TargetsMayLackALastAxisOfOneButNothingElse) {
  const auto loss = make_loss(options("mse"));
  const at::Tensor x = at::rand({3, 1}), y = at::rand({3});
  EXPECT_TRUE(at::equal((*loss)(x, y, {}), (*loss)(x, y.unsqueeze(1), {})));
  EXPECT_TRUE(at::equal((*loss)(x, y, at::ones({3})), (*loss)(x, y.unsqueeze(1), {})));
  const auto text = [&](const at::Tensor& target, const at::Tensor& mask) -> std::string {
    return error_text<ShapeError>([&] { (*loss)(at::zeros({3, 5}), target, mask); });
  };
  EXPECT_THAT(text(at::zeros({5}), {}), HasSubstr("the output has shape (3, 5), the target (5)"));
  EXPECT_THAT(text(at::zeros({3, 5}), at::zeros({5})), HasSubstr("the mask has shape (5), expected (3, 5) or its leading axes"));
}

TEST(Loss, OptionsThatDoNotFitAreRefused) {
  const auto read = [](const std::string& toml) {
    LossOptions o;
    read_toml(described(o), toml, "recipe.toml");
    return o;
  };
  EXPECT_THAT(error_text<ArgumentError>([&] { read("type = \"binary_crossentropy\""); }),
              HasSubstr("type is \"binary_crossentropy\"; it must be one of binary_cross_entropy, cross_entropy, mse"));
  EXPECT_THAT(error_text<ArgumentError>([&] { read("type = \"mse\"\ndistribution = \"all\""); }),
              HasSubstr("distribution means nothing with type = \"mse\"; type = \"multinomial\" uses it"));
  EXPECT_THAT(error_text<ArgumentError>([&] { read("type = \"poisson\"\nepsilon = 1e-3"); }),
              HasSubstr("epsilon means nothing with log_input = true; log_input = false (where type = \"poisson\") uses it"));
  EXPECT_EQ(read("type = \"poisson\"\nlog_input = false\nepsilon = 1e-3").epsilon, 1e-3);
  LossOptions o = options("binary_cross_entropy");
  o.label_smoothing = 1;
  EXPECT_THROW(make_loss(o), ArgumentError);
  o.label_smoothing = 0;
  o.class_weights = {1, 2};
  EXPECT_THROW((*make_loss(o))(at::zeros({3, 5}), at::zeros({3, 5}), {}), ShapeError);
  EXPECT_THROW((*make_loss(options("cross_entropy")))(at::zeros({3, 5}), at::tensor({0L, 5L, 1L}), {}), ArgumentError);
  EXPECT_THROW(TotalLoss({}), ArgumentError);
}

TEST(TotalLoss, IsTheWeightedSumAndNamesWhatIsMissing) {
  std::vector<LossOptions> two{options("multinomial"), options("mse")};
  two[0].output = "profile";
  two[0].target = "counts";
  two[1].weight = 0.25;
  const TotalLoss total(two);
  const Case p = cases()[8], m = cases()[5];
  const Bundle outputs{{"profile", p.output}, {"logits", m.output}};
  Bundle targets{{"counts", p.target}, {"counts.mask", p.mask}, {"labels", m.target}};
  const auto plain = [](const Case& c) { return (*make_loss(c.options))(c.output, c.target, {}).item<double>(); };
  EXPECT_NEAR(total(outputs, targets).item<double>(), value(p, p.output) + 0.25 * plain(m), 1e-12);
  EXPECT_EQ(total.parts(outputs, targets)[0].first, "multinomial(profile)");
  targets.erase("labels");
  EXPECT_THAT(error_text<ArgumentError>([&] { total(outputs, targets); }),
              HasSubstr("loss mse(logits) against 'labels': no tensor named 'labels' here; there are: counts, counts.mask"));
}

// The law of weights for every loss: 0 masks an example, 2 is the gradient twice, 1 is nothing.
TEST(ExampleWeights, ScaleTheirExamplesInEveryLoss) {
  for (const Case& c : cases()) {
    const auto loss = make_loss(c.options);
    const auto value_of = [&](const at::Tensor& mask, const at::Tensor& weight) {
      const at::Tensor x = c.output.detach().clone().requires_grad_();
      const at::Tensor y = (*loss)(x, c.target, mask, weight);
      y.backward();
      return std::pair(y.item<double>(), x.grad());
    };
    const at::Tensor ones = at::ones({3}), chosen = at::tensor({1.0F, 0.0F, 1.0F});
    for (const at::Tensor& mask : {at::Tensor(), c.mask}) {
      const auto plain = value_of(mask, {}), same = value_of(mask, ones), doubled = value_of(mask, ones * 2);
      EXPECT_NEAR(same.first, plain.first, 1e-12) << c.name;
      EXPECT_NEAR(doubled.first, 2 * plain.first, 1e-12) << c.name;
      EXPECT_TRUE(at::allclose(doubled.second, 2 * plain.second)) << c.name;
      EXPECT_EQ(value_of(mask, chosen).second[1].abs().max().item<double>(), 0) << c.name;
    }
    const at::Tensor first = value_of({}, at::tensor({3.0F, 1.0F, 1.0F})).second[0];
    EXPECT_TRUE(at::allclose(first, 3 * value_of({}, {}).second[0])) << c.name;
  }
  const auto mse = make_loss(options("mse"));
  const at::Tensor x = at::tensor({1.0F, 2.0F, 5.0F}).unsqueeze(1), y = at::zeros({3, 1});
  EXPECT_FLOAT_EQ((*mse)(x, y, {}, at::tensor({0.5F, 2.0F, 0.0F})).item<float>(), (0.5F * 1 + 2 * 4) / 2) << "two examples count";
  EXPECT_THAT(error_text<ShapeError>([&] { (*mse)(x, y, {}, at::ones({2})); }),
              HasSubstr("the weights of the examples have shape (2), expected (3)"));
}

TEST(TotalLoss, FollowsTheSchemaToWeightsMasksAndSets) {
  Schema schema{{.name = "labels", .shape = {5}, .role = Role::target, .sets = {0}},
                {.name = "counts", .shape = {5}, .role = Role::target, .sets = {1}},
                {.name = "importance", .role = Role::weight},
                {.name = "seen", .type = at::kBool, .shape = {5}, .role = Role::mask, .of = "labels", .sets = {0}},
                {.name = "genome", .type = at::kLong, .role = Role::set}};
  LossOptions labels = options("mse"), counts = options("mse");
  counts.target = "counts";
  counts.weight = 10;
  const TotalLoss total = TotalLoss({labels, counts}).following(schema);
  const at::Tensor x = uniform({3, 5}, 31, -1, 1), y = uniform({3, 5}, 32, -1, 1), weight = at::tensor({1.0, 2.0, 0.5});
  const at::Tensor seen = uniform({3, 5}, 33, 0, 1).gt(0.5);
  const auto batch = [&](std::int64_t set, const char* target) {
    return Bundle{{target, y}, {"importance", weight}, {"seen", seen}, {"genome", at::full({3}, set, at::kLong)}};
  };
  const auto mse = make_loss(labels);
  EXPECT_EQ(total({{"logits", x}}, batch(0, "labels")).item<double>(), (*mse)(x, y, seen, weight).item<double>());
  EXPECT_EQ(total({{"logits", x}}, batch(1, "counts")).item<double>(), 10 * (*mse)(x, y, {}, weight).item<double>());
  EXPECT_EQ(total.parts({{"logits", x}}, batch(1, "counts")).size(), 1U);
  const auto text_of = [](const auto& f) -> std::string { return error_text<ArgumentError>(f); };
  EXPECT_THAT(text_of([&] { TotalLoss({labels}).following(schema)({{"logits", x}}, batch(1, "counts")); }),
              HasSubstr("no loss has a target of data set 1"));
  labels.target = "signal";
  EXPECT_THAT(text_of([&] { TotalLoss({labels}).following(schema); }),
              HasSubstr("loss mse(logits): none of the data sets has a 'signal'; there are: labels, counts"));
}

}  // namespace
}  // namespace basewise::nn
