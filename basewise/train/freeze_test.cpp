#include "basewise/train/freeze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/loss.h"
#include "basewise/nn/model.h"
#include "basewise/train/trainer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::LetterTask;

constexpr const char* kTrunkAndHead = R"(
format = 1
[inputs.sequence]
channels = 4
length = 37
[[layers]]
name = "stem"
type = "conv"
filters = 6
width = 5
[[layers]]
name = "norm"
type = "batch_norm"
[[layers]]
type = "activation"
[[layers]]
name = "body"
type = "conv"
filters = 7
width = 3
[[layers]]
name = "body_norm"
type = "batch_norm"
[[layers]]
type = "pool"
global = true
[[heads]]
name = "logits"
  [[heads.layers]]
  type = "dense"
  units = 5
)";

nn::ModelPtr model(std::uint64_t seed = 3) { return nn::build_model(kTrunkAndHead, "m.toml", seed); }

Bundle copies(const nn::Model& model) {
  Bundle all;
  for (const auto& [name, tensor] : weights_of(model)) all.set(name, tensor.detach().clone());
  return all;
}

TEST(NamesPart, WholeNamesPartsAndStars) {
  EXPECT_TRUE(names_part("stem.weight", "stem.weight"));
  EXPECT_TRUE(names_part("stem", "stem.conv.weight"));
  EXPECT_TRUE(names_part("stem.conv", "stem.conv.weight"));
  EXPECT_TRUE(names_part("*.bias", "stem.conv.bias"));
  EXPECT_TRUE(names_part("body.*.norm", "body.3.norm.weight"));
  EXPECT_TRUE(names_part("*", "anything.at.all"));
  EXPECT_FALSE(names_part("stem", "stem2.weight"));
  EXPECT_FALSE(names_part("weight", "stem.weight"));
  EXPECT_FALSE(names_part("*.bias", "stem.weight"));
  EXPECT_FALSE(names_part("", "stem"));
}

TrainOptions options() {
  TrainOptions o;
  o.epochs = 2;
  o.loader.batch_size = 8;
  o.loader.workers = 0;
  o.optimizer.learning_rate = 0.05;
  o.optimizer.weight_decay = 0.01;
  o.average.decay = 0.9;
  return o;
}

TEST(Frozen, WhatIsNamedStaysBitForBitWithItsRunningMeans) {
  const auto set = std::make_shared<LetterTask>(48, 7);
  const nn::ModelPtr trained = model();
  const Bundle before = copies(*trained);
  TrainerContext context;
  context.seed = 5;
  context.frozen = {"stem", "norm"};
  train_model(*trained, nn::TotalLoss(std::vector<nn::LossOptions>(1)), set, options(), context);
  std::vector<std::string> moved;
  for (const auto& [name, tensor] : weights_of(*trained))
    if (!at::equal(tensor, before.at(name))) moved.push_back(name);
  EXPECT_THAT(moved, ::testing::SizeIs(::testing::Ge(5u)));
  for (const std::string& name : moved) EXPECT_FALSE(name.starts_with("stem") || name.starts_with("norm")) << name;
  for (const auto& item : trained->named_parameters())
    EXPECT_TRUE(item.value().requires_grad()) << item.key() << " is given back";
}

TEST(Frozen, TheRestLearnsAsIfFrozenPartsWereConstants) {
  // A trunk in evaluation mode is a fixed function: one step of plain descent on the head is that
  // of the head alone.
  const auto set = std::make_shared<LetterTask>(8, 7);
  TrainOptions o = options();
  o.epochs = 1;
  o.average = {};
  o.select.keep_best = false;
  o.optimizer = {.name = OptimizerKind::sgd, .learning_rate = 0.1};
  TrainerContext context;
  context.frozen = {"stem", "norm", "body", "body_norm"};
  const nn::ModelPtr trained = model(), by_hand = model();
  train_model(*trained, nn::TotalLoss(std::vector<nn::LossOptions>(1)), set, o, context);

  data::Loader loader(set, [&] {
    data::LoaderOptions l = o.loader;
    l.seed = context.seed;
    return l;
  }());
  loader.start(0, 0);
  const Bundle batch = *loader.next();
  by_hand->eval();
  nn::TotalLoss(std::vector<nn::LossOptions>(1))(by_hand->forward(batch), batch).backward();
  const at::NoGradGuard no_grad;
  for (const auto& item : by_hand->named_parameters()) {
    const at::Tensor expected =
        item.key().starts_with("logits") ? item.value() - 0.1 * item.value().grad() : item.value();
    EXPECT_LE((weights_of(*trained).at(item.key()) - expected).abs().max().item<double>(), 1e-6) << item.key();
  }
}

TEST(Frozen, HoldsLayersWhoseTensorsAreAllNamed) {
  const nn::ModelPtr m = model();
  const Frozen frozen(*m, {"norm.weight", "norm.bias", "stem.bias"});
  EXPECT_THAT(frozen.parameters(), ElementsAre("stem.bias", "norm.weight", "norm.bias"));
  m->train();
  frozen.hold();
  const auto layers = m->named_modules("", false);
  EXPECT_FALSE(layers["norm"]->is_training());
  EXPECT_TRUE(layers["stem"]->is_training()) << "its weight learns";
  EXPECT_TRUE(layers["body_norm"]->is_training());
}

TEST(Frozen, ErrorsSayWhatThereIs) {
  const nn::ModelPtr m = model();
  EXPECT_THAT(error_text<ArgumentError>([&] { Frozen(*m, {"trunk"}); }),
              HasSubstr("freeze: 'trunk' names nothing in the model, which has stem.weight, stem.bias"));
  EXPECT_THAT(error_text<ArgumentError>([&] { Frozen(*m, {"*"}); }),
              HasSubstr("freeze: [*] names every parameter of the model: nothing is left to train"));
  for (const auto& item : m->named_parameters()) EXPECT_TRUE(item.value().requires_grad()) << item.key();
}

TEST(LearningRates, APartWithAFactorMovesAsUnderThatRate) {
  const auto set = std::make_shared<LetterTask>(24, 7);
  const auto trained = [&](double rate, std::vector<RateOptions> parts, std::vector<std::string> frozen) {
    const nn::ModelPtr m = model();
    TrainOptions o = options();
    o.epochs = 1;
    o.average = {};
    o.select.keep_best = false;
    o.loader.batch_size = 24;  // one step: later ones would see each other's changes
    o.optimizer = {.name = OptimizerKind::adam, .learning_rate = rate, .parts = std::move(parts)};
    TrainerContext context;
    context.frozen = std::move(frozen);
    train_model(*m, nn::TotalLoss(std::vector<nn::LossOptions>(1)), set, o, context);
    return copies(*m);
  };
  const Bundle both = trained(0.02, {{.match = "stem", .factor = 0.25}, {.match = "*", .factor = 1}}, {});
  const Bundle fast = trained(0.02, {}, {}), slow = trained(0.005, {}, {});
  for (const auto& [name, tensor] : both)
    EXPECT_TRUE(at::equal(tensor, (name.starts_with("stem.") ? slow : fast).at(name))) << name;
  EXPECT_THAT(error_text<ArgumentError>([&] { trained(0.02, {{.match = "stern", .factor = 0.5}}, {}); }),
              HasSubstr("train.optimizer.parts: 'stern' names no parameter that learns; there are stem.weight"));
}

}  // namespace
}  // namespace basewise::train
