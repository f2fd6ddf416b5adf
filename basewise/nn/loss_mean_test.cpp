// Means over batches equal the loss of all examples at once, and targets are looked at first.
#include "basewise/nn/loss_mean.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kExamples = 23;

at::Tensor spread(at::IntArrayRef sizes, std::uint64_t id, double low, double high) {
  at::Tensor x = at::empty(sizes, at::kDouble);
  fill_uniform(x, Stream(17, id), low, high);
  return x;
}

LossOptions loss_of(LossType type, const std::string& output, const std::string& target) {
  LossOptions o;
  o.type = type;
  o.output = output;
  o.target = target;
  return o;
}

Bundle rows(const Bundle& all, std::int64_t first, std::int64_t last) {
  Bundle part;
  for (const auto& [name, tensor] : all) part.set(name, tensor.slice(0, first, std::min(last, tensor.size(0))));
  return part;
}

LossMean mean_of(const TotalLoss& loss, const Bundle& outputs, const Bundle& targets, std::int64_t rows_each) {
  LossMean mean;
  for (std::int64_t first = 0; first < kExamples; first += rows_each)
    mean.add(loss.batch(rows(outputs, first, first + rows_each), rows(targets, first, first + rows_each)));
  return mean;
}

/// Outputs and targets of every type, with masks that measure very different shares of the batches.
struct Sample {
  Bundle outputs;
  Bundle targets;
  TotalLoss loss;
};

Sample sample(Reduction reduction) {
  std::vector<LossOptions> losses = {loss_of(LossType::binary_cross_entropy, "logits", "labels"),
                                     loss_of(LossType::cross_entropy, "kinds", "kind"),
                                     loss_of(LossType::mse, "value", "strength"),
                                     loss_of(LossType::poisson, "rate", "counts"),
                                     loss_of(LossType::multinomial, "profile", "reads")};
  double weight = 0.5;
  for (LossOptions& o : losses) {
    o.reduction = reduction;
    o.weight = weight += 0.75;
  }
  at::Tensor seen = spread({kExamples, 5}, 1, 0, 1).gt(0.6);
  seen.slice(0, 0, 9).fill_(false);
  at::Tensor strands = spread({kExamples, 2}, 2, 0, 1).gt(0.4);
  return {.outputs = {{"logits", spread({kExamples, 5}, 3, -2, 2)}, {"kinds", spread({kExamples, 3}, 4, -1, 1)},
                      {"value", spread({kExamples, 1}, 5, -1, 1)}, {"rate", spread({kExamples, 7}, 6, -1, 1)},
                      {"profile", spread({kExamples, 2, 11}, 7, -1, 1)}},
          .targets = {{"labels", spread({kExamples, 5}, 8, 0, 1).round()}, {"labels.mask", seen},
                      {"kind", spread({kExamples}, 9, 0, 2.99).floor()}, {"kind.mask", seen.select(1, 2)},
                      {"strength", spread({kExamples}, 10, -1, 1)}, {"strength.mask", seen.select(1, 0)},
                      {"counts", spread({kExamples, 7}, 11, 0, 5).floor()},
                      {"reads", spread({kExamples, 2, 11}, 12, 0, 5).floor()}, {"reads.mask", strands}},
          .loss = TotalLoss(losses)};
}

TEST(LossMean, IsTheLossOfAllExamplesForAnyBatchSize) {
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    const Sample s = sample(reduction);
    const double whole = s.loss(s.outputs, s.targets).item<double>();
    for (const std::int64_t rows_each : {1, 4, 9, 22, 23}) {
      SCOPED_TRACE(format("{}, batches of {}", reduction, rows_each));
      EXPECT_NEAR(mean_of(s.loss, s.outputs, s.targets, rows_each).value(), whole, 1e-12);
    }
  }
}

TEST(LossMean, WhereEverythingIsMeasuredItIsTheMeanOverExamplesToTheLastBit) {
  const TotalLoss loss({loss_of(LossType::mse, "value", "strength")});
  const Bundle outputs{{"value", spread({kExamples, 3}, 1, -1, 1)}}, targets{{"strength", spread({kExamples, 3}, 2, -1, 1)}};
  double sum = 0;
  for (std::int64_t first = 0; first < kExamples; first += 5) {
    const Bundle y = rows(targets, first, first + 5);
    sum += static_cast<double>(batch_size(y)) * loss(rows(outputs, first, first + 5), y).item<double>();
  }
  const LossMean mean = mean_of(loss, outputs, targets, 5);
  EXPECT_EQ(mean.value(), sum / kExamples);
  EXPECT_TRUE(mean.same_share);
  EXPECT_FALSE(mean.even()) << "the last batch has three examples";
}

TEST(LossMean, PenaltiesCountByExamplesAndNothingMeasuredIsNoNumber) {
  const TotalLoss loss({loss_of(LossType::mse, "value", "strength")});
  LossMean mean;
  const auto add = [&](const std::vector<double>& y, const std::vector<double>& seen, double penalty) {
    const auto n = std::ssize(y);
    const Bundle outputs{{"value", at::zeros({n}, at::kDouble)}};
    mean.add(loss.batch(outputs, {{"strength", to_tensor(y, {n})}, {"strength.mask", to_tensor(seen, {n})}}), penalty);
  };
  add({7, 8}, {0, 0}, 0);
  EXPECT_TRUE(std::isnan(mean.value()));
  add({1, 2, 3}, {1, 0, 1}, 0.5);
  EXPECT_NEAR(mean.value(), (1 + 9) / 2.0 + 0.5 * 3 / 5, 1e-12);
}

