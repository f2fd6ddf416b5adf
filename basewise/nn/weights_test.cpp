// Same seed, same weights; save and load.
#include "basewise/nn/weights.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/io/safetensors.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char* const kDilated = "tests/support/models/dilated.model.toml";

fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / format("basewise_nn_{}_{}", name, ::getpid());
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::vector<std::pair<std::string, at::Tensor>> tensors(const Model& model) {
  std::vector<std::pair<std::string, at::Tensor>> all;
  for (const auto& item : model.named_parameters()) all.emplace_back(item.key(), item.value());
  for (const auto& item : model.named_buffers()) all.emplace_back(item.key(), item.value());
  return all;
}

bool equal(const Model& a, const Model& b) {
  const auto x = tensors(a), y = tensors(b);
  if (x.size() != y.size()) return false;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i].first != y[i].first || !at::equal(x[i].second, y[i].second)) return false;
  return true;
}

TEST(Weights, ASeedGivesTheSameWeightsTwiceAndAnotherSeedOthers) {
  EXPECT_TRUE(equal(*build_model_file(kDilated, 7), *build_model_file(kDilated, 7)));
  EXPECT_FALSE(equal(*build_model_file(kDilated, 7), *build_model_file(kDilated, 8)));
}

TEST(Weights, SaveAndLoadKeepEveryBitBuffersIncluded) {
  const fs::path file = fresh_folder("round") / "weights.safetensors";
  const ModelPtr a = build_model_file(kDilated, 7), b = build_model_file(kDilated, 8);
  a->forward({{"sequence", random_one_hot(3, 600, Stream(1))}});  // running statistics move in training
  EXPECT_EQ(a->named_buffers()["body.3.batch_norm.num_batches_tracked"].item<std::int64_t>(), 1);
  save_weights(*a, file);
  const LoadReport report = load_weights(*b, file);
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.loaded.size(), tensors(*a).size());
  EXPECT_TRUE(equal(*a, *b));
  EXPECT_EQ(b->specification(), read_file(kDilated));
}

TEST(Weights, WhatIsNotFiniteIsRefusedByName) {
  const fs::path file = fresh_folder("finite") / "w.safetensors";
  for (const double bad : {std::nan(""), static_cast<double>(INFINITY)})
    for (const std::string name : {"body.3.conv.weight", "body.3.batch_norm.running_var"}) {
      const ModelPtr model = build_model_file(kDilated, 7), other = build_model_file(kDilated, 8);
      const ModelPtr untouched = build_model_file(kDilated, 8);
      const auto all = tensors(*model);
      const auto tensor = std::find_if(all.begin(), all.end(), [&](const auto& item) { return item.first == name; });
      ASSERT_NE(tensor, all.end()) << name;
      {
        const NoGradScope no_grad;
        tensor->second.view({-1})[1].fill_(bad);
      }
      save_weights(*model, file);
      EXPECT_THAT(error_text<StateError>([&] { load_weights(*other, file); }),
                  HasSubstr(format("{}: {} is not finite: 1 of its {} values", file.string(), name, tensor->second.numel())));
      EXPECT_TRUE(equal(*other, *untouched));
    }
}

TEST(Weights, WhatDoesNotMatchIsToldBothWaysAndNothingIsTouched) {
  const fs::path folder = fresh_folder("strict");
  const std::string start =
      "format = 1\n[inputs.sequence]\nchannels = 4\n[[layers]]\nname = \"{}\"\ntype = \"conv\"\nfilters = {}\nwidth = 5\n";
  const std::string rest = "[[layers]]\nname = \"b\"\ntype = \"conv\"\nfilters = {}\nwidth = 3\n[[heads]]\nname = \"out\"\n";
  const auto model = [&](const char* first, int filters) {
    return build_model(fmt::format(fmt::runtime(start), first, 5) + fmt::format(fmt::runtime(rest), filters), "m.toml", 1);
  };
  save_weights(*model("a", 6), folder / "w.safetensors");
  const ModelPtr other = model("c", 7), untouched = model("c", 7);
  EXPECT_THAT(error_text<StateError>([&] { load_weights(*other, folder / "w.safetensors"); }),
              HasSubstr("2 missing in the file: c.weight, c.bias; 2 unknown to the model: a.bias, a.weight; 2 of another shape or type: "
                        "b.weight: file (6, 5, 3), model (7, 5, 3)"));
  EXPECT_TRUE(equal(*other, *untouched));

  const ModelPtr lax = model("c", 6);
  const LoadReport report = load_weights(*lax, folder / "w.safetensors", /*strict=*/false);
  EXPECT_THAT(report.loaded, ElementsAre("b.weight", "b.bias"));
  EXPECT_THAT(report.missing, ElementsAre("c.weight", "c.bias"));
  EXPECT_FALSE(report.complete());
  EXPECT_TRUE(at::equal(lax->named_parameters()["b.weight"], model("a", 6)->named_parameters()["b.weight"]));
}

TEST(Model, OutputsDoNotDependOnTheRestOfTheBatch) {
  const NoGradScope no_grad;
  for (const char* file : {kDilated, "tests/support/models/small.model.toml"}) {
    const ModelPtr model = build_model_file(file, 7);
    const at::Tensor x = random_one_hot(7, 600, Stream(4)).slice(2, 0, std::string(file) == kDilated ? 600 : 200);
    const EvalScope eval(*model);
    const at::Tensor together = model->forward({{"sequence", x}}).at("logits");
    for (std::int64_t i = 0; i < 7; i += 3)
      EXPECT_LT((model->forward({{"sequence", x.slice(0, i, i + 1)}}).at("logits")[0] - together[i]).abs().max().item<double>(), 1e-5);
  }
}

TEST(Model, GradientsReachEveryParameter) {
  for (const char* file : {kDilated, "tests/support/models/small.model.toml"}) {
    const ModelPtr model = build_model_file(file, 7);
    model->forward({{"sequence", random_one_hot(5, std::string(file) == kDilated ? 600 : 200, Stream(4))}})
        .at("logits")
        .square()
        .sum()
        .backward();
    for (const auto& item : model->named_parameters()) {
      // Batch norm takes away what a bias before it adds: its gradient is rounding alone, but it
      // must be there.
      ASSERT_TRUE(item.value().grad().defined()) << item.key();
      EXPECT_TRUE(at::isfinite(item.value().grad()).all().item<bool>()) << item.key();
    }
  }
}

}  // namespace
}  // namespace basewise::nn
