// Windows that share the rows of a longer sequence: the numbers of whole passes over each window.
#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/plan/detail/test_models.h"
#include "basewise/plan/edited.h"
#include "basewise/plan/inference_plan.h"
#include "tests/support/error_text.h"

namespace basewise::plan {
namespace {

using detail::kHead, detail::layer, detail::shaken;

at::Tensor tokens(std::int64_t n, std::int64_t length) {
  Stream draw(17);
  at::Tensor t = at::empty({n, length}, at::kByte);
  for (std::int64_t i = 0; i < t.numel(); ++i) t.mutable_data_ptr<std::uint8_t>()[i] = static_cast<std::uint8_t>(draw.below(4));
  t.slice(1, length / 3, length / 3 + 2).fill_(4);  // N
  return t;
}

double difference(const at::Tensor& found, const at::Tensor& expected) {
  return ((found - expected).abs().max() / (expected.abs().max() + 1e-6)).item<double>();
}

void expect_same(const Bundle& found, const Bundle& expected) {
  ASSERT_EQ(found.names(), expected.names());
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(found.at(name).sizes(), value.sizes()) << name;
    EXPECT_LE(difference(found.at(name), value), 1e-5) << name;
  }
}

// References and edits of windows that overlap, against whole passes of each; gives what it took.
double expect_windows(nn::Model& model, std::int64_t length, std::int64_t step, std::int64_t apart) {
  const at::Tensor tiles = tokens(2, length + 4 * apart);
  std::vector<SequenceWindow> windows;
  for (std::int64_t i = 0; i < 5; ++i) windows.push_back({i % 2, i * apart});
  windows.push_back({0, 0});
  EditedPlan plan(model);
  EXPECT_EQ(plan.window_step({{"sequence", tiles.narrow(1, 0, length)}}), step);
  std::vector<at::Tensor> whole, edited;
  std::vector<SequenceEdit> edits;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto n = static_cast<std::int64_t>(i), at = length / 2 - 2 + 3 * n;
    whole.push_back(tiles[windows[i].example].narrow(0, windows[i].begin, length));
    edits.push_back({n, at, {static_cast<std::uint8_t>((whole.back()[at].item<std::int64_t>() + 1 + n) % 4)}});
    if (i == 3) edits.back().letters = {4, 0, 1};
    edited.push_back(whole.back().clone());
    for (std::size_t k = 0; k < edits.back().letters.size(); ++k)
      edited.back()[at + static_cast<std::int64_t>(k)] = edits.back().letters[k];
  }
  InferencePlan inference(model);
  expect_same(plan.keep({{"sequence", tiles}}, windows, length), inference({{"sequence", at::stack(whole)}}));
  const double kept = plan.passes();
  expect_same(plan(edits), inference({{"sequence", at::stack(edited)}}));
  EXPECT_GT(plan.passes(), kept);
  // A reference pass of sequences in between, and back.
  const double before = plan.passes();
  expect_same(plan.keep({{"sequence", at::stack(whole)}}), inference({{"sequence", at::stack(whole)}}));
  EXPECT_DOUBLE_EQ(plan.passes() - before, 6);
  expect_same(plan(edits), inference({{"sequence", at::stack(edited)}}));
  return kept;
}

const std::string kRelu = layer("activation", "kind = \"relu\"");
const std::string kMean =
    "[[heads]]\nname = \"mean\"\n[[heads.layers]]\ntype = \"pool\"\nkind = \"mean\"\nglobal = true\n"
    "[[heads.layers]]\ntype = \"dense\"\nunits = 3\n";
const std::string kLargest = "[[heads]]\nname = \"largest\"\n[[heads.layers]]\ntype = \"pool\"\nglobal = true\n";
const std::string kBins = "[[heads]]\nname = \"bins\"\n[[heads.layers]]\ntype = \"conv\"\nfilters = 5\nwidth = 1\n";

