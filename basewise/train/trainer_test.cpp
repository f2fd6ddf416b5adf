#include "basewise/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "basewise/io/safetensors.h"
#include "basewise/train/detail/training.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::train {
namespace {

using testing::fresh_folder;
using ::testing::HasSubstr;
using testing::LetterModel;
using testing::LetterTask;

TrainOptions options() {
  TrainOptions o;
  o.epochs = 4;
  o.loader.batch_size = 8;
  o.optimizer.learning_rate = 0.02;
  o.average.decay = 0.9;
  o.clip.norm = 1;
  o.schedule.name = ScheduleKind::one_cycle;
  o.loader.workers = 2;
  return o;
}

nn::TotalLoss loss() { return nn::TotalLoss({nn::LossOptions{}}); }

NamedValues validate(nn::Model& model) {
  const LetterTask set(41, 99);
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < set.size(); ++i) examples.push_back(set.get(i, Stream(0)));
  const Bundle batch = stack(examples);
  return {{"loss", loss()(model.forward(batch), batch).item<double>()}};
}

TrainerContext context(const fs::path& folder = {}) {
  TrainerContext c;
  c.seed = 7;
  c.folder = folder;
  c.config = R"({"train":{"epochs":4,"optimizer":{"learning_rate":0.02}}})";
  c.machine = "cpu, 1 thread";
  c.validate = validate;
  return c;
}

void expect_equal_weights(const nn::Model& a, const nn::Model& b) {
  for (const auto& [name, tensor] : weights_of(a)) EXPECT_TRUE(at::equal(tensor, weights_of(b).at(name))) << name;
}

std::vector<std::string> log_without_times(const TrainerResult& r) {
  std::vector<std::string> rows;
  for (EpochLog row : r.log) {
    row.seconds = row.data_wait_seconds = 0;
    rows.push_back(log_tsv({row}));
  }
  return rows;
}

std::string error_of(const std::function<void()>& f) { return error_text<StateError>(f); }

const data::DatasetPtr& task() {
  static const data::DatasetPtr set = std::make_shared<LetterTask>(67, 5);
  return set;
}

TEST(Trainer, LossFallsAndTheBestEpochIsKept) {
  LetterModel model;
  TrainOptions o = options();
  o.epochs = 25;
  const TrainerResult r = train_model(model, loss(), task(), o, context());
  EXPECT_EQ(r.reason, StopReason::completed);
  EXPECT_EQ(r.steps, 25 * 9);  // 67 examples in batches of 8
  EXPECT_LT(r.log.back().train_loss, 0.9 * r.log.front().train_loss);
  double best = r.log.front().validation.at(0).second;
  for (const EpochLog& row : r.log) best = std::min(best, row.validation.at(0).second);
  EXPECT_EQ(r.best_value, best);
  model.eval();
  EXPECT_EQ(validate(model).at(0).second, best);
}

TEST(Trainer, WaitsForTheLossChoosesByAnotherValueAndKeepsTheBestByTheLoss) {
  LetterModel model;
  TrainOptions o = options();
  o.epochs = 12;
  o.select = {.metric = "made_up", .stop_metric = "loss", .patience = 3, .also = {"loss", "made_up"}};
  TrainerContext c = context();
  std::vector<Bundle> weights;
  const std::vector<double> loss_of = {0.9, 0.7, 0.8, 0.75, 0.71, 0.6}, made_up_of = {0.1, 0.2, 0.3, 0.5, 0.4, 0.6};
  c.higher_is_better = [](const std::string& name) { return name == "made_up"; };
  c.validate = [&](nn::Model& m) -> NamedValues {
    const std::size_t e = weights.size();
    Bundle copy;
    for (const auto& [name, tensor] : weights_of(m)) copy.set(name, tensor.detach().clone());
    weights.push_back(copy);
    return {{"loss", loss_of.at(e)}, {"made_up", made_up_of.at(e)}};
  };
  const TrainerResult r = train_model(model, loss(), task(), o, c);
  EXPECT_EQ(r.reason, StopReason::early_stopped);
  EXPECT_EQ(r.epochs, 5) << "three validations after the lowest loss";
  EXPECT_EQ(r.best_epoch, 4);
  ASSERT_EQ(r.also.size(), 2u);
  EXPECT_EQ(r.also[0].metric, "loss");
  EXPECT_EQ(r.also[0].epoch, 2);
  EXPECT_EQ(r.also[0].value, 0.7);
  EXPECT_EQ(r.also[1].epoch, 4);
  for (const auto& [name, tensor] : weights_of(model)) {
    EXPECT_TRUE(at::equal(tensor, weights.at(3).at(name))) << name;
    EXPECT_TRUE(at::equal(r.also[0].weights.at(name), weights.at(1).at(name))) << name;
    EXPECT_TRUE(at::equal(r.also[1].weights.at(name), weights.at(3).at(name))) << name;
  }
}

