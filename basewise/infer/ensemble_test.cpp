#include "basewise/infer/ensemble.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/infer/batched.h"
#include "basewise/infer/detail/test_model.h"
#include "basewise/infer/genome.h"
#include "basewise/tensor/tokens.h"
#include "tests/support/error_text.h"

namespace basewise::infer {
namespace {

using testing::HasSubstr;

/// Bins of 4 bases, 3 channels that keep their places on the other strand, dropout between.
constexpr const char* kBinned = R"(format = 1
[inputs.sequence]
channels = 4
[[layers]]
name = "conv"
type = "conv"
filters = 6
width = 5
padding = "same"
[[layers]]
name = "relu"
type = "activation"
kind = "relu"
[[layers]]
name = "drop"
type = "dropout"
rate = 0.4
[[layers]]
name = "pool"
type = "pool"
kind = "max"
width = 4
[[heads]]
name = "bins"
strands = "mirrored"
[[heads.layers]]
type = "conv"
filters = 3
width = 1
)";

nn::ModelPtr binned() {
  nn::ModelPtr model = nn::build_model(kBinned, "test", 3);
  model->eval();
  return model;
}

at::Tensor bases(std::int64_t examples, std::int64_t length, std::uint64_t id) {
  at::Tensor code = at::empty({examples, length}, at::kFloat);
  fill_uniform(code, Stream(71, id), 0, 4.99);
  return one_hot_of(code.to(at::kByte)).contiguous();
}

at::Tensor reverse_complement(const at::Tensor& x) { return x.flip({1, 2}); }

/// The sequence moved to the right, N where nothing is.
at::Tensor moved(const at::Tensor& x, std::int64_t shift) {
  at::Tensor y = at::zeros_like(x);
  for (std::int64_t i = 0; i < x.size(2); ++i)
    if (i + shift >= 0 && i + shift < x.size(2)) y.select(2, i + shift).copy_(x.select(2, i));
  return y;
}

double difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

StrandStrategy both(StrandMerge merge = StrandMerge::mean) { return {true, merge}; }

at::Tensor bins_of(const ScoreFn& score, const at::Tensor& x) { return score({{"sequence", x}}).at("bins"); }

TEST(Ensemble, OfOnePredictionIsThatPrediction) {
  const nn::ModelPtr model = binned();
  const at::Tensor x = bases(3, 36, 1);
  EXPECT_TRUE(at::equal(bins_of(ensemble_fn(model, both(), {}, {}, 1), x), bins_of(score_fn(model, both()), x)));
  EXPECT_TRUE(at::equal(bins_of(ensemble_fn(model, both(), {}, {.shifts = {0}}, 1), x), bins_of(score_fn(model, both()), x)));
  EXPECT_EQ(members({.shifts = {-1, 0, 1}, .mc = 5}, both()), 30);
  EXPECT_EQ(members({}, {}), 1);
  EXPECT_EQ(farthest_shift({.shifts = {-3, 2}}), 3);
}

TEST(Ensemble, MeanAndVarianceAreThoseOfShiftsAndStrands) {
  const nn::ModelPtr model = binned();
  const at::Tensor x = bases(3, 36, 2);
  const ScoreFn once = score_fn(model);
  std::vector<at::Tensor> all;
  for (const std::int64_t shift : {-2, 0, 1}) {
    all.push_back(bins_of(once, moved(x, shift)));
    all.push_back(bins_of(once, moved(reverse_complement(x), shift)).flip({2}));
  }
  const Bundle found = ensemble_fn(model, both(), {}, {.shifts = {-2, 0, 1}}, 1, true)({{"sequence", x}});
  EXPECT_LT(difference(found.at("bins"), at::stack(all).mean(0)), 1e-6);
  EXPECT_LT(difference(found.at("bins.variance"), at::stack(all).var({0}, 0)), 1e-6);
  const at::Tensor tokens = *tokens_of(x);
  EXPECT_LT(difference(bins_of(ensemble_fn(model, both(), {}, {.shifts = {-2, 0, 1}}, 1), tokens), found.at("bins")), 1e-6)
      << "tokens move as bases do";
  const at::Tensor single = bins_of(ensemble_fn(model, {}, {}, {.shifts = {-2, 0, 1}}, 1), x);
  EXPECT_LT(difference(single, (all[0] + all[2] + all[4]) / 3), 1e-6);
  const at::Tensor largest = bins_of(ensemble_fn(model, both(StrandMerge::max), {}, {.shifts = {-2, 0, 1}}, 1), x);
  EXPECT_LT(difference(largest, (at::maximum(all[0], all[1]) + at::maximum(all[2], all[3]) + at::maximum(all[4], all[5])) / 3), 1e-6);
}

TEST(Ensemble, ProbabilitiesAreAveragedAsProbabilities) {
  const nn::ModelPtr model = binned();
  const at::Tensor x = bases(3, 36, 3);
  const ScoreFn once = score_fn(model);
  std::vector<at::Tensor> all;
  for (const std::int64_t shift : {0, 3})
    for (const at::Tensor& y : {bins_of(once, moved(x, shift)), bins_of(once, moved(reverse_complement(x), shift)).flip({2})})
      all.push_back(y.to(at::kDouble));
  const auto found = [&](OutputForm form) {
    return bins_of(ensemble_fn(model, both(StrandMerge::probability), {{"bins", form}}, {.shifts = {0, 3}}, 1), x).to(at::kDouble);
  };
  EXPECT_LT(difference(found(OutputForm::sigmoid).sigmoid(), at::stack(all).sigmoid().mean(0)), 1e-6);
  EXPECT_LT(difference(found(OutputForm::softmax_channels).exp(), at::stack(all).softmax(2).mean(0)), 1e-6);
  EXPECT_LT(difference(found(OutputForm::softmax_positions).exp(), at::stack(all).softmax(3).mean(0)), 1e-6);
  EXPECT_LT(difference(found(OutputForm::softmax_all).exp(), at::stack(all).flatten(2).softmax(2).mean(0).view(all[0].sizes())), 1e-6);
}

// The law: of the reverse complement the ensemble is that of the sequence, turned.
TEST(Ensemble, OfTheReverseComplementIsTurned) {
  const nn::ModelPtr model = binned();
  const at::Tensor x = bases(5, 36, 4);
  for (const EnsembleOptions& o : {EnsembleOptions{.shifts = {-1, 0, 1}}, EnsembleOptions{.shifts = {0, 3}}, EnsembleOptions{.mc = 4},
                                   EnsembleOptions{.shifts = {2, -1}, .mc = 3}}) {
    const ScoreFn score = ensemble_fn(model, both(), {}, o, 9, true);
    const Bundle forward = score({{"sequence", x}}), backward = score({{"sequence", reverse_complement(x)}});
    for (const char* name : {"bins", "bins.variance"})
      EXPECT_LT(difference(backward.at(name), forward.at(name).flip({2})), 1e-5) << name << " " << o.shifts.size() << " " << o.mc;
    EXPECT_GT(forward.at("bins.variance").min().item<double>(), 0);
  }
}

TEST(Ensemble, TracksOfBothStrandsChangePlaces) {
  const nn::ModelPtr model = binned();
  const at::Tensor x = bases(3, 36, 7), places = at::tensor({1, 0, 2}, at::kLong);
  OutputForms forms;
  forms.partners["bins"] = {1, 0, 2};
  const ScoreFn score = ensemble_fn(model, both(), forms, {.shifts = {0, 2}, .mc = 2}, 9);
  const at::Tensor forward = bins_of(score, x), backward = bins_of(score, reverse_complement(x));
  EXPECT_LT(difference(backward, forward.flip({2}).index_select(1, places)), 1e-5);
  const ScoreFn once = score_fn(model, both(), forms), moved_by_none = ensemble_fn(model, both(), forms, {.shifts = {0, 0}}, 9);
  EXPECT_LT(difference(bins_of(moved_by_none, x), bins_of(once, x)), 1e-6);
}

TEST(Ensemble, PassesDrawDropoutByTheSequenceAlone) {
  const nn::ModelPtr model = binned();
  const at::Tensor x = bases(5, 36, 5);
  const ScoreFn score = ensemble_fn(model, {}, {}, {.mc = 6}, 9, true), other = ensemble_fn(model, {}, {}, {.mc = 6}, 10);
  const Bundle together = score({{"sequence", x}});
  for (std::int64_t n = 0; n < 5; ++n)
    EXPECT_TRUE(at::equal(score({{"sequence", x.slice(0, n, n + 1)}}).at("bins")[0], together.at("bins")[n])) << "any batch";
  EXPECT_TRUE(at::equal(score({{"sequence", x}}).at("bins"), together.at("bins"))) << "again";
  EXPECT_FALSE(at::equal(bins_of(other, x), together.at("bins"))) << "another seed";
  EXPECT_GT(together.at("bins.variance").mean().item<double>(), 0);
  EXPECT_FALSE(model->is_training());
  for (const auto& layer : model->modules(false)) EXPECT_FALSE(layer->is_training());
  const at::Tensor many = bins_of(ensemble_fn(model, {}, {}, {.mc = 1}, 1), x);
  EXPECT_GT(difference(many, bins_of(score_fn(model), x)), 1e-3) << "a pass is not the network in evaluation";
}

TEST(Ensemble, TilesOfAGenomeGiveTheSameWhereverItIsCut) {
  const auto model = std::make_shared<detail::TestModel>(detail::TestModelOptions{.channels = 1, .stride = 4});
  std::vector<seq::Token> tokens;
  Stream draw(8);
  for (int i = 0; i < 500; ++i) tokens.push_back(static_cast<seq::Token>(draw.below(4)));
  seq::Genome genome("made.fa");
  genome.add("one", std::move(tokens));
  const EnsembleOptions o{.shifts = {-3, 0, 2}};
  const ScoreFn score = ensemble_fn(model, both(), {}, o, 1);
  const std::vector<seq::Interval> intervals{{"one", 40, 460, seq::Strand::none}};
  std::vector<at::Tensor> all;
  for (const std::int64_t tile : {32, 64, 1000}) {
    const TilePlan plan = plan_tiles(*model, "logits", tile, 420, both(), farthest_shift(o));
    all.push_back(predict_genome(score, plan, "logits", genome, intervals, {.tile = tile})[0]);
  }
  EXPECT_LT(difference(all[0], all[2]), 1e-5);
  EXPECT_LT(difference(all[1], all[2]), 1e-5);
}

TEST(Ensemble, WhatCannotBeIsRefused) {
  const auto refusal = [](const nn::ModelPtr& model, const EnsembleOptions& o, bool variance = false) {
    return error_text<ArgumentError>([&] { ensemble_fn(model, {}, {}, o, 1, variance)({{"sequence", bases(1, 36, 6)}}); });
  };
  EXPECT_THAT(refusal(std::make_shared<detail::TestModel>(), {.mc = 3}), HasSubstr("mc = 3 asks for passes with dropout"));
  EXPECT_THAT(refusal(binned(), {.shifts = {36}}), HasSubstr("a shift of 36 leaves nothing of input 'sequence' with 36 bases"));
  EXPECT_THAT(refusal(binned(), {.mc = -1}), HasSubstr("mc"));
  EXPECT_THAT(refusal(binned(), {}, true), HasSubstr("a variance needs several predictions"));
  EXPECT_THAT(error_text<ArgumentError>([] { ensemble_fn(nn::ModelPtr(), {}, {}, {}, 1); }), HasSubstr("needs a model"));
}

}  // namespace
}  // namespace basewise::infer
