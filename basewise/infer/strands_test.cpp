#include "basewise/infer/strands.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/error.h"
#include "basewise/infer/detail/test_model.h"
#include "basewise/infer/score.h"
#include "tests/support/error_text.h"

namespace basewise::infer {
namespace {

using testing::HasSubstr;

double difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

at::Tensor merged(const at::Tensor& a, const at::Tensor& b, OutputForm form) { return merge_strands(a, b, StrandMerge::probability, form); }

TEST(MergeStrands, MeanAndMaxAreThoseOfNumbers) {
  const at::Tensor a = random_normal({3, 2, 7}, Stream(1)), b = random_normal({3, 2, 7}, Stream(2));
  EXPECT_LT(difference(merge_strands(a, b, StrandMerge::mean, OutputForm::softmax_positions), (a + b) / 2), 1e-7);
  EXPECT_TRUE(at::equal(merge_strands(a, b, StrandMerge::max, OutputForm::values), at::where(a > b, a, b)));
  EXPECT_LT(difference(merged(a, b, OutputForm::values), (a + b) / 2), 1e-7);
}

TEST(MergeStrands, ProbabilityOfLogitsFollowsTheFormulaInDouble) {
  EXPECT_TRUE(rc::check([] {
    const auto draw = static_cast<std::uint64_t>(*rc::gen::inRange(0, 1'000'000));
    const at::Tensor a = random_normal({1}, Stream(draw, 1), 0, 4).to(at::kDouble),
                     b = random_normal({1}, Stream(draw, 2), 0, 4).to(at::kDouble);
    const double p = (sigmoid(a.item<double>()) + sigmoid(b.item<double>())) / 2;
    const double found = merged(a, b, OutputForm::sigmoid).item<double>();
    RC_ASSERT(std::abs(found - std::log(p / (1 - p))) < 1e-9 * (1 + std::abs(found)));
  }));
}

TEST(MergeStrands, ProbabilityOfDistributionsFollowsTheFormulaInDouble) {
  const at::Tensor a = random_normal({3, 2, 7}, Stream(3), 0, 3).to(at::kDouble),
                   b = random_normal({3, 2, 7}, Stream(4), 0, 3).to(at::kDouble);
  const auto mean_along = [&](std::int64_t axis) {
    const auto p = [&](const at::Tensor& x) { return x.exp() / x.exp().sum({axis}, true); };
    return (p(a) + p(b)) / 2;
  };
  EXPECT_LT(difference(merged(a, b, OutputForm::softmax_positions).exp(), mean_along(2)), 1e-14);
  EXPECT_LT(difference(merged(a, b, OutputForm::softmax_channels).exp(), mean_along(1)), 1e-14);
  const at::Tensor all = (a.exp() / a.exp().sum({1, 2}, true) + b.exp() / b.exp().sum({1, 2}, true)) / 2;
  EXPECT_LT(difference(merged(a, b, OutputForm::softmax_all).exp(), all), 1e-14);
}

TEST(MergeStrands, ProbabilityOfLargeLogitsStaysExactWithFiniteGradients) {
  // In float32 a sigmoid is 0 or 1 long before: there the mean would have no logit.
  at::Tensor a = to_tensor(std::vector<float>{200, -200, 200, 0}, {4}).requires_grad_(),
             b = to_tensor(std::vector<float>{190, -190, -200, 0}, {4});
  const at::Tensor found = merged(a, b, OutputForm::sigmoid);
  found.sum().backward();
  // log((1 - e^-200 + 1 - e^-190) / (e^-200 + e^-190)) = 190 + log 2 and rounding,
  // and the same on the other side.
  EXPECT_LT(difference(found, to_tensor(std::vector<float>{190 + std::log(2.0F), -190 - std::log(2.0F), 0, 0}, {4})), 1e-3);
  EXPECT_TRUE(a.grad().isfinite().all().item<bool>());
  EXPECT_NEAR(a.grad()[3].item<double>(), 0.5, 1e-6);
}

TEST(MergeStrands, AStrandMergedWithItselfIsItself) {
  const at::Tensor x = random_normal({3, 2, 7}, Stream(5), 0, 3);
  for (const auto merge : {StrandMerge::mean, StrandMerge::max, StrandMerge::probability})
    EXPECT_LT(difference(merge_strands(x, x, merge, OutputForm::sigmoid), x), 1e-5);
  const at::Tensor p = merged(x, x, OutputForm::softmax_positions);
  EXPECT_LT(difference(p, at::log_softmax(x, 2)), 1e-5);
}

nn::LossOptions loss(const std::string& type, const std::string& output, const std::string& target = "labels") {
  nn::LossOptions o;
  o.type = parse_choice<nn::LossType>(type, "type");
  o.output = output;
  o.target = target;
  return o;
}

TEST(OutputForms, AreToldByTheLosses) {
  nn::LossOptions joint = loss("multinomial", "joint");
  joint.distribution = nn::Distribution::all;
  const auto forms = output_forms({loss("multinomial", "profile"), loss("mse", "counts"), loss("cross_entropy", "classes"), joint,
                                   loss("binary_cross_entropy", "sites"), loss("poisson", "rates"), loss("binary_cross_entropy", "both"),
                                   loss("mse", "both")});
  const OutputForms expected{{"profile", OutputForm::softmax_positions},
                             {"counts", OutputForm::values},
                             {"classes", OutputForm::softmax_channels},
                             {"joint", OutputForm::softmax_all},
                             {"sites", OutputForm::sigmoid},
                             {"rates", OutputForm::values},
                             {"both", OutputForm::values}};
  EXPECT_EQ(forms, expected);
  EXPECT_NO_THROW(check_merge(StrandMerge::probability, forms));
  EXPECT_NO_THROW(check_merge(StrandMerge::max, {{"counts", OutputForm::values}}));
  EXPECT_THAT(error_text([] {
                check_merge(StrandMerge::probability, {{"counts", OutputForm::values}});
              }),
              HasSubstr("values without probability: counts; take mean or max"));
}

TEST(StrandStrategy, FollowsTheOptions) {
  EXPECT_EQ(prediction_strategy({}).word(), "single");
  EXPECT_EQ(prediction_strategy({.train = StrandTraining::augmented, .merge = StrandMerge::max}).word(), "single");
  EXPECT_EQ(prediction_strategy(
                {.train = StrandTraining::augmented, .predict = StrandPrediction::conjoined, .merge = StrandMerge::max})
                .word(),
            "max");
  EXPECT_EQ(prediction_strategy({.train = StrandTraining::conjoined, .merge = StrandMerge::probability}).word(), "probability");
  EXPECT_EQ(prediction_strategy({.train = StrandTraining::conjoined, .predict = StrandPrediction::single}).word(), "single");
}

TEST(StrandOptions, WhatOnlyARewrittenModelUsesIsRefusedElsewhere) {
  const auto error = [](const char* toml) {
    return maybe_error_text([toml] {
      StrandOptions options;
      read_toml(described(options), toml, "a.toml");
    });
  };
  EXPECT_THAT(error("pool = \"mean\""),
              HasSubstr("pool means nothing with layers = \"as_given\"; layers = \"shared\" or \"wrapped\" uses it"));
  EXPECT_THAT(error("layers = \"shared\"\nwrap = [\"early\"]"),
              HasSubstr("wrap means nothing with layers = \"shared\"; layers = \"wrapped\" uses it"));
  EXPECT_EQ(error("layers = \"wrapped\"\nwrap = [\"early\"]\npool = \"mean\"\nmerge = \"max\""), "");
}

TEST(Conjoined, OnePassEqualsTwo) {
  detail::TestModel model;
  const Bundle inputs{{"sequence", random_one_hot(3, 37, Stream(7))}};
  const auto rules = strand_rules(model);
  const auto apply = [&](const Bundle& batch) { return model.forward(batch); };
  const at::Tensor one = conjoined(apply, inputs, rules, StrandMerge::mean, {}).at("logits");
  const at::Tensor two =
      (model.forward(inputs).at("logits") + other_strand(model.forward(other_strand(inputs, rules)), rules).at("logits")) / 2;
  EXPECT_LT(difference(one, two), 1e-6);
  EXPECT_EQ(one.sizes(), two.sizes());
}

// Three tracks of which the first two are the strands of one experiment.
TEST(Conjoined, TracksOfTheOtherStrandGoToThePlacesOfTheirPartners) {
  const Bundle inputs{{"sequence", random_one_hot(3, 11, Stream(7))}};
  const auto rules = [](const std::string& name) { return name == "sequence" ? StrandRule::complemented : StrandRule::mirrored; };
  const at::Tensor weights = random_normal({3, 11}, Stream(8));
  const auto apply = [&](const Bundle& batch) { return Bundle{{"signal", batch.at("sequence").slice(1, 0, 3) * weights}}; };
  OutputForms forms;
  forms.partners["signal"] = {1, 0, 2};
  const at::Tensor merged = conjoined(apply, inputs, rules, StrandMerge::mean, forms).at("signal");
  const at::Tensor forward = apply(inputs).at("signal"), backward = apply(other_strand(inputs, rules)).at("signal").flip({2});
  EXPECT_TRUE(at::equal(merged.select(1, 0), (forward.select(1, 0) + backward.select(1, 1)) * 0.5));
  EXPECT_TRUE(at::equal(merged.select(1, 1), (forward.select(1, 1) + backward.select(1, 0)) * 0.5));
  EXPECT_TRUE(at::equal(merged.select(1, 2), (forward.select(1, 2) + backward.select(1, 2)) * 0.5));
  // So it obeys the law: the other strand gives the same, turned back.
  const at::Tensor other = conjoined(apply, other_strand(inputs, rules), rules, StrandMerge::mean, forms).at("signal");
  EXPECT_TRUE(at::equal(other.flip({2}).index_select(1, at::tensor({1, 0, 2}, at::kLong)), merged));
}

TEST(OutputForms, PartnersAreThoseOfTheTargets) {
  const Schema schema{{.name = "tracks", .shape = {3, 5}, .rule = StrandRule::mirrored, .role = Role::target, .partners = {1, 0, 2}}};
  const OutputForms forms = output_forms({loss("poisson", "signal", "tracks"), loss("poisson", "other", "none")}, schema);
  EXPECT_EQ(forms.partners.size(), 1U);
  EXPECT_EQ(forms.partners.at("signal"), (std::vector<std::int64_t>{1, 0, 2}));
  EXPECT_EQ(forms.size(), 2U);
}

/// What the data say of the strands of two tensors.
struct Rules : data::Dataset {
  explicit Rules(StrandRule of_sequence = StrandRule::tokens, StrandRule of_profile = StrandRule::paired)
      : sequence(of_sequence), profile(of_profile) {}
  std::int64_t size() const override { return 0; }
  Bundle get(std::int64_t, Stream) const override { return {}; }
  std::string summary() const override { return {}; }
  Schema make_schema() const override {
    return {{.name = "sequence", .rule = sequence}, {.name = "profile", .rule = profile, .role = Role::target}};
  }
  StrandRule sequence, profile;
};

TEST(CheckRules, ModelAndDataMustAgree) {
  const detail::TestModel model;
  const std::vector<nn::LossOptions> losses{loss("multinomial", "logits", "profile")};
  EXPECT_NO_THROW(check_rules(model, losses, Rules()));
  EXPECT_THAT(error_text([&] { check_rules(model, losses, Rules(StrandRule::tokens, StrandRule::mirrored)); }),
              HasSubstr("output 'logits' is paired on the other strand for the model, but its target 'profile' is mirrored for the data: "
                        "write strands = \"mirrored\""));
  EXPECT_THAT(error_text([&] { check_rules(model, losses, Rules(StrandRule::mirrored)); }),
              HasSubstr("input 'sequence' is complemented on the other strand for the model, but mirrored for the data: write strands = "
                        "\"mirrored\" under [inputs.sequence]"));
}

// One of several data sets has some of the targets only, and says nothing of the strands of others.
TEST(CheckRules, ATargetOfAnotherSetIsNotLookedAt) {
  const detail::TestModel model;
  EXPECT_NO_THROW(check_rules(model, {loss("multinomial", "logits", "mouse")}, Rules()));
  EXPECT_THROW(check_rules(model, {loss("multinomial", "logits", "mouse"), loss("mse", "logits", "profile")},
                           Rules(StrandRule::tokens, StrandRule::mirrored)),
               ArgumentError);
}

}  // namespace
}  // namespace basewise::infer