TEST(Trainer, SameSeedSameWeightsForAnyNumberOfWorkers) {
  LetterModel one, two, three;
  TrainOptions o = options();
  train_model(one, loss(), task(), o, context());
  o.loader.workers = 0;
  train_model(two, loss(), task(), o, context());
  expect_equal_weights(one, two);
  TrainerContext other = context();
  other.seed = 8;
  train_model(three, loss(), task(), o, other);
  EXPECT_FALSE(at::equal(one.filters_, three.filters_));
}

TEST(Trainer, RandomStateOfTheCallerIsGivenBack) {
  at::manual_seed(3);
  const at::Tensor expected = at::rand({5});
  at::manual_seed(3);
  LetterModel model;
  TrainOptions o = options();
  o.epochs = 1;
  train_model(model, loss(), task(), o, context());
  EXPECT_TRUE(at::equal(at::rand({5}), expected));
}

TEST(Trainer, AccumulationIsOneStepOverTheWholeBatch) {
  // Without dropout, four batches of 4 averaged are one of 16 (batch norm aside, which this model's
  // gradient does not pass through).
  LetterModel small, large;
  const auto set = std::make_shared<LetterTask>(32, 5);
  TrainOptions o = options();
  o.epochs = 1;
  o.optimizer = {.name = OptimizerKind::sgd, .learning_rate = 0.1};
  o.clip = {};
  o.schedule = {};
  o.select.keep_best = false;
  o.average = {};
  o.loader.batch_size = 4;
  o.accumulate = 4;
  small.dropout_ = large.dropout_ = 0;
  small.momentum_ = large.momentum_ = 0;
  const TrainerResult r = train_model(small, loss(), set, o, context());
  EXPECT_EQ(r.steps, 2);
  o.loader.batch_size = 16;
  o.accumulate = 1;
  train_model(large, loss(), set, o, context());
  EXPECT_TRUE(at::allclose(small.filters_, large.filters_, 1e-5, 1e-6));
  EXPECT_FALSE(at::equal(small.filters_, LetterModel().filters_));
}

TEST(Trainer, InterruptedAndResumedEqualsUninterrupted) {
  LetterModel whole, part;
  const fs::path whole_folder = fresh_folder("whole"), part_folder = fresh_folder("part");
  const TrainerResult expected = train_model(whole, loss(), task(), options(), context(whole_folder));
  // SIGTERM arrives at the second and the third validation.
  int validations = 0;
  TrainerContext c = context(part_folder);
  c.validate = [&](nn::Model& m) {
    if (++validations >= 2 && validations <= 3) raise(SIGTERM);
    return validate(m);
  };
  EXPECT_EQ(train_model(part, loss(), task(), options(), c).reason, StopReason::interrupted);
  c.resume = true;
  LetterModel again(55);  // what it starts from does not matter
  EXPECT_EQ(train_model(again, loss(), task(), options(), c).reason, StopReason::interrupted);
  LetterModel last(56);
  const TrainerResult found = train_model(last, loss(), task(), options(), c);
  EXPECT_EQ(found.reason, StopReason::completed);
  expect_equal_weights(whole, last);
  EXPECT_EQ(log_without_times(expected), log_without_times(found));
  EXPECT_EQ(found.best_epoch, expected.best_epoch);
}

TEST(Trainer, ResumeOfAFinishedTrainingGivesTheSameWeights) {
  LetterModel one, two(9);
  const fs::path folder = fresh_folder("finished");
  TrainOptions o = options();
  o.checkpoint.every_steps = 1;
  train_model(one, loss(), task(), o, context(folder));
  TrainerContext c = context(folder);
  c.resume = true;
  train_model(two, loss(), task(), o, c);
  expect_equal_weights(one, two);
}

