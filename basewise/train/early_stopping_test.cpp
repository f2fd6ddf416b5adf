#include "basewise/train/early_stopping.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

bool rising(const std::string& metric) { return metric == "auroc"; }

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Watch, LowerOrHigherIsBetterAndNoNumberNeverIs) {
  Watch falls(false), rises(true, 0.1);
  EXPECT_FALSE(falls.observe(std::numeric_limits<double>::infinity(), 1));
  EXPECT_TRUE(falls.observe(0.5, 2));
  EXPECT_TRUE(falls.observe(0.4, 3));
  EXPECT_FALSE(falls.observe(0.6, 4));
  EXPECT_EQ(falls.state().best, 0.4);
  EXPECT_TRUE(rises.observe(0.5, 1));
  EXPECT_FALSE(rises.observe(0.55, 2));  // better by less than min_delta
  EXPECT_FALSE(rises.observe(kNaN, 3));
  EXPECT_EQ(rises.state().best_epoch, 1);
  EXPECT_EQ(rises.state().without_improvement, 1) << "a value that is not defined says nothing";
  EXPECT_EQ(falls.state().without_improvement, 1);
  EXPECT_FALSE(falls.observe(std::numeric_limits<double>::infinity(), 5));
  EXPECT_EQ(falls.state().without_improvement, 2) << "an infinite one is no better";
}

TEST(Selection, PatienceCountsValidationsInARow) {
  Selection s({.patience = 2});
  const auto told = [&](double value, std::int64_t epoch) {
    s.observe({{"loss", value}}, epoch);
    return s.exhausted(0);
  };
  EXPECT_FALSE(told(1.0, 1));
  EXPECT_FALSE(told(1.1, 2));
  EXPECT_FALSE(told(0.9, 3)) << "better: counting begins anew";
  EXPECT_FALSE(told(0.95, 4));
  EXPECT_TRUE(told(0.92, 5));
}

TEST(Selection, AValueThatIsNeverDefinedNeitherIsBestNorStops) {
  Selection s({.metric = "auroc", .patience = 1}, rising);
  for (std::int64_t epoch = 1; epoch < 9; ++epoch) EXPECT_FALSE(s.observe({{"auroc", kNaN}}, epoch).best);
  EXPECT_FALSE(s.exhausted(0));
  EXPECT_EQ(s.state().best.best, std::nullopt);
}

TEST(Selection, StopsAfterPatienceWithoutImprovement) {
  Selection s({.metric = "auroc", .patience = 2, .min_delta = 0.1}, rising);
  EXPECT_TRUE(s.observe({{"auroc", 0.5}}, 1).best);
  EXPECT_FALSE(s.observe({{"auroc", 0.55}}, 2).best);
  EXPECT_FALSE(s.exhausted(0));
  EXPECT_FALSE(s.observe({{"auroc", kNaN}}, 3).best);
  EXPECT_FALSE(s.exhausted(0));
  EXPECT_FALSE(s.observe({{"auroc", 0.52}}, 4).best);
  EXPECT_TRUE(s.exhausted(0));
  EXPECT_EQ(s.state().best.best_epoch, 1);
}

TEST(Selection, PatienceZeroNeverStops) {
  Selection s({}, {});
  for (std::int64_t epoch = 1; epoch < 30; ++epoch) s.observe({{"loss", 1.0}}, epoch);
  EXPECT_FALSE(s.exhausted(0));
}

TEST(Selection, WaitsForOneValueChoosesByAnotherAndKeepsAThird) {
  Selection s({.metric = "auroc", .stop_metric = "loss", .patience = 2, .min_delta = 0.2, .also = {"loss", "brier"}}, rising);
  const auto first = s.observe({{"loss", 1.0}, {"auroc", 0.5}, {"brier", 0.3}}, 1);
  EXPECT_TRUE(first.best);
  EXPECT_THAT(first.also, ElementsAre("loss", "brier"));
  // Every change of a value that is not waited for counts; the loss falls by less than min_delta,
  // but its best weights are the newer ones.
  const auto second = s.observe({{"loss", 0.9}, {"auroc", 0.55}, {"brier", 0.4}}, 2);
  EXPECT_TRUE(second.best);
  EXPECT_THAT(second.also, ElementsAre("loss"));
  EXPECT_FALSE(s.exhausted(0));
  const auto third = s.observe({{"loss", 0.95}, {"auroc", 0.6}, {"brier", 0.35}}, 3);
  EXPECT_TRUE(third.best);
  EXPECT_THAT(third.also, IsEmpty());
  EXPECT_TRUE(s.exhausted(0)) << "the area still rises, but the loss is waited for";
}

