#include "basewise/run/log_odds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/nn/model.h"
#include "basewise/tensor/tensors.h"
#include "basewise/train/trainer.h"
#include "tests/support/error_text.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;

/// Given examples, as they are.
class Fixed final : public data::Dataset {
 public:
  explicit Fixed(std::vector<Bundle> examples) : examples_(std::move(examples)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(examples_.size()); }
  Bundle get(std::int64_t i, Stream) const override { return examples_[static_cast<std::size_t>(i)]; }
  std::string summary() const override { return "fixed"; }

 private:
  std::vector<Bundle> examples_;
};

at::Tensor one_hot(const std::string& letters) {
  at::Tensor x = at::zeros({4, static_cast<std::int64_t>(letters.size())});
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const std::size_t row = std::string("ACGT").find(letters[i]);
    if (row != std::string::npos)
      x.index_put_({at::tensor(static_cast<std::int64_t>(row)), at::tensor(static_cast<std::int64_t>(i))},
                   at::tensor(1.0f));
  }
  return x;
}

/// Labels (2, positions) with sites at the given positions.
at::Tensor labels(std::int64_t positions, std::vector<std::int64_t> forward, std::vector<std::int64_t> reverse) {
  at::Tensor y = at::zeros({2, positions});
  for (const std::int64_t p : forward) y[0][p] = 1;
  for (const std::int64_t p : reverse) y[1][p] = 1;
  return y;
}

// 11 bases, labels for the middle 5 (positions 3 to 7): a forward site at 4 (C), a reverse one at 6
// (base G, read as C on its strand).
Bundle example() { return {{"sequence", one_hot("AACGCTGANTT")}, {"labels", labels(5, {1}, {3})}}; }

LogOddsOptions small() { return {.left = 2, .right = 1, .background = LogOddsBackground::uniform}; }

TEST(LogOdds, CountsEachStrandInItsOwnDirection) {
  const Fixed set({example()});
  const LogOdds m = count_log_odds(set, {}, small());
  // Forward site 4: columns -2..+1 are positions 2..5: C G C T.
  // Reverse site 6: positions 8..5, complemented: N T C A.
  const at::Tensor expected = one_hot("CGCT").to(at::kDouble) + one_hot("NTCA").to(at::kDouble);
  EXPECT_TRUE(at::equal(m.counts, expected)) << m.counts;
  EXPECT_EQ(m.sites, 2);
  EXPECT_EQ(m.positions, 10);
  // ln((2 + 1) / (2 + 4) / 0.25) for C at the site.
  EXPECT_NEAR(m.weights[1][2].item<double>(), std::log(2.0), 1e-6);
}

TEST(LogOdds, BackgroundIsTheComposotionOfMeasuredPositions) {
  Bundle e = example();
  e.set("labels.mask", at::tensor(std::vector<std::int64_t>{1, 1, 1, 1, 0}).to(at::kBool).expand({2, 5}));
  const Fixed set({e});
  LogOddsOptions o = small();
  o.background = LogOddsBackground::training;
  o.both_strands = false;
  const LogOdds one = count_log_odds(set, {}, o);  // positions 3 to 6: G C T G
  EXPECT_TRUE(at::allclose(one.background, at::tensor({0.0, 0.25, 0.5, 0.25}, at::kDouble)));
  EXPECT_EQ(one.positions, 8);
  o.both_strands = true;
  EXPECT_TRUE(
      at::allclose(count_log_odds(set, {}, o).background, at::tensor({0.125, 0.375, 0.375, 0.125}, at::kDouble)));
  o.background = LogOddsBackground::all;
  o.both_strands = false;
  const auto more =
      std::make_shared<Fixed>(std::vector<Bundle>{{{"sequence", one_hot("AAAA")}, {"labels", labels(4, {}, {})}}});
  EXPECT_TRUE(
      at::allclose(count_log_odds(set, {more}, o).background, at::tensor({0.5, 0.125, 0.25, 0.125}, at::kDouble)));
}

TEST(LogOdds, ColumnsBeyondAnExampleCountNowhere) {
  const Fixed set({{{"sequence", one_hot("ACGT")}, {"labels", labels(4, {0}, {})}}});
  const at::Tensor counts = count_log_odds(set, {}, small()).counts;
  EXPECT_TRUE(at::equal(counts.sum(0), at::tensor({0.0, 0.0, 1.0, 1.0}, at::kDouble)));
}

TEST(LogOdds, MaskedSitesDoNotCount) {
  Bundle e = example();
  e.set("labels.mask", at::zeros({2, 5}, at::kBool));
  EXPECT_THAT(error_text<DataError>([&] { count_log_odds(Fixed({e}), {}, small()); }),
              HasSubstr("'labels' of the training set marks no site"));
}

nn::ModelPtr model(int width) {
  return nn::build_model(format("format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\ntype = \"conv\"\nfilters = "
                                "2\nwidth = {}\npadding = \"same\"\n"
                                "[[heads]]\nname = \"logits\"\n",
                                width),
                         "pwm.model.toml", 1);
}

TEST(LogOdds, ModelScoresBothStrandsAlike) {
  const LogOddsOptions o{.left = 6, .right = 2, .background = LogOddsBackground::uniform};
  const LogOdds m = count_log_odds(
      Fixed({{{"sequence", random_one_hot(1, 37, Stream(4)).squeeze(0)}, {"labels", labels(37, {9, 20}, {14})}}}), {},
      o);
  const nn::ModelPtr net = model(13);
  write_log_odds(*net, m, o);
  const at::NoGradGuard no_grad;
  const at::Tensor x = random_one_hot(3, 37, Stream(5));
  const at::Tensor y = net->forward({{"sequence", x}}).at("logits");
  // By hand at position 17 of the forward strand, with the prior as bias.
  const double prior = std::log(3.0 / (2 * 37 - 3));
  EXPECT_NEAR(y[1][0][17].item<double>(), (x[1].slice(1, 11, 20) * m.weights).sum().item<double>() + prior, 1e-4);
  // The reverse strand of a sequence is the forward strand of its reverse complement.
  const at::Tensor turned = net->forward({{"sequence", x.flip({1, 2})}}).at("logits").flip({1, 2});
  EXPECT_TRUE(at::allclose(y, turned, 1e-4, 1e-4));
}

TEST(LogOdds, WithoutFittingConvolutionListsTheParameters) {
  const LogOddsOptions o = small();
  const LogOdds m = count_log_odds(Fixed({example()}), {}, o);
  const nn::ModelPtr net = model(7);
  const std::string text = error_text<ArgumentError>([&] { write_log_odds(*net, m, o); });
  EXPECT_THAT(text, HasSubstr("no parameter of shape (2, 4, 5)"));
  EXPECT_THAT(text, HasSubstr("(2, 4, 7)"));
}

}  // namespace
}  // namespace basewise::run
