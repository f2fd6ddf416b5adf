// What targets make of outputs, how they are written, and what is refused.
#include "basewise/interpret/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/interpret/detail/test_networks.h"
#include "tests/support/error_text.h"

namespace basewise::interpret {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Heads "logits" (N, 3), "counts" (N, 2) and "profile" (N, 2, 37).
nn::ModelPtr three_heads() {
  return nn::build_model("format = 1\n[inputs.sequence]\nchannels = 4\nlength = 37\n" +
                             layer_text("conv", "name = \"stem\"\nfilters = 5\nwidth = 3") +
                             head_text("logits", layer_text("dense", "units = 3", "heads.layers")) +
                             head_text("counts", layer_text("dense", "units = 2", "heads.layers")) +
                             head_text("profile", layer_text("conv", "filters = 2\nwidth = 1", "heads.layers")),
                         "test", 2);
}

Bundle outputs() {
  const auto wave = [](at::IntArrayRef sizes, double step) {
    return at::sin(at::arange(c10::multiply_integers(sizes), at::kDouble) * step).view(sizes);
  };
  return {{"logits", wave({4, 3}, 1.1)}, {"counts", wave({4, 2}, 0.7) + 2}, {"profile", wave({4, 2, 37}, 0.3)}};
}

const ChannelNames kNames{{"logits", {"CTCF", "SPI1", "Erythro-1"}}};

at::Tensor value(const std::string& text) { return parse_target(text, *three_heads(), kNames)(outputs()); }

TEST(Target, MakesOneNumberPerExample) {
  const Bundle o = outputs();
  const at::Tensor &logits = o.at("logits"), &profile = o.at("profile"), &counts = o.at("counts");
  const auto expect = [](const std::string& text, const at::Tensor& expected) {
    EXPECT_LT(detail::apart(value(text), expected), 1e-12) << text;
  };
  expect("logits:1", logits.select(1, 1));
  expect("logits:SPI1", logits.select(1, 1));
  expect("logits:CTCF,2", logits.select(1, 0) + logits.select(1, 2));
  expect("logits:Erythro-1 - 0.5*logits:0", logits.select(1, 2) - 0.5 * logits.select(1, 0));
  expect("counts", counts.sum(1));
  expect("mean(profile:1[10:20])", profile.select(1, 1).slice(1, 10, 20).mean(1));
  expect("profile[:5] + profile[30:]", profile.slice(2, 0, 5).sum({1, 2}) + profile.slice(2, 30).sum({1, 2}));
  expect("log_sum(counts)", counts.sum(1).log());
  expect("variance(logits)", logits.var(1, /*unbiased=*/false));
  const at::Tensor flat = profile.flatten(1);
  expect("profile(profile)", ((flat - flat.mean(1, true)) * flat.softmax(1)).sum(1));
}

TEST(Target, HoldsTheWeightsOfAProfile) {
  at::Tensor profile = outputs().at("profile").clone().requires_grad_();
  const at::Tensor y = parse_target("profile(profile)", *three_heads())({{"profile", profile}});
  y.sum().backward();
  const at::Tensor weights = profile.detach().flatten(1).softmax(1);
  EXPECT_LT(detail::apart(profile.grad().flatten(1), weights - weights.mean(1, true)), 1e-12);
}

TEST(Target, NamesItsOutputs) {
  const Target target = parse_target(" logits:0 - mean(profile) + logits:1 ", *three_heads());
  EXPECT_EQ(target.outputs(), (std::vector<std::string>{"logits", "profile"}));
  EXPECT_EQ(target.text(), "logits:0 - mean(profile) + logits:1");
}

TEST(Target, SaysWhatIsWrong) {
  const auto text = [](const std::string& target) { return error_text([&] { value(target); }); };
  EXPECT_THAT(text("logit"),
              AllOf(HasSubstr("no output 'logit'"), HasSubstr("did you mean 'logits'?"), HasSubstr("there are: logits, counts, profile")));
  EXPECT_THAT(text("logits:SPI2"),
              AllOf(HasSubstr("no channel 'SPI2'"), HasSubstr("did you mean 'SPI1'?"), HasSubstr("CTCF, SPI1, Erythro-1")));
  EXPECT_THAT(text("logits:3"), HasSubstr("no channel 3: there are 3, counted from 0"));
  EXPECT_THAT(text("counts:x"), HasSubstr("'x' is no channel of output 'counts', whose channels have no names"));
  EXPECT_THAT(text("counts:5"), HasSubstr("output 'counts' has no channel 5: there are 2"));
  EXPECT_THAT(text("median(logits)"), AllOf(HasSubstr("'median' is not a function"), HasSubstr("sum, mean, log_sum, variance, profile")));
  EXPECT_THAT(text("profile[5:3]"), HasSubstr("is not a range of positions"));
  EXPECT_THAT(text("profile[0:38]"), HasSubstr("has positions 0 to 36; the range [0:38]"));
  EXPECT_THAT(text("counts[0:3]"), HasSubstr("has no positions"));
  EXPECT_THAT(text("logits -  - counts"), HasSubstr("is not a term"));
  EXPECT_THAT(text(""), HasSubstr("is not a term"));
  EXPECT_THAT(text("log_sum(logits - logits)"), HasSubstr("target"));
  EXPECT_THAT(text("log_sum(logits)"), HasSubstr("only what is positive has a logarithm"));
}

TEST(Target, OfARunIsItsOnlyNumberOrItsCounts) {
  EXPECT_EQ(usual_target(*three_heads()).text(), "counts");
  const nn::ModelPtr labels = detail::network(detail::convolutions("relu"));
  EXPECT_THAT(error_text([&] { usual_target(*labels, kNames); }),
              AllOf(HasSubstr("which number is attributed must be said"), HasSubstr("logits:CTCF")));
  const nn::ModelPtr one = nn::build_model(
      "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 9\n" + head_text("logits", layer_text("dense", "units = 1", "heads.layers")),
      "test", 1);
  EXPECT_EQ(usual_target(*one).text(), "logits");
}

}  // namespace
}  // namespace basewise::interpret
