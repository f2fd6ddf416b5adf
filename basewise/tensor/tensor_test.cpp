#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Inner : torch::nn::Module {};
struct Outer : torch::nn::Module {
  Outer() { inner = register_module("inner", std::make_shared<Inner>()); }
  std::shared_ptr<Inner> inner;
};

TEST(Scopes, GiveEveryModuleItsOwnModeBackAlsoAfterAnError) {
  Outer outer;
  outer.train();
  outer.inner->eval();
  try {
    const EvalScope scope(outer);
    EXPECT_FALSE(outer.is_training());
    throw StateError("stop");
  } catch (const StateError&) {
  }
  EXPECT_TRUE(outer.is_training());
  EXPECT_FALSE(outer.inner->is_training());
  {
    const TrainScope scope(outer);
    EXPECT_TRUE(outer.inner->is_training());
  }
  EXPECT_FALSE(outer.inner->is_training());
}

TEST(Scopes, RandomScopeRepeatsItsDrawsAndLeavesTheGeneratorAsItWas) {
  const auto draw = [](std::uint64_t seed) {
    const RandomScope scope(seed);
    return at::rand({5});
  };
  at::Tensor expected;
  {
    const RandomScope outer(11);
    expected = at::rand({3});
  }
  const RandomScope outer(11);
  const at::Tensor first = draw(7);
  EXPECT_TRUE(at::equal(first, draw(7)));
  EXPECT_FALSE(at::equal(first, draw(8)));
  EXPECT_TRUE(at::equal(expected, at::rand({3})));
}

TEST(Scopes, ThreadsAreGivenBack) {
  const int before = at::get_num_threads();
  {
    const TensorThreadScope scope(1);
    EXPECT_EQ(at::get_num_threads(), 1);
  }
  EXPECT_EQ(at::get_num_threads(), before);
  EXPECT_THAT(error_text<ArgumentError>([] { TensorThreadScope scope(0); }), HasSubstr("0 threads; expected at least 1"));
}

TEST(Tensors, SpansGoInAndOut) {
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  at::Tensor tensor = to_tensor(values, {2, 3});
  EXPECT_EQ(tensor[1][0].item<float>(), 4.0F);
  EXPECT_THAT(float_span(tensor), testing::ElementsAreArray(values));
  mutable_float_span(tensor)[5] = 9;
  EXPECT_EQ(tensor[1][2].item<float>(), 9.0F);
  EXPECT_EQ(int64_span(to_tensor(std::vector<std::int64_t>{7, 8}, {2}))[1], 8);
  EXPECT_EQ(to_tensor(std::vector<double>{0.5}, {1}).item<double>(), 0.5);
}

TEST(Tensors, SpanErrorsSayWhatWasFoundAndExpected) {
  EXPECT_THAT(error_text<ShapeError>([] { to_tensor(std::vector<float>(5), {2, 3}); }),
              HasSubstr("5 values do not fill a tensor of shape (2, 3) (6 values)"));
  EXPECT_THAT(error_text<ArgumentError>([] { float_span(at::zeros({3}, at::kDouble)); }), HasSubstr("is float64, expected float32"));
  EXPECT_THAT(error_text<ArgumentError>([] { float_span(at::zeros({4, 3}).t()); }), HasSubstr("(3, 4) is not contiguous"));
  EXPECT_THAT(error_text<ArgumentError>([] { float_span({}); }), HasSubstr("undefined"));
}

TEST(Tensors, ShapeErrorsNameTheAxis) {
  const at::Tensor x = at::zeros({3, 5, 37});
  check_shape(x, "sequence", {{"N"}, {"channels", 5}, {"length"}});
  EXPECT_THAT(error_text<ShapeError>([&] { check_shape(x, "sequence", {{"N"}, {"channels", 4}, {"length"}}); }),
              HasSubstr("tensor 'sequence' has shape (3, 5, 37), expected (N, channels = 4, length): axis 'channels' is 5"));
  EXPECT_THAT(error_text<ShapeError>([&] { check_shape(x, "labels", {{"N"}, {"tasks"}}); }), HasSubstr("3 axes instead of 2"));
}

TEST(Tensors, DrawsDependOnTheStreamAlone) {
  const at::Tensor a = random_normal({3, 4, 37}, Stream(5, 1));
  EXPECT_TRUE(at::equal(a, random_normal({3, 4, 37}, Stream(5, 1))));
  EXPECT_FALSE(at::equal(a, random_normal({3, 4, 37}, Stream(5, 2))));
  EXPECT_NEAR(a.mean().item<double>(), 0.0, 0.2);
  EXPECT_NEAR(a.std().item<double>(), 1.0, 0.2);
  const at::Tensor u = random_uniform({1000}, Stream(5, 3), -2.0, 3.0);
  EXPECT_GE(u.min().item<double>(), -2.0);
  EXPECT_LT(u.max().item<double>(), 3.0);
  const at::Tensor s = random_one_hot(3, 37, Stream(5));
  EXPECT_TRUE(at::equal(s.sum(1), at::ones({3, 37})));
}

TEST(Tensors, DevicesAreParsedOrRefused) {
  EXPECT_TRUE(parse_device("cpu").is_cpu());
  EXPECT_NO_THROW(parse_device("auto"));
  EXPECT_THAT(error_text<ArgumentError>([] { parse_device("gpu"); }), AllOf(HasSubstr("unknown device 'gpu'"), HasSubstr("cuda")));
  EXPECT_THAT(error_text<ArgumentError>([] { parse_device("cuda:99"); }), HasSubstr("cuda:99"));
  EXPECT_EQ(tensor_facts().front().first, "torch");
}

TEST(Bundles, StackConcatenateAndRefuse) {
  const Bundle a{{"sequence", at::zeros({4, 37})}, {"labels", at::ones({5})}};
  const Bundle b{{"sequence", at::ones({4, 37})}, {"labels", at::ones({5})}};
  const Bundle batch = stack({a, b, a});
  EXPECT_EQ(batch_size(batch), 3);
  EXPECT_EQ(to_string(batch), "sequence (3, 4, 37) Float, labels (3, 5) Float");
  EXPECT_EQ(batch_size(concatenate({batch, batch})), 6);
  EXPECT_THAT(error_text<ArgumentError>([&] { a.at("labls"); }), HasSubstr("no tensor named 'labls' here; there are: sequence, labels"));
  EXPECT_THAT(error_text<ShapeError>([&] { stack({a, Bundle{{"sequence", at::zeros({4, 36})}, {"labels", at::ones({5})}}}); }),
              HasSubstr("tensor 'sequence': example 1 has shape (4, 36), example 0 has (4, 37)"));
}

}  // namespace
}  // namespace basewise