TEST(LossMean, SeveralDataSetsCountByTheirExamples) {
  const Schema schema{{.name = "labels", .shape = {1}, .role = Role::target, .sets = {0}},
                      {.name = "counts", .shape = {1}, .role = Role::target, .sets = {1}},
                      {.name = "set", .type = at::kLong, .role = Role::set}};
  LossOptions labels = loss_of(LossType::mse, "value", "labels"), counts = loss_of(LossType::mse, "value", "counts");
  counts.weight = 10;
  const TotalLoss loss = TotalLoss({labels, counts}).following(schema);
  LossMean mean;
  const auto add = [&](std::int64_t set, const char* target, std::int64_t n, double y) {
    mean.add(loss.batch({{"value", at::zeros({n, 1}, at::kDouble)}},
                        {{target, at::full({n, 1}, y, at::kDouble)}, {"set", at::full({n}, set, at::kLong)}}));
  };
  add(0, "labels", 4, 2);
  add(1, "counts", 4, 1);
  add(0, "labels", 3, 2);
  EXPECT_NEAR(mean.value(), (7 * 4.0 + 4 * 10.0) / 11, 1e-12);
}

std::optional<TargetFault> fault_of(LossType type, const at::Tensor& y, const at::Tensor& mask = {}) {
  Bundle targets{{"labels", y}};
  if (mask.defined()) targets.set("labels.mask", mask);
  return TotalLoss({loss_of(type, "logits", "labels")}).fault(targets);
}

TEST(TargetFault, NamesTheFirstMeasuredValueThatALossHasNoMeaningFor) {
  at::Tensor y = at::zeros({4, 3}, at::kFloat);
  for (const auto& type : words_of(LossType{})) EXPECT_FALSE(fault_of(type.value, y)) << type.word;
  y[2][1] = -1;
  y[3][2] = 100005;
  const auto found = fault_of(LossType::binary_cross_entropy, y);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->loss, "binary_cross_entropy(logits)");
  EXPECT_EQ(found->target, "labels");
  EXPECT_EQ(found->example, 2);
  EXPECT_EQ(found->channel, 1);
  EXPECT_EQ(found->value, -1);
  EXPECT_EQ(found->expected, "a number from 0 to 1");
  at::Tensor mask = at::ones({4, 3}, at::kBool);
  mask[2][1] = false;
  EXPECT_EQ(fault_of(LossType::binary_cross_entropy, y, mask)->value, 100005);
  EXPECT_FALSE(fault_of(LossType::poisson, y, mask)) << "a count may be large";
  EXPECT_EQ(fault_of(LossType::poisson, y)->value, -1);
  EXPECT_EQ(fault_of(LossType::multinomial, y)->expected, "a count, 0 or more");
  EXPECT_FALSE(fault_of(LossType::mse, y));
}

TEST(TargetFault, NoLossTakesWhatIsNoFiniteNumberUnlessItIsMasked) {
  for (const auto& type : words_of(LossType{}))
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      at::Tensor y = at::zeros({2, 3, 5}, at::kFloat);
      y[1][2][4] = value;
      const auto found = fault_of(type.value, y);
      ASSERT_TRUE(found) << type.word << " " << value;
      EXPECT_EQ(found->example, 1);
      EXPECT_EQ(found->channel, 2);
      EXPECT_EQ(found->place, 4);
      at::Tensor mask = at::ones({2, 3}, at::kBool);
      mask[1][2] = false;
      EXPECT_FALSE(fault_of(type.value, y, mask)) << type.word << " " << value;
    }
}

TEST(TargetFault, TheShareOfAClassIsFromZeroToOne) {
  const TotalLoss plain({loss_of(LossType::cross_entropy, "logits", "labels")});
  const TotalLoss shares = plain.following(Schema{{.name = "labels", .shape = {3}, .role = Role::target}});
  const TotalLoss numbers = plain.following(Schema{{.name = "labels", .shape = {}, .role = Role::target}});
  at::Tensor y = at::zeros({2, 3}, at::kFloat);
  y[1][2] = 5;
  const auto found = shares.fault({{"labels", y}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->channel, 2);
  EXPECT_EQ(found->expected, "the share of a class, 0 to 1");
  EXPECT_FALSE(numbers.fault({{"labels", y.select(1, 2)}})) << "5 is the number of a class";
}

TEST(TargetFault, AClassIsAWholeNumber) {
  const TotalLoss loss({loss_of(LossType::cross_entropy, "logits", "labels")});
  EXPECT_THAT(error_text<ArgumentError>([&] { loss({{"logits", at::zeros({3, 4})}}, {{"labels", at::tensor({0.0F, 2.5F, 1.0F})}}); }),
              HasSubstr("a target class is 2.5; classes are whole numbers, 0 to 3"));
}

}  // namespace
}  // namespace basewise::nn
