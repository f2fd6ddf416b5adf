// What is looked at before training, and what validation makes of a model that diverged.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/run/detail/before_training.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/run_setup.h"
#include "basewise/run/set_numbers.h"
#include "basewise/train/trainer.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using namespace testing;

RunSetup setup_of(const std::string& name, const std::vector<std::string>& set = {}) {
  const TrainRequest request = small_run(fresh_folder(name), model_text(), set);
  return set_up(load_recipe(request.recipe, request.set), "cpu");
}

TEST(BeforeTraining, CountsWhatTheSetsHold) {
  const RunSetup setup = setup_of("counts");
  const std::vector<SetNumbers> sets = detail::look_before_training(setup);
  ASSERT_EQ(sets.size(), 3U);
  EXPECT_EQ(sets[0].examples, setup.data.train->size());
  EXPECT_EQ(sets[0].batches, (setup.data.train->size() + 31) / 32);
  ASSERT_EQ(sets[0].targets.size(), 1U);
  ASSERT_EQ(sets[0].targets[0].outputs.size(), 3U);
  for (std::size_t c = 0; c < 3; ++c) {
    std::int64_t positives = 0;
    for (std::int64_t i = 0; i < setup.data.train->size(); ++i)
      positives += setup.data.train->get(i, Stream(0)).at("labels")[static_cast<std::int64_t>(c)].item<float>() == 1;
    EXPECT_EQ(sets[0].targets[0].outputs[c].positives, positives);
    EXPECT_EQ(sets[0].targets[0].outputs[c].values, setup.data.train->size());
  }
  const std::vector<std::string> lines = table_of(sets);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[1], HasSubstr(format("{} positive", sets[0].targets[0].outputs[0].positives)));
}

TEST(BeforeTraining, AStepOnEverySetLeavesTheModelAsItWas) {
  const RunSetup setup = setup_of("every_set");
  Bundle before;
  for (const auto& [name, tensor] : train::weights_of(*setup.model)) before.set(name, tensor.detach().clone());
  EXPECT_GT(detail::try_every_set(setup), 0);
  for (const auto& [name, tensor] : train::weights_of(*setup.model)) EXPECT_TRUE(at::equal(tensor, before.at(name))) << name;
}

TEST(BeforeTraining, WhatDivergedIsToldByValidationWithAdvice) {
  for (const double value : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    const RunSetup setup = setup_of("diverged");
    const at::NoGradGuard no_grad;
    for (at::Tensor& p : setup.model->parameters()) p.fill_(value);
    const std::string text = error_text<StateError>([&] { validate(setup, *setup.model); });
    EXPECT_THAT(text, HasSubstr("validation stopped: "));
    EXPECT_THAT(text, HasSubstr(std::isnan(value) ? "weight 'dna." : "output 'logits' of the model is not finite"));
    EXPECT_THAT(text, HasSubstr(std::string(train::kDivergedAdvice)));
  }
}

}  // namespace
}  // namespace basewise::run
