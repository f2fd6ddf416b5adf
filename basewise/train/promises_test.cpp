// What docs/training.md says of steps, validations and means, each against a count or a sum by
// hand.
#include <cmath>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/train/trainer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::fresh_folder;
using testing::LetterModel;
using testing::LetterTask;

TrainOptions plain(std::int64_t epochs, std::int64_t batch_size) {
  TrainOptions o;
  o.epochs = epochs;
  o.loader = {.batch_size = batch_size, .workers = 0};
  o.optimizer = {.name = OptimizerKind::sgd, .learning_rate = 0.02};
  return o;
}

nn::TotalLoss labels_loss() { return nn::TotalLoss({nn::LossOptions{}}); }

Bundle copied(const nn::Model& model) {
  Bundle copy;
  for (const auto& [name, tensor] : weights_of(model)) copy.set(name, tensor.detach().clone());
  return copy;
}

void expect_same(const Bundle& a, const Bundle& b) {
  for (const auto& [name, tensor] : a) EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
}

TEST(Promises, PlateauAndBestEpochGoOnAfterAnInterruption) {
  const auto train = [](const fs::path& folder, const std::vector<int>& interruptions, int sessions) {
    TrainOptions o = plain(6, 16);
    o.schedule = {.name = ScheduleKind::plateau, .factor = 0.5, .patience = 0};
    TrainerContext c;
    c.seed = 3;
    c.folder = folder;
    int validations = 0;
    c.validate = [&](nn::Model&) -> NamedValues {
      ++validations;
      for (const int at_validation : interruptions)
        if (validations == at_validation) raise(SIGTERM);
      return {{"loss", validations == 1 ? 0.5 : 1.0}};
    };
    TrainerResult result;
    auto model = std::make_shared<LetterModel>();
    for (int session = 0; session < sessions; ++session) {
      c.resume = session > 0;
      if (session > 0) model = std::make_shared<LetterModel>(77);
      result = train_model(*model, labels_loss(), std::make_shared<LetterTask>(32, 5), o, c);
    }
    return std::pair(result, model);
  };
  const auto [whole, expected] = train(fresh_folder("plateau_whole"), {}, 1);
  const auto [resumed, found] = train(fresh_folder("plateau_resumed"), {3, 4}, 3);
  std::vector<double> rates;
  for (const EpochLog& row : resumed.log) rates.push_back(row.learning_rate);
  EXPECT_THAT(rates, ElementsAre(0.02, 0.02, 0.01, 0.005, 0.0025, 0.00125)) << "halved after each validation but the best";
  EXPECT_EQ(resumed.best_epoch, 1);
  EXPECT_EQ(whole.best_epoch, 1);
  expect_same(copied(*expected), copied(*found));
}

TEST(Promises, ValidationSeesTheAveragedWeights) {
  TrainOptions o = plain(3, 16);
  o.average = {.decay = 0.9, .warmup = 0};
  o.select.keep_best = false;
  TrainerContext c;
  Bundle validated, average;
  LetterModel model, twin;
  // The average by hand, from a twin that takes the same steps without averaging.
  for (const auto& [name, tensor] : weights_of(twin)) average.set(name, tensor.detach().clone());
  c.validate = [&](nn::Model& m) -> NamedValues {
    validated = copied(m);
    return {{"loss", 1.0}};
  };
  o.epochs = 1;
  o.loader.drop_last = true;
  const auto set = std::make_shared<LetterTask>(16, 5);  // one step
  train_model(model, labels_loss(), set, o, c);
  TrainOptions raw = o;
  raw.average = {};
  train_model(twin, labels_loss(), set, raw, {});
  const at::Tensor expected = average.at("filters") * 0.9 + twin.filters_.detach() * 0.1;
  EXPECT_TRUE(at::allclose(validated.at("filters"), expected, 1e-6, 1e-8));
  EXPECT_FALSE(at::allclose(validated.at("filters"), twin.filters_.detach(), 1e-6, 1e-8));
  EXPECT_TRUE(at::equal(model.filters_, validated.at("filters"))) << "and so does the final model";
}

TEST(Promises, AShortLastGroupIsAveragedOverItsOwnBatches) {
  LetterModel small, large;
  small.dropout_ = large.dropout_ = 0;
  small.momentum_ = large.momentum_ = 0;
  const auto set = std::make_shared<LetterTask>(16, 5);
  TrainOptions o = plain(1, 4);
  o.accumulate = 7;  // more than the four batches that there are
  EXPECT_EQ(train_model(small, labels_loss(), set, o, {}).steps, 1);
  EXPECT_EQ(train_model(large, labels_loss(), set, plain(1, 16), {}).steps, 1);
  EXPECT_TRUE(at::allclose(small.filters_, large.filters_, 1e-5, 1e-7));
  EXPECT_FALSE(at::equal(small.filters_, LetterModel().filters_));
  const at::Tensor first = LetterModel().filters_.detach();
  EXPECT_TRUE(at::allclose(small.filters_ - first, large.filters_ - first, 1e-3, 1e-8)) << "the step itself, not its fraction";
}

