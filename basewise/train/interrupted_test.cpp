// Ctrl-C and SIGTERM while a training validates.
#include <gtest/gtest.h>
#include <signal.h>

#include "basewise/core/interrupt.h"
#include "basewise/infer/batched.h"
#include "basewise/train/trainer.h"
#include "tests/support/test_task.h"

namespace basewise::train {
namespace {

using testing::fresh_folder;
using testing::LetterModel;
using testing::LetterTask;

const data::DatasetPtr& letters() {
  static const data::DatasetPtr set = std::make_shared<LetterTask>(67, 5);
  return set;
}

TrainOptions three_epochs() {
  TrainOptions o;
  o.epochs = 3;
  o.loader = {.batch_size = 8, .workers = 0};
  o.optimizer.learning_rate = 0.02;
  o.average.decay = 0.9;
  o.schedule.name = ScheduleKind::plateau;
  o.schedule.patience = 0;
  return o;
}

/// A value of the weights alone, and a signal while it is computed.
struct Validation {
  int calls = 0;
  int raised_at = 0;  ///< number of the call in which a signal arrives; 0: none

  NamedValues operator()(nn::Model& model) {
    if (++calls == raised_at) raise(SIGTERM);
    throw_if_stopping();
    double sum = 0;
    for (const auto& parameter : model.parameters()) sum += parameter.sum().item<double>();
    return {{"loss", sum}};
  }
};

TrainerResult train_with(LetterModel& model, Validation& validation, const fs::path& folder, bool resume) {
  TrainerContext c;
  c.seed = 7;
  c.folder = folder;
  c.resume = resume;
  c.validate = [&](nn::Model& m) { return validation(m); };
  return train_model(model, nn::TotalLoss({nn::LossOptions{}}), letters(), three_epochs(), c);
}

TEST(InterruptedTraining, AValidationIsLeftAndDoneFirstOnResume) {
  LetterModel whole;
  Validation undisturbed;
  const TrainerResult expected = train_with(whole, undisturbed, fresh_folder("validation_whole"), false);
  for (const int at : {1, 2, 3}) {
    const fs::path folder = fresh_folder("validation_part");
    LetterModel part, again(55);
    Validation left{.raised_at = at}, rest;
    const TrainerResult first = train_with(part, left, folder, false);
    EXPECT_EQ(first.reason, StopReason::interrupted);
    EXPECT_EQ(first.epochs, at - 1) << "an epoch ends with its validation";
    EXPECT_EQ(first.steps, 9 * at) << "67 examples in batches of 8";
    const TrainerResult second = train_with(again, rest, folder, true);
    EXPECT_EQ(second.reason, StopReason::completed);
    EXPECT_EQ(rest.calls, 4 - at);
    EXPECT_EQ(second.best_epoch, expected.best_epoch);
    EXPECT_EQ(second.best_value, expected.best_value);
    EXPECT_EQ(second.log.size(), 3u);
    for (const auto& [name, tensor] : weights_of(whole)) EXPECT_TRUE(at::equal(tensor, weights_of(again).at(name))) << name;
  }
}

TEST(InterruptedTraining, PredictionIsLeftOnlyWhereSomebodyWaitsForIt) {
  LetterModel model;
  std::int64_t seen = 0;
  const auto score = [&](const Bundle& batch) { return model.forward(batch); };
  const auto consume = [&](std::int64_t, const Bundle&, const Bundle&) {
    if (++seen == 2) raise(SIGINT);
  };
  {
    const StopSignal stop;
    EXPECT_THROW(infer::predict_batches(letters(), score, {.batch_size = 8}, consume), Interrupted);
    EXPECT_EQ(seen, 2);
  }
  infer::predict_batches(letters(), score, {.batch_size = 8}, [&](std::int64_t, const Bundle&, const Bundle&) { ++seen; });
  EXPECT_EQ(seen, 2 + 9);
}

}  // namespace
}  // namespace basewise::train
