// The networks of recipes/basset and recipes/basenji:
// how many parameters they have, what they see, that they compute.
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "basewise/nn/model.h"
#include "basewise/spec/assign.h"
#include "basewise/spec/model_file.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
namespace {

spec::ModelSpec spec_of(const std::string& path, const std::vector<std::string>& set = {}) {
  spec::ModelSpec model = spec::read_model_file(std::filesystem::path("recipes") / (path + ".model.toml")).model;
  for (const std::string& option : set) spec::assign(model, option, "model.");
  return model;
}

ModelPtr build(const std::string& path, const std::vector<std::string>& set = {}) { return build_model(spec_of(path, set), 3); }

std::int64_t trainable(const Model& model, const std::string& without = "-") {
  std::int64_t sum = 0;
  for (const auto& p : model.named_parameters())
    if (!p.key().starts_with(without)) sum += p.value().numel();
  return sum;
}

// As Keras counts: with the running estimates of norms.
std::int64_t total(const Model& model, const std::string& without = "-") {
  std::int64_t sum = trainable(model, without);
  for (const auto& b : model.named_buffers())
    if (b.value().is_floating_point()) sum += b.value().numel();
  return sum;
}

TEST(PublishedModels, HaveTheTotalsOfTheirCode) {
  EXPECT_EQ(trainable(*build("basset/models/basset")), 4'135'064);
  EXPECT_EQ(trainable(*build("basset/models/basset_same")), 4'735'064);
  EXPECT_EQ(trainable(*build("basenji/models/basenji_2018")), 15'190'636);
  const ModelPtr small = build("basenji/models/params_small");
  EXPECT_EQ(trainable(*small), 109'235);
  EXPECT_EQ(total(*small), 111'011);
  const ModelPtr cross = build("basenji/models/cross_species_2020");
  EXPECT_EQ(trainable(*cross, "mouse."), 30'088'228);
  EXPECT_EQ(total(*cross, "mouse."), 30'123'584);
  EXPECT_EQ(trainable(*cross) - trainable(*cross, "mouse."), 1536 * 1643 + 1643);
}

// 288 filters of 4 x 17, six of width 5 from 288 to 512, one of width 1, 7 positions of 256 to 768
// units, 164 outputs with a bias; scales and shifts of all but the last.
TEST(PublishedModels, BassetInsideBasenjiByHand) {
  std::int64_t sum = 288 * 4 * 17 + 2 * 288, before = 288;
  for (const std::int64_t filters : {288, 320, 368, 400, 464, 512}) sum += 5 * before * filters + 2 * filters, before = filters;
  sum += 512 * 256 + 2 * 256 + 7 * 256 * 768 + 2 * 768 + 768 * 164 + 164;
  EXPECT_EQ(trainable(*build("basset/models/basset_basenji")), sum);
}

// Channels of the trunk, bins and reach for every number of dilated layers.
TEST(PublishedModels, DilatedLayersFollowOneKey) {
  for (std::int64_t layers = 0; layers <= 7; ++layers) {
    const ModelPtr model = build("basenji/models/basenji_2018",
                                 {format("dilated.repeat={}", layers), "stem.filters=6", "mix.filters=6", "tower.conv.filters=[6, 6, 6]",
                                  "narrow.filters=7", "dilated.conv.filters=5", "wide.filters=6", "tracks.conv.filters=3"});
    EXPECT_EQ(model->named_parameters()["wide.weight"].size(1), 7 + 5 * layers);
    const Model::Context context = model->context("tracks");
    EXPECT_EQ(context.stride, 128);
    EXPECT_EQ(context.left, 32 * 128);
    // Within the bins the convolutions reach 1 + 2 + 4 + ... to each side.
    const Model::Context none = build("basenji/models/basenji_2018", {"dilated.repeat=0"})->context("tracks");
    EXPECT_EQ(context.receptive_left - none.receptive_left, 128 * ((std::int64_t{2} << layers) - 2)) << layers;
    EXPECT_EQ(context.receptive_right - none.receptive_right, 128 * ((std::int64_t{2} << layers) - 2)) << layers;
  }
}

const std::vector<std::string> kNarrowCross = {"stem.filters=6",         "tower.conv.filters=from 6 times 1.2",
                                               "dilated.conv.filters=5", "dilated.back.filters=15",
                                               "mix.filters=9",          "human.conv.filters=7",
                                               "mouse.conv.filters=4"};

TEST(PublishedModels, GiveNumbersAndGradients) {
  const auto run = [](const std::string& path, const std::vector<std::string>& set, std::int64_t length,
                      const std::map<std::string, std::vector<std::int64_t>>& shapes) {
    const ModelPtr model = build(path, set);
    model->train();
    const Bundle y = model->forward({{"sequence", random_one_hot(2, length, Stream(1))}});
    at::Tensor sum = at::zeros({});
    for (const auto& [name, shape] : shapes) {
      EXPECT_EQ(y.at(name).sizes().vec(), shape) << path << " " << name;
      sum = sum + y.at(name).square().sum();
    }
    sum.backward();
    for (const auto& p : model->named_parameters()) {
      ASSERT_TRUE(p.value().grad().defined()) << path << " " << p.key();
      EXPECT_TRUE(p.value().grad().isfinite().all().item<bool>()) << path << " " << p.key();
    }
  };
  run("basset/models/basset", {"conv_1.filters=8", "conv_2.filters=6", "conv_3.filters=5"}, 600, {{"logits", {2, 164}}});
  run("basset/models/basset_same", {"conv_1.filters=8", "conv_2.filters=6", "conv_3.filters=5"}, 600, {{"logits", {2, 164}}});
  run("basset/models/basset_basenji", {"dna.filters=8", "tower.conv.filters=6"}, 1344, {{"logits", {2, 164}}});
  run("basenji/models/basenji_2018",
      {"stem.filters=6", "mix.filters=6", "tower.conv.filters=7", "narrow.filters=8", "dilated.conv.filters=5", "wide.filters=9",
       "tracks.conv.filters=3"},
      128 * 70, {{"tracks", {2, 3, 6}}});
  run("basenji/models/params_small", {}, 128 * 9, {{"tracks", {2, 3, 9}}});
  run("basenji/models/cross_species_2020", kNarrowCross, 128 * 130, {{"human", {2, 7, 2}}, {"mouse", {2, 4, 2}}});
}

}  // namespace
}  // namespace basewise::nn