TEST(Trainer, ResumeWithOtherOptionsNamesTheKey) {
  LetterModel model;
  const fs::path folder = fresh_folder("other_options");
  TrainOptions o = options();
  o.epochs = 1;
  o.checkpoint.every_steps = 3;
  train_model(model, loss(), task(), o, context(folder));
  TrainerContext c = context(folder);
  c.resume = true;
  c.config = R"({"train":{"epochs":4,"optimizer":{"learning_rate":0.05}}})";
  EXPECT_THAT(error_of([&] { train_model(model, loss(), task(), o, c); }),
              HasSubstr("'train.optimizer.learning_rate' is 0.05 now, but was 0.02 when it was started"));
}

TEST(Trainer, LossThatIsNoNumberNamesAndSavesTheBatch) {
  LetterModel model;
  const fs::path folder = fresh_folder("nan");
  const std::string text =
      error_of([&] { train_model(model, loss(), std::make_shared<LetterTask>(67, 5, 42), options(), context(folder)); });
  EXPECT_THAT(text, HasSubstr("the loss is not a number in epoch 1, batch "));
  EXPECT_THAT(text, ::testing::ContainsRegex("examples [0-9, ]*\\b42\\b"));
  EXPECT_THAT(text, HasSubstr("failed_batch.safetensors"));
  const io::SafetensorsFile saved(folder / "failed_batch.safetensors");
  EXPECT_EQ(saved.at("sequence").shape, (std::vector<std::int64_t>{8, 4, 37}));
}

TEST(Trainer, EarlyStoppingStopsWhenNothingImproves) {
  LetterModel model;
  TrainOptions o = options();
  o.epochs = 50;
  o.select.patience = 3;
  TrainerContext c = context();
  int calls = 0;
  c.validate = [&](nn::Model&) { return NamedValues{{"loss", calls++ < 2 ? 1.0 / calls : 5.0}}; };
  const TrainerResult r = train_model(model, loss(), task(), o, c);
  EXPECT_EQ(r.reason, StopReason::early_stopped);
  EXPECT_EQ(r.epochs, 5);
  EXPECT_EQ(r.best_epoch, 2);
}

TEST(Trainer, TimeLimitValidatesAndEnds) {
  LetterModel model;
  TrainOptions o = options();
  o.max_seconds = 1e-6;
  const TrainerResult r = train_model(model, loss(), task(), o, context());
  EXPECT_EQ(r.reason, StopReason::time_limit);
  EXPECT_EQ(r.steps, 1);
  EXPECT_EQ(r.log.at(0).validation.size(), 1u);
}

TEST(ConfigDifference, FindsTheFirstKey) {
  EXPECT_EQ(config_difference(R"({"a":1,"b":[1,2]})", R"({"a":1,"b":[1,2]})"), "");
  EXPECT_THAT(config_difference(R"({"a":1,"b":[1,2]})", R"({"a":1,"b":[1,3]})"), HasSubstr("'b.1' is 3 now, but was 2"));
  EXPECT_THAT(config_difference(R"({"a":1})", R"({"a":1,"c":{"d":"x"}})"), HasSubstr("'c.d' is \"x\" now, but was not set"));
  EXPECT_THAT(config_difference(R"({"a":1,"e":2})", R"({"a":1})"), HasSubstr("'e' was 2 when it was started"));
  EXPECT_EQ(config_difference(R"({"a/b~c":1})", R"({"a/b~c":2})"), "'a/b~c' is 2 now, but was 1 when it was started");
  const std::string before = R"({"model":"first\nwidth = 5\nlast)", now = R"({"model":"first\nwidth = 7\nlast)";
  std::string rest(9000, '#');
  rest += "\"}";
  EXPECT_EQ(config_difference(before + rest, now + rest),
            "'model' is another text now than when it was started: line 2 is \"width = 7\", but was \"width = 5\"");
  EXPECT_EQ(config_difference(R"({"a":1})", R"({"a":1,"new":false})", R"({"a":7,"new":false})"), "");
  EXPECT_THAT(config_difference(R"({"a":1})", R"({"a":1,"new":true})", R"({"a":7,"new":false})"), HasSubstr("'new' is true now"));
}

}  // namespace
}  // namespace basewise::train
