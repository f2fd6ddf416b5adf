#include "basewise/infer/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/infer/batched.h"
#include "basewise/infer/detail/test_model.h"
#include "tests/support/error_text.h"

namespace basewise::infer {
namespace {

using detail::TestModel;

double difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(ScoreFn, AppliesInEvalModeWithoutGradientsAndGivesTheStateBack) {
  const auto model = std::make_shared<TestModel>();
  model->train();
  const auto score = score_fn(model);
  const Bundle batch{{"labels", at::zeros({3, 5})}, {"sequence", random_one_hot(3, 37, Stream(2))}};
  const Bundle outputs = score(batch);
  EXPECT_FALSE(model->was_training);
  EXPECT_FALSE(model->had_gradients);
  EXPECT_TRUE(model->is_training());
  EXPECT_TRUE(at::GradMode::is_enabled());
  EXPECT_EQ(shape_text(outputs.at("logits").sizes()), "(3, 2, 37)");
  model->fail = true;
  EXPECT_EQ(error_text([&] { score(batch); }), "the model fails");
  EXPECT_TRUE(model->is_training());
  EXPECT_TRUE(at::GradMode::is_enabled());
}

/// A batch from the other strand, by the rules of the model.
Bundle turned(const Bundle& batch, const nn::Model& model) { return other_strand(batch, strand_rules(model)); }

TEST(ScoreFn, BothStrandsMakeAnyModelEquivariant) {
  for (const std::int64_t channels : {1, 2}) {
    for (const auto merge : {StrandMerge::mean, StrandMerge::max, StrandMerge::probability}) {
      const auto model = std::make_shared<TestModel>(detail::TestModelOptions{.channels = channels});
      const auto score = score_fn(model, {true, merge}, {{"logits", OutputForm::sigmoid}});
      const Bundle batch{{"sequence", random_one_hot(3, 37, Stream(4))}};
      const Bundle other = turned(batch, *model);
      EXPECT_GT(difference(batch.at("sequence"), other.at("sequence")), 0.5);
      EXPECT_LT(difference(score(other).at("logits"), turned(score(batch), *model).at("logits")), 1e-6) << channels;
      EXPECT_GT(difference(score_fn(model)(other).at("logits"), turned(score_fn(model)(batch), *model).at("logits")), 0.1) << channels;
    }
  }
}

TEST(ScoreFn, MergesLogitsOfBothStrands) {
  const auto model = std::make_shared<TestModel>();
  const at::Tensor sequence = random_one_hot(3, 37, Stream(5));
  const at::Tensor forward = score_fn(model)({{"sequence", sequence}}).at("logits");
  const at::Tensor backward = score_fn(model)({{"sequence", sequence.flip({1, 2})}}).at("logits").flip({1, 2});
  const auto merged = [&](StrandMerge merge) {
    return score_fn(model, {true, merge}, {{"logits", OutputForm::sigmoid}})({{"sequence", sequence}}).at("logits");
  };
  EXPECT_LT(difference(merged(StrandMerge::mean), (forward + backward) / 2), 1e-6);
  EXPECT_LT(difference(merged(StrandMerge::max), at::maximum(forward, backward)), 1e-6);
  EXPECT_LT(difference(merged(StrandMerge::probability).sigmoid(), (forward.sigmoid() + backward.sigmoid()) / 2), 1e-6);
}

TEST(ScoreFn, BothStrandsAreOneCallOfTheModel) {
  const auto model = std::make_shared<TestModel>();
  score_fn(model, {.both = true})({{"sequence", random_one_hot(3, 37, Stream(5))}});
  EXPECT_EQ(model->calls, 1);
}

TEST(ScoreFn, ValuesPerSequenceAreMergedAsTheyAre) {
  const auto model = std::make_shared<TestModel>(detail::TestModelOptions{.channels = 5, .positions = false});
  const Bundle batch{{"sequence", random_one_hot(3, 37, Stream(6))}};
  const auto score = score_fn(model, {.both = true});
  EXPECT_LT(difference(score(batch).at("logits"), score(turned(batch, *model)).at("logits")), 1e-6);
}

TEST(ScoreFn, BothStrandsRefuseWhatDoesNotFit) {
  const auto model = std::make_shared<TestModel>();
  EXPECT_THAT(
      error_text([&] {
        score_fn(model, {true, StrandMerge::probability}, {{"logits", OutputForm::values}});
      }),
      testing::HasSubstr(
          "no output is trained as a logit (binary_cross_entropy, cross_entropy, multinomial); values without probability: logits"));
  model->uneven = 2;
  EXPECT_THAT(error_text([&] { score_fn(model, {.both = true}); }), testing::HasSubstr("loses 2 positions on the left and 0 on the right"));
  EXPECT_NO_THROW(score_fn(model));
}

/// Sequences of length 37 with 5 labels.
class RandomSet : public data::Dataset {
 public:
  std::int64_t size() const override { return 70; }
  Bundle get(std::int64_t i, Stream) const override {
    return {{"sequence", random_one_hot(1, 37, Stream(9, static_cast<std::uint64_t>(i)))[0]}, {"labels", at::zeros({5})}};
  }
  std::string summary() const override { return "random"; }
};

TEST(Batched, SameNumbersForAnyBatchSizeAndWorkers) {
  const auto score = score_fn(std::make_shared<TestModel>(), {.both = true});
  const auto set = std::make_shared<RandomSet>();
  const at::Tensor one = predict(set, score, {.batch_size = 1, .workers = 0}).at("logits");
  const at::Tensor many = predict(set, score, {.batch_size = 64, .workers = 2}).at("logits");
  EXPECT_EQ(shape_text(one.sizes()), "(70, 2, 37)");
  EXPECT_LE(difference(one, many), 1e-5);
  Bundle inputs{{"sequence", at::empty({70, 4, 37})}};
  for (std::int64_t i = 0; i < 70; ++i) inputs.at("sequence")[i].copy_(set->get(i, Stream(0)).at("sequence"));
  EXPECT_LE(difference(predict(inputs, score, 33).at("logits"), one), 1e-5);
}

TEST(Batched, ConsumerSeesBatchesInOrder) {
  const auto set = std::make_shared<RandomSet>();
  std::vector<std::int64_t> firsts, sizes;
  predict_batches(set, score_fn(std::make_shared<TestModel>()), {.batch_size = 32},
                  [&](std::int64_t first, const Bundle& outputs, const Bundle& batch) {
                    firsts.push_back(first);
                    sizes.push_back(outputs.at("logits").size(0));
                    EXPECT_TRUE(batch.contains("labels"));
                  });
  EXPECT_THAT(firsts, testing::ElementsAre(0, 32, 64));
  EXPECT_THAT(sizes, testing::ElementsAre(32, 32, 6));
}

TEST(Batched, ErrorsNameTheBatch) {
  const auto model = std::make_shared<TestModel>();
  const auto set = std::make_shared<RandomSet>();
  model->fail = true;
  EXPECT_EQ(error_text([&] { predict(set, score_fn(model), {.batch_size = 32}); }), "batch 0 (examples 0 to 31): the model fails");
  EXPECT_EQ(error_text([&] { predict(set, score_fn(model), {.batch_size = 0}); }), "batch_size is 0: expected at least 1");
}

}  // namespace
}  // namespace basewise::infer
