// The networks of recipes/exponential_activations: how many parameters they have, and that they
// give numbers whatever their first function is.
#include <filesystem>

#include <gtest/gtest.h>

#include "basewise/nn/model.h"
#include "basewise/spec/assign.h"
#include "basewise/spec/model_file.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
namespace {

std::filesystem::path file_of(const std::string& name) {
  return std::filesystem::path("recipes/exponential_activations/models") / (name + ".model.toml");
}

std::int64_t trainable(const Model& model) {
  std::int64_t sum = 0;
  for (const at::Tensor& p : model.parameters()) sum += p.numel();
  return sum;
}

// Section 3 of the specification; ResidualBind and the net without a norm are counted by hand:
// 24 filters of 4 x 19, two of 24 x 5 in the block, 48 of 24 x 7, 64 of 48 x 3, 96 units, one
// output with its bias, and scales and shifts behind all but the last.
TEST(ExponentialModels, HaveTheTotalsOfTheSpecification) {
  const std::int64_t residual = 24 * 4 * 19 + 2 * 24 * 24 * 5 + 48 * 24 * 7 + 64 * 48 * 3 + 96 * 64 + 96 + 1;
  const std::pair<const char*, std::int64_t> totals[] = {
      {"cnn_2", 156'740},         {"cnn_50", 156'740},         {"cnn_deep", 286'700},         {"cnn_deep_plain", 286'700 - 64},
      {"task2_cnn_2", 2'638'716}, {"task2_cnn_50", 2'638'716}, {"task2_cnn_deep", 5'320'652}, {"cnn_local", 14'929},
      {"cnn_dist", 46'225},       {"basset", 4'132'364},       {"residualbind", residual + 2 * (24 + 2 * 24 + 48 + 64 + 96)}};
  EXPECT_EQ(totals[10].second, 31'665);
  for (const auto& [name, total] : totals) EXPECT_EQ(trainable(*build_model_file(file_of(name), 3)), total) << name;
}

TEST(ExponentialModels, GiveNumbersWhateverTheFirstFunctionIs) {
  const at::Tensor x = random_one_hot(3, 200, Stream(1));
  const std::vector<std::string> functions[] = {{"kind=exponential"},
                                                {"kind=relu", "shift=0.2", "power=3"},
                                                {"kind=sigmoid", "shift=8", "out_scale=4000"},
                                                {"kind=tanh", "shift=6", "out_scale=500", "offset=500"},
                                                {"kind=exp_relu", "in_scale=0.1"},
                                                {"kind=log_relu"},
                                                {"kind=linear"}};
  for (const char* name : {"cnn_2", "cnn_50", "cnn_deep", "cnn_deep_plain", "cnn_local", "cnn_dist"})
    for (const auto& function : functions) {
      spec::ModelSpec model = spec::read_model_file(file_of(name)).model;
      for (const std::string& option : function) spec::assign(model, "act_1." + option, "model.");
      const ModelPtr built = build_model(model, 3);
      const at::Tensor y = built->forward({{"sequence", x}}).at("logits");
      EXPECT_TRUE(y.isfinite().all().item<bool>()) << name << " " << function.front();
      y.sum().backward();
      for (const auto& p : built->named_parameters()) EXPECT_TRUE(p.value().grad().isfinite().all().item<bool>()) << name << " " << p.key();
    }
}

}  // namespace
}  // namespace basewise::nn
