// What is computed of windows: the numbers of whole passes, for less.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/variants/detail/test_variants.h"
#include "basewise/variants/detail/window_passes.h"

namespace basewise::variants {
namespace {

using metrics::VariantScore;
using ::testing::ElementsAre;

class VariantPassesTest : public testing::VariantTest {
 protected:
  void SetUp() override {
    testing::VariantTest::SetUp();
    chr1_ = testing::random_letters(20'000, 1);
    write_file(folder_ / "g.fa", ">chr1\n" + chr1_ + "\n");
  }

  static nn::ModelPtr model_of(const std::string& layers) {
    nn::ModelPtr model = nn::build_model("format = 1\n[inputs.sequence]\nchannels = 4\nlength = 36\n" + layers, "test", 3);
    shake(*model, 0.3);
    model->eval();
    return model;
  }

  static std::string relu() { return layer_text("activation", "kind = \"relu\""); }
  static std::string bins_and_mean() {
    const auto softplus = layer_text("activation", "kind = \"softplus\"", "heads.layers");
    return head_text("bins", "strands = \"mirrored\"\n" + layer_text("conv", "filters = 5\nwidth = 1", "heads.layers") + softplus) +
           head_text("mean", layer_text("pool", "kind = \"mean\"\nglobal = true", "heads.layers") +
                                 layer_text("dense", "units = 3", "heads.layers") + softplus);
  }
  static std::string valid(int filters, int width) {
    return layer_text("conv", format("filters = {}\nwidth = {}\npadding = \"valid\"", filters, width)) + relu();
  }

  /// Rows of all kinds, near to each other and at both ends.
  std::string all_rows() const {
    std::string text;
    for (const std::size_t pos : {1, 5, 40, 44, 44, 60, 61, 62, 75}) text += row(pos, 1, other(pos));
    text += row(61, 1, chr1_[60] == 'G' ? "T,C" : "G,T") + row(63, 1, chr1_.substr(62, 1) + "GATTACA") + row(70, 5, chr1_.substr(69, 1));
    text += row(90, 3, "T,GG,GGGG") + row(300, 1, "<DEL>") + row(20'000, 1, other(20'000));
    text += "chr1\t68\tflipped\t" + other(68) + "\t" + chr1_.substr(67, 1) + "\t.\t.\t.\n";
    return text;
  }