TEST(EditedWindows, WithoutPadding) {
  const nn::ModelPtr model = shaken(kHead + layer("conv", "filters = 20\nwidth = 9\npadding = \"valid\"") + kRelu +
                                    layer("conv", "filters = 33\nwidth = 3\ndilation = 4\npadding = \"valid\"") + layer("batch_norm") +
                                    kRelu + kMean + kLargest + kBins);
  EXPECT_LT(expect_windows(*model, 90, 1, 7), 4);
}

TEST(EditedWindows, BehindPoolingTheyLieByItsStride) {
  const nn::ModelPtr model = shaken(kHead + layer("conv", "filters = 12\nwidth = 5\npadding = \"valid\"") + kRelu +
                                    layer("pool", "width = 4") + layer("conv", "filters = 9\nwidth = 3\npadding = \"valid\"") + kRelu +
                                    layer("pool", "width = 2\nkind = \"mean\"") + kMean + kBins);
  expect_windows(*model, 84, 8, 16);
}

// Its layers pad, but what they pad is cropped before an output reads it.
TEST(EditedWindows, BpnetSharesItsRows) {
  const nn::ModelPtr model = shaken(read_file("benchmarks/models/bpnet.toml"));
  // Two tiles of 2,514 letters in place of six windows.
  const double passes = expect_windows(*model, 2114, 1, 100);
  EXPECT_LT(passes, 3);
  EXPECT_GT(passes, 2);
}

TEST(EditedWindows, AVariantInTheMiddleOfBpnetTakesASixthOfAPass) {
  const nn::ModelPtr model = shaken(read_file("benchmarks/models/bpnet.toml"));
  EditedPlan plan(*model);
  const at::Tensor x = tokens(1, 2114);
  plan.keep({{"sequence", x}});
  EXPECT_EQ(plan.passes(), 1);
  plan(std::vector<SequenceEdit>{{0, 1056, {static_cast<std::uint8_t>((x[0][1056].item<std::int64_t>() + 1) % 4)}}});
  EXPECT_GT(plan.passes(), 1.1);
  EXPECT_LT(plan.passes(), 1.3);
}

TEST(EditedWindows, WhatIsPaddedOrFlattenedIsNotShared) {
  const auto step = [](const std::string& layers) {
    const nn::ModelPtr model = shaken(kHead + "length = 60\n" + layers);
    EditedPlan plan(*model);
    const Bundle x{{"sequence", tokens(1, 60)}};
    const std::int64_t found = plan.window_step(x);
    if (found == 0) {
      const std::vector<SequenceWindow> windows{{0, 0}};
      EXPECT_EQ(error_text<ArgumentError>([&] { plan.keep(x, windows, 60); }), "windows of longer sequences share no rows in this model");
    }
    return found;
  };
  EXPECT_EQ(step(layer("conv", "filters = 8\nwidth = 5") + kRelu + kMean), 0);
  EXPECT_EQ(step(layer("conv", "filters = 8\nwidth = 5\npadding = \"valid\"") + layer("flatten") + layer("dense", "units = 2") +
                 "[[heads]]\nname = \"out\"\n"),
            0);
  EXPECT_EQ(step(layer("conv", "filters = 8\nwidth = 5") + layer("crop", "left = 2\nright = 2") + kRelu + kMean), 1);
  EXPECT_EQ(step(layer("conv", "filters = 8\nwidth = 5") + layer("crop", "left = 2\nright = 1") + kRelu + kMean), 0);
}

TEST(EditedWindows, BeginsAreChecked) {
  const nn::ModelPtr model =
      shaken(kHead + layer("conv", "filters = 8\nwidth = 5\npadding = \"valid\"") + layer("pool", "width = 4") + kBins);
  EditedPlan plan(*model);
  for (const SequenceWindow w : {SequenceWindow{0, 3}, SequenceWindow{1, 0}, SequenceWindow{0, 44}})
    EXPECT_NE(error_text<ArgumentError>([&] {
                plan.keep({{"sequence", tokens(1, 80)}}, std::vector{w}, 40);
              }).find("there are 1 sequences of 80 letters, windows of 40 and steps of 4"),
              std::string::npos);
}

}  // namespace
}  // namespace basewise::plan
