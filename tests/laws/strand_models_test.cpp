// The networks of recipes/rc_equivariance: how many parameters they have, how their outputs move,
// that they learn and predict.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/infer/inspect.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
namespace {

using testing::HasSubstr;

const std::filesystem::path kModels = "recipes/rc_equivariance/models";

ModelPtr named(const std::string& name) { return build_model_file(kModels / (name + ".model.toml"), 3); }

std::int64_t trainable(const Model& model) {
  std::int64_t sum = 0;
  for (const at::Tensor& p : model.parameters()) sum += p.numel();
  return sum;
}

TEST(StrandModels, TotalsOfTrainableParametersAreThePublishedOnes) {
  const std::pair<const char*, std::int64_t> totals[] = {
      {"simulated_200", 2283}, {"simulated_200_rcps", 2283}, {"simulated_1000", 4683},       {"simulated_1000_rcps", 4683},
      {"binary", 9025},        {"binary_rcps", 16193},       {"binary_rcps_mean", 16193},    {"binary_rcps_half", 4513},
      {"profile", 89164},      {"profile_rcps", 162888},     {"binary_rcps_weighted", 16192}};
  for (const auto& [name, total] : totals) EXPECT_EQ(trainable(*named(name)), total) << name;
}

TEST(StrandModels, TotalsOfOtherFormsByHand) {
  const std::int64_t trunk = 64 * 4 * 21 + 64 + 6 * (64 * 64 * 3 + 64), half = 32 * 4 * 21 + 32 + 6 * (32 * 64 * 3 + 32);
  EXPECT_EQ(trainable(*named("profile_hybrid")), trunk + 128 * 75 + 1 + 6 + 1);
  EXPECT_EQ(trainable(*named("profile_rcps_half")), half + 64 * 75 + 1 + 6 + 1);
  EXPECT_EQ(trainable(*named("profile_counts")), 89164 + 2 * 65 + 2);
  EXPECT_EQ(trainable(*named("profile_counts_rcps")), 162888 + 130 + 1);
  EXPECT_EQ(trainable(*named("profile_nocontrol")), 89164 - 10);
  EXPECT_EQ(trainable(*named("profile_nocontrol_counts_rcps")), 162888 - 7 + 128 + 1);
  EXPECT_EQ(trainable(*named("binary_hybrid_all")), 9025);
}

TEST(StrandModels, SharedAndHybridFormsAreEquivariantByConstructionAndStandardOnesAreNot) {
  int shared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
    if (entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    const bool built =
        name.find("_rcps") != std::string::npos || name.find("_hybrid") != std::string::npos || name.find("_ab_") != std::string::npos;
    const ModelPtr model = build_model_file(entry.path(), 1);
    for (const std::string& output : model->output_names()) EXPECT_EQ(model->equivariant(output), built) << name << ": " << output;
    shared += built ? 1 : 0;
  }
  EXPECT_GE(shared, 20);
}

}  // namespace
}  // namespace basewise::nn