  /// Scores by changes against those by whole passes; the result by changes.
  VariantResult expect_same(VariantOptions o, double tolerance = 1e-5) {
    o.scores = {VariantScore::ref, VariantScore::alt, VariantScore::sad, VariantScore::log_sed};
    o.passes = VariantPasses::whole;
    const VariantResult brute = score(o);
    EXPECT_DOUBLE_EQ(brute.passes, static_cast<double>(brute.windows));
    const auto expected = table(o.tsv);
    o.passes = VariantPasses::changed;
    const VariantResult result = score(o);
    EXPECT_EQ(result.windows, brute.windows);
    const auto found = table(o.tsv);
    EXPECT_EQ(found.at("status"), expected.at("status"));
    for (const std::string& field : result.fields) {
      double scale = 0;  // of the predictions behind a score
      const std::string reference = "REF" + field.substr(field.find(':'));
      for (const std::string& text : expected.at(reference))
        if (text != "nan") scale = std::max(scale, std::abs(std::stod(text)));
      for (std::size_t i = 0; i < expected.at(field).size(); ++i) {
        const std::string &a = found.at(field)[i], &b = expected.at(field)[i];
        EXPECT_EQ(a == "nan", b == "nan") << field << " row " << i;
        if (b == "nan") continue;
        EXPECT_LE(std::abs(std::stod(a) - std::stod(b)), tolerance * std::max(1.0, scale)) << field << " row " << i;
      }
    }
    return result;
  }
};

TEST_F(VariantPassesTest, ScoresAreThoseOfWholePasses) {
  const std::string pooled = layer_text("conv", "filters = 8\nwidth = 5") + layer_text("batch_norm") + relu() +
                             layer_text("pool", "width = 3") + layer_text("flatten") + layer_text("dense", "units = 9") + relu() +
                             head_text("logits", layer_text("dense", "units = 2", "heads.layers"));
  const std::map<std::string, std::string> models = {
      {"same", layer_text("conv", "filters = 8\nwidth = 5") + relu() + layer_text("conv", "filters = 9\nwidth = 3\ndilation = 2") + relu() +
                   bins_and_mean()},
      {"valid", valid(8, 5) + valid(9, 3) + bins_and_mean()},
      {"strides", valid(8, 5) + layer_text("pool", "width = 4") + valid(9, 3) + bins_and_mean()},
      {"pooled", pooled}};
  for (const auto& [name, layers] : models) {
    run_.model = model_of(layers);
    for (const auto strands : {run::PredictStrands::single, run::PredictStrands::mean, run::PredictStrands::max})
      for (const std::vector<std::int64_t>& shifts : {std::vector<std::int64_t>{}, {-2, 0, 2}})
        for (const IndelCompensation compensation : {IndelCompensation::none, IndelCompensation::average}) {
          SCOPED_TRACE(format("{} {} {} {}", name, to_word(strands), shifts.size(), to_word(compensation)));
          VariantOptions o = options(all_rows());
          o.strand_strategy = strands;
          o.shifts = shifts;
          o.compensation = compensation;
          const VariantResult result = expect_same(o);
          EXPECT_LT(result.passes, static_cast<double>(result.windows));
        }
  }
}

TEST_F(VariantPassesTest, LayersThatReadEverythingTakeWholePasses) {
  run_.model = model_of(layer_text("conv", "filters = 8\nwidth = 5") + relu() + layer_text("gru", "units = 7\nbidirectional = true") +
                        bins_and_mean());
  const VariantResult result = expect_same(options(all_rows()));
  EXPECT_DOUBLE_EQ(result.passes, static_cast<double>(result.windows));
}

TEST_F(VariantPassesTest, EqualWindowsAreOne) {
  // Three alleles at one place, in one row and in three;
  // and the row whose reference one of them is.
  const std::string base = chr1_.substr(59, 1);
  std::vector<std::string> others;
  for (const std::string letter : {"A", "C", "G", "T"})
    if (letter != base) others.push_back(letter);
  std::string text = row(60, 1, format("{}", fmt::join(others, ",")));
  for (const std::string& letter : others) text += row(60, 1, letter);
  text += "chr1\t60\tx\t" + others[0] + "\t" + base + "\t.\t.\t.\n";
  const VariantResult result = score(options(text));
  EXPECT_EQ(result.alleles, 7);
  EXPECT_EQ(result.windows, 4);
  EXPECT_LT(result.passes, 3);
  const auto found = table(folder_ / "out.tsv");
  for (const std::string& field : result.fields) {
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(found.at(field)[i], found.at(field)[i + 3]) << field;
    EXPECT_EQ(std::stod(found.at(field)[6]), -std::stod(found.at(field)[0])) << field;
  }
}

// Brute force takes two passes for each variant.
TEST_F(VariantPassesTest, AVariantInItsOwnWindowTakesATenthMoreThanOnePass) {
  run_.model = nn::build_model_file("benchmarks/models/bpnet.toml", 3);
  shake(*run_.model, 0.02);
  run_.model->eval();
  std::string text;
  for (std::size_t pos = 2000; pos < 19'000; pos += 4000) text += row(pos, 1, other(pos));
  const VariantResult result = expect_same(options(text));
  EXPECT_EQ(result.windows, 2 * result.alleles);
  EXPECT_LE(result.passes, 1.3 * static_cast<double>(result.alleles));
  EXPECT_GT(result.passes, 1.1 * static_cast<double>(result.alleles));
}

// The outputs of BPNet read no padding, so that windows share the rows of their reference.
TEST_F(VariantPassesTest, NeighboursShareTheirReference) {
  run_.model = nn::build_model_file("benchmarks/models/bpnet.toml", 3);
  shake(*run_.model, 0.02);
  run_.model->eval();
  std::string text;
  for (std::size_t pos = 3000; pos < 11'000; pos += 400) text += row(pos, 1, other(pos));
  const VariantResult result = expect_same(options(text));
  EXPECT_EQ(result.alleles, 20);
  EXPECT_LE(3 * result.passes, 2 * static_cast<double>(result.alleles));
}

TEST_F(VariantPassesTest, TilesHoldWindowsThatAgree) {
  detail::WindowBatch batch{.length = 8};
  const auto add = [&](std::int64_t sequence, std::int64_t begin, char other = 0) {
    for (std::int64_t i = 0; i < batch.length; ++i)
      batch.tokens.push_back(static_cast<seq::Token>(((begin + i) * (begin + i) / 3 + (i == 4 ? other : 0)) % 4));
    batch.windows.push_back({sequence, begin, -1});
  };
  add(1, 20);
  add(0, 10);
  add(0, 6);
  add(0, 6, 1);  // another letter in the middle
  add(0, 9);     // out of step
  add(0, 22);    // too far away
  add(0, 14);
  const std::vector<detail::WindowTile> tiles = detail::tiles_of(batch, {0, 1, 2, 3, 4, 5, 6}, 4, 100);
  std::vector<std::vector<std::int64_t>> windows;
  for (const auto& tile : tiles) windows.push_back(tile.windows);
  EXPECT_THAT(windows, ElementsAre(ElementsAre(2, 1, 6), ElementsAre(3), ElementsAre(4), ElementsAre(5), ElementsAre(0)));
  EXPECT_EQ(tiles[0].tokens.size(), 16u);
  EXPECT_EQ(tiles[0].places[1].begin, 4);
  EXPECT_EQ(tiles[0].places[2].begin, 8);
  EXPECT_EQ(detail::tiles_of(batch, {1, 2, 6}, 4, 100).size(), 1u);
  EXPECT_EQ(detail::tiles_of(batch, {1, 2, 6}, 4, 12).size(), 2u);
}

}  // namespace
}  // namespace basewise::variants