TEST(Selection, StateGoesOnWhereItWas) {
  const SelectionOptions o{.metric = "auroc", .stop_metric = "loss", .patience = 3, .also = {"brier"}};
  Selection whole(o, rising), first(o, rising);
  const auto values = [](std::int64_t e) {
    return NamedValues{{"loss", 1.0 / static_cast<double>(1 + e % 4)}, {"auroc", 0.1 * static_cast<double>(e % 3)}, {"brier", 0.2}};
  };
  for (std::int64_t e = 1; e <= 5; ++e) whole.observe(values(e), e), first.observe(values(e), e);
  Selection second(o, rising);
  second.set_state(first.state());
  for (std::int64_t e = 6; e <= 9; ++e) {
    const auto a = whole.observe(values(e), e), b = second.observe(values(e), e);
    EXPECT_EQ(a.best, b.best);
    EXPECT_EQ(a.also, b.also);
    EXPECT_EQ(whole.exhausted(0), second.exhausted(0));
  }
  Selection other({.metric = "auroc", .also = {"accuracy"}}, rising);
  EXPECT_THROW(other.set_state(first.state()), StateError);
}

TEST(Selection, NamesWhatItWatches) {
  EXPECT_THAT(watched_values({}), ElementsAre("loss"));
  EXPECT_THAT(watched_values({.metric = "mean.auroc", .stop_metric = "loss", .also = {"loss", "brier"}}),
              ElementsAre("mean.auroc", "loss", "brier"));
  EXPECT_THROW(Selection({.metric = "auroc"}).observe({{"loss", 1.0}}, 1), ArgumentError);
}

// Basenji's loop waits for r + r2 / 4.
TEST(Selection, ASumOfValuesIsAValue) {
  const auto up = [](const std::string& name) { return name != "loss"; };
  const SelectionOptions o{.metric = "pearson + 0.25 * r2", .patience = 2};
  EXPECT_THAT(watched_values(o), ElementsAre("pearson", "r2"));
  EXPECT_DOUBLE_EQ(selected_value({{"r2", 0.4}, {"pearson", 0.5}}, o.metric), 0.6);
  EXPECT_TRUE(std::isnan(selected_value({{"r2", std::nan("")}, {"pearson", 0.5}}, o.metric)));
  Selection s(o, up);
  EXPECT_TRUE(s.observe({{"pearson", 0.5}, {"r2", 0.2}}, 1).best);
  EXPECT_TRUE(s.observe({{"pearson", 0.4}, {"r2", 0.8}}, 2).best);
  EXPECT_FALSE(s.observe({{"pearson", 0.55}, {"r2", 0.1}}, 3).best);
  const auto refused = [&](const std::string& metric) {
    return error_text<ArgumentError>([&] { selected_direction(up, metric); });
  };
  EXPECT_THAT(refused("pearson + loss"), HasSubstr("of pearson and loss one is better when it is higher"));
  EXPECT_THAT(refused("pearson + x * r2"), HasSubstr("'x' is no positive number to multiply with"));
  EXPECT_THAT(refused("pearson + -1 * r2"), HasSubstr("'-1' is no positive number"));
  EXPECT_FALSE(selected_direction({}, "pearson"));
}

TEST(Selection, PatienceWaitsForTheFewestEpochs) {
  Selection s({.patience = 2, .min_epochs = 5});
  for (std::int64_t epoch = 1; epoch <= 4; ++epoch) s.observe({{"loss", 1.0}}, epoch);
  EXPECT_FALSE(s.exhausted(4));
  EXPECT_TRUE(s.exhausted(5));
}

}  // namespace
}  // namespace basewise::train