TEST(Promises, TheLastEpochIsAlwaysValidated) {
  LetterModel model;
  TrainOptions o = plain(5, 16);
  o.validate_every = 3;
  TrainerContext c;
  c.validate = [](nn::Model&) -> NamedValues { return {{"loss", 1.0}}; };
  const TrainerResult r = train_model(model, labels_loss(), std::make_shared<LetterTask>(32, 5), o, c);
  std::vector<std::int64_t> validated;
  for (const EpochLog& row : r.log)
    if (!row.validation.empty()) validated.push_back(row.epoch);
  EXPECT_THAT(validated, ElementsAre(3, 5));
}

TEST(Promises, PatienceDoesNotCountWhatIsNotDefined) {
  LetterModel model;
  TrainOptions o = plain(6, 16);
  o.select = {.metric = "auroc", .patience = 2};
  TrainerContext c;
  c.higher_is_better = [](const std::string&) { return true; };
  c.validate = [](nn::Model&) -> NamedValues { return {{"loss", 1.0}, {"auroc", std::nan("")}}; };
  const TrainerResult r = train_model(model, labels_loss(), std::make_shared<LetterTask>(32, 5), o, c);
  EXPECT_EQ(r.reason, StopReason::completed);
  EXPECT_EQ(r.epochs, 6);
  EXPECT_EQ(r.best_epoch, -1);
  EXPECT_EQ(r.best_value, std::nullopt);
}

/// Labels of which the first examples have none: batches measure very different shares.
class SparseTask final : public data::Dataset {
 public:
  std::int64_t size() const override { return 21; }
  std::string summary() const override { return "sparse letters"; }
  Bundle get(std::int64_t i, Stream) const override {
    Bundle example = task_.get(i, Stream(4, 4));
    at::Tensor seen = at::zeros({5}, at::kBool);
    if (i >= 9) seen[i % 5] = true;
    if (i == 20) seen.fill_(true);
    example.set("labels.mask", seen);
    return example;
  }

 private:
  LetterTask task_{21, 5};
};

TEST(Promises, TrainLossIsTheMeanOverWhatWasMeasuredInEachEpoch) {
  const SparseTask set;
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < set.size(); ++i) examples.push_back(set.get(i, Stream(0)));
  const Bundle whole = stack(examples);
  for (const std::int64_t rows : {1, 4, 8, 21}) {
    LetterModel model;
    model.dropout_ = model.momentum_ = 0;
    const double penalty = model.penalty().item<double>();
    const double expected = labels_loss()(model.forward(whole), whole).item<double>() + penalty;
    TrainOptions o = plain(2, rows);
    o.optimizer.learning_rate = 1e-30;  // nothing moves: every epoch is the first
    const TrainerResult r = train_model(model, labels_loss(), std::make_shared<SparseTask>(), o, {});
    ASSERT_EQ(r.log.size(), 2U);
    for (const EpochLog& row : r.log) EXPECT_NEAR(row.train_loss, expected, 1e-6) << "batches of " << rows;
  }
}

/// Labels with one value that binary cross-entropy has no meaning for.
class WrongTask final : public data::Dataset {
 public:
  std::int64_t size() const override { return 32; }
  std::string summary() const override { return "wrong letters"; }
  Bundle get(std::int64_t i, Stream draw) const override {
    Bundle example = task_.get(i, draw);
    if (i == 17) example.at("labels")[3] = 100005;
    return example;
  }

 private:
  LetterTask task_{32, 5};
};

TEST(Promises, ATargetOutsideOfItsLossEndsTrainingByName) {
  LetterModel model;
  const std::string text =
      error_text<DataError>([&] { train_model(model, labels_loss(), std::make_shared<WrongTask>(), plain(1, 8), {}); });
  EXPECT_THAT(text, HasSubstr("train set, example 18 (counted from 1): labels 3 is 100005, but binary_cross_entropy(logits) needs a "
                              "number from 0 to 1"));
}

TEST(Promises, WeightsThatAreNotFiniteAtTheEndAreAnErrorWithAdvice) {
  // One step, whose loss is that before it.
  TrainOptions o = plain(1, 16);
  o.optimizer.learning_rate = 1e308;
  for (const bool tried : {false, true}) {
    LetterModel model;
    const auto set = std::make_shared<LetterTask>(16, 5);
    const std::string text = error_text<StateError>([&] {
      if (tried)
        try_step(model, labels_loss(), set, o, {});
      else
        train_model(model, labels_loss(), set, o, {});
    });
    EXPECT_THAT(text, HasSubstr("is not finite after the last step"));
    EXPECT_THAT(text, HasSubstr(std::string(kDivergedAdvice)));
  }
}

TEST(Promises, ATriedStepLeavesNoTrace) {
  LetterModel model;
  const Bundle before = copied(model);
  const fs::path folder = fresh_folder("tried");
  TrainerContext c;
  c.folder = folder;
  const double loss = try_step(model, labels_loss(), std::make_shared<LetterTask>(32, 5), plain(4, 16), c);
  EXPECT_GT(loss, 0);
  expect_same(before, copied(model));
  EXPECT_FALSE(fs::exists(folder));
  try_batch(model, labels_loss(), std::make_shared<LetterTask>(32, 5), 1, {});
  expect_same(before, copied(model));
}

}  // namespace
}  // namespace basewise::train
