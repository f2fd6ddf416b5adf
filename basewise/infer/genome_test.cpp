#include "basewise/infer/genome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "basewise/core/error.h"
#include "basewise/infer/detail/test_model.h"
#include "basewise/infer/tracks.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/npy.h"
#include "basewise/io/npz.h"
#include "tests/support/error_text.h"

namespace basewise::infer {
namespace {

using detail::TestModel;
using detail::TestModelOptions;

constexpr std::int64_t kLinear = 1203;
constexpr std::int64_t kCircular = 357;
constexpr std::int64_t kTiny = 9;  // shorter than the receptive field

std::vector<seq::Token> random_tokens(std::int64_t n, std::uint64_t seed) {
  Stream draw(seed);
  std::vector<seq::Token> tokens;
  for (std::int64_t i = 0; i < n; ++i) tokens.push_back(static_cast<seq::Token>(draw.below(20) == 0 ? 4 : draw.below(4)));
  return tokens;
}

seq::Genome fake_genome() {
  seq::Genome genome("fake.fa");
  genome.add("chrA", random_tokens(kLinear, 1));
  genome.add("ring", random_tokens(kCircular, 2), true);
  genome.add("tiny", random_tokens(kTiny, 3), true);
  return genome;
}

/// What is missing (NaN) must be missing on both sides.
double difference(const at::Tensor& a, const at::Tensor& b) {
  if (!a.isnan().equal(b.isnan())) return INFINITY;
  return (a - b).abs().nan_to_num(0).max().item<double>();
}

std::vector<at::Tensor> predict_whole(const TestModelOptions& options, std::int64_t tile, std::int64_t batch, StrandStrategy strands = {}) {
  const auto genome = fake_genome();
  const auto model = std::make_shared<TestModel>(options);
  const auto plan = plan_tiles(*model, "logits", tile, kLinear, strands);
  return predict_genome(score_fn(model, strands), plan, "logits", genome, genome.sizes().intervals(), {.tile = tile, .batch_size = batch});
}

TEST(Genome, TileLengthAndBatchDoNotMatter) {
  for (const bool same : {true, false})
    for (const std::int64_t stride : {1, 3})
      for (const auto strands : {StrandStrategy{}, StrandStrategy{.both = true}}) {
        const TestModelOptions options{.same = same, .stride = stride};
        const auto reference = predict_whole(options, 5000, 1, strands);
        for (const std::int64_t tile : {27, 100}) {
          const auto tiled = predict_whole(options, tile, 4, strands);
          ASSERT_EQ(tiled.size(), 3u);
          for (std::size_t i = 0; i < 3; ++i) EXPECT_LE(difference(tiled[i], reference[i]), 1e-5) << same << stride << tile << " " << i;
        }
        EXPECT_EQ(reference[0].size(1), (kLinear + stride - 1) / stride);
        EXPECT_EQ(reference[1].size(1), (kCircular + stride - 1) / stride);
      }
}

TEST(Genome, RingsAreTheSameWhereverTheyAreCut) {
  const auto model = std::make_shared<TestModel>();
  seq::Genome turned("turned.fa");
  auto tokens = random_tokens(kCircular, 2);
  std::rotate(tokens.begin(), tokens.begin() + 100, tokens.end());
  turned.add("ring", tokens, true);
  const auto plan = plan_tiles(*model, "logits", 50, kCircular);
  const auto genome = fake_genome();
  const auto a = predict_genome(score_fn(model), plan, "logits", genome, {{"ring", 0, kCircular}})[0];
  const auto b = predict_genome(score_fn(model), plan, "logits", turned, turned.sizes().intervals())[0];
  EXPECT_LE(difference(a.roll({-100}, {1}), b), 1e-5);
}

TEST(Genome, EndsOfLinearChromosomesSeeN) {
  const auto model = std::make_shared<TestModel>();
  auto tokens = random_tokens(kLinear, 1);
  seq::Genome padded("padded.fa");
  tokens.insert(tokens.begin(), 40, seq::kN);
  tokens.insert(tokens.end(), 40, seq::kN);
  padded.add("chrA", tokens);
  const auto plan = plan_tiles(*model, "logits", 64, kLinear);
  const auto inside = predict_genome(score_fn(model), plan, "logits", padded, {{"chrA", 40, 40 + kLinear}})[0];
  EXPECT_LE(difference(predict_whole({}, 64, 3)[0], inside), 1e-5);
}

/// The whole of chrA with N beyond its ends, and with nothing said of what would read there.
std::pair<at::Tensor, at::Tensor> padded_and_not(const TestModelOptions& options, std::int64_t tile, StrandStrategy strands = {}) {
  const auto genome = fake_genome();
  const auto model = std::make_shared<TestModel>(options);
  const auto plan = plan_tiles(*model, "logits", tile, kLinear, strands);
  const std::vector<seq::Interval> all{{"chrA", 0, kLinear}};
  const auto score = score_fn(model, strands);
  return {predict_genome(score, plan, "logits", genome, all, {.edges = EdgeValues::pad})[0],
          predict_genome(score, plan, "logits", genome, all)[0]};
}

TEST(Genome, WhatAValidNetworkReadsBeyondAChromosomeGivesNoValue) {
  for (const auto strands : {StrandStrategy{}, StrandStrategy{.both = true}})
    for (const std::int64_t tile : {27, 5000}) {
      const auto [padded, plain] = padded_and_not({.same = false}, tile, strands);
      EXPECT_FALSE(padded.isnan().any().item<bool>());
      // Six bases at each end: width 5, then width 3 with dilation 4.
      EXPECT_TRUE(plain.slice(1, 0, 6).isnan().all().item<bool>());
      EXPECT_TRUE(plain.slice(1, kLinear - 6).isnan().all().item<bool>());
      EXPECT_TRUE(plain.slice(1, 6, kLinear - 6).equal(padded.slice(1, 6, kLinear - 6)));
    }
}

TEST(Genome, CellsOfSeveralBasesNeedAllThatTheyRead) {
  // Cells of 4 bases and 6 more on both sides: cell 2 is the first whole one, [8, 12). The last is
  // number 298, [1192, 1196): cell 299 would read up to base 1206 of 1203.
  const auto [padded, plain] = padded_and_not({.same = false, .stride = 4}, 100);
  ASSERT_EQ(plain.size(1), 301);
  EXPECT_FALSE(padded.isnan().any().item<bool>());
  EXPECT_TRUE(plain.slice(1, 0, 2).isnan().all().item<bool>());
  EXPECT_FALSE(plain.slice(1, 2, 299).isnan().any().item<bool>());
  EXPECT_TRUE(plain.slice(1, 299).isnan().all().item<bool>());
}

TEST(Genome, NetworksThatPadKnowZerosAtTheEdge) {
  const auto [padded, plain] = padded_and_not({.same = true}, 100);
  EXPECT_TRUE(plain.equal(padded));
}

TEST(Genome, PiecesSayHowManyValuesAreLeftOut) {
  const auto genome = fake_genome();
  const auto model = std::make_shared<TestModel>(TestModelOptions{.same = false});
  const auto plan = plan_tiles(*model, "logits", 50, kLinear);
  std::int64_t left_out = 0;
  predict_genome(score_fn(model), plan, "logits", genome, {{"chrA", 2, 300}, {"chrA", 1199, kLinear}, {"ring", 0, 30}}, {},
                 [&](const TrackPiece& piece) { left_out += piece.at_ends; });
  EXPECT_EQ(left_out, 4 + 4);  // bases 2 to 5 and 1199 to 1202; a ring has no end
}

TEST(Genome, IntervalsArePartsOfTheWhole) {
  const auto whole = predict_whole({}, 64, 3);
  const auto model = std::make_shared<TestModel>();
  const auto genome = fake_genome();
  const auto plan = plan_tiles(*model, "logits", 64, 300);
  const auto parts = predict_genome(score_fn(model), plan, "logits", genome, {{"chrA", 11, 300}, {"ring", 300, 400}});
  EXPECT_LE(difference(parts[0], whole[0].slice(1, 11, 300)), 1e-5);
  EXPECT_LE(difference(parts[1], at::cat({whole[1].slice(1, 300, kCircular), whole[1].slice(1, 0, 400 - kCircular)}, 1)), 1e-5);
}

TEST(Genome, DeclaredInputLengthDecidesTheTile) {
  const auto reference = predict_whole({}, 5000, 1);
  const auto tiled = predict_whole({.declared = 61}, 5000, 2);
  EXPECT_LE(difference(tiled[0], reference[0]), 1e-5);
  const TestModel model({.declared = 61});
  const auto plan = plan_tiles(model, "logits", 5000, kLinear);
  EXPECT_EQ(plan.tile, 49);
  EXPECT_EQ(plan.input(), 61);
  EXPECT_THAT(
      error_text([] { plan_tiles(TestModel({.declared = 12}), "logits", 100, 100); }),
      testing::HasSubstr(
          "declares inputs of 12 bases, but output 'logits' needs 6 bases of sequence on the left and 6 on the right"));
}

TEST(Genome, AverageNeedsTheSameHaloOnBothSides) {
  const TestModel model({.stride = 3});
  const auto forward = plan_tiles(model, "logits", 30, kLinear);
  EXPECT_EQ(forward.halo_left, 6);
  EXPECT_EQ(forward.halo_right, 9);
  const auto average = plan_tiles(model, "logits", 30, kLinear, StrandStrategy{.both = true});
  EXPECT_EQ(average.halo_left, 9);
  EXPECT_EQ(average.trim_left, 3);
}

TEST(Genome, ActivationIsApplied) {
  const auto model = std::make_shared<TestModel>();
  const auto genome = fake_genome();
  const auto plan = plan_tiles(*model, "logits", 64, kLinear);
  const auto p = predict_genome(score_fn(model), plan, "logits", genome, {{"ring", 0, 100}}, {.activation = OutputActivation::sigmoid})[0];
  EXPECT_LE(difference(p, predict_whole({}, 64, 3)[1].slice(1, 0, 100).sigmoid()), 1e-6);
}

TEST(Genome, RefusesWhatCannotBe) {
  EXPECT_THAT(error_text([] { plan_tiles(TestModel({.positions = false}), "logits", 100, 100); }),
              testing::HasSubstr("output 'logits' has one value per sequence"));
  const auto model = std::make_shared<TestModel>();
  const auto genome = fake_genome();
  const auto plan = plan_tiles(*model, "logits", 64, kLinear);
  EXPECT_THAT(error_text([&] { predict_genome(score_fn(model), plan, "logits", genome, {{"chrA", 1000, 1300}}); }),
              testing::HasSubstr("1203"));
  EXPECT_THAT(error_text([&] { predict_genome(score_fn(model), plan, "logits", genome, {{"chrQ", 0, 10}}); }), testing::HasSubstr("chrQ"));
}

TEST(Tracks, FilesReadBackEqualWhatIsInMemory) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "basewise_tracks";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto genome = fake_genome();
  for (const std::int64_t stride : {1, 4}) {
    const TestModelOptions options{.stride = stride};
    const auto model = std::make_shared<TestModel>(options);
    const auto plan = plan_tiles(*model, "logits", 100, kLinear);
    const auto intervals = genome.sizes().intervals();
    const auto bigwig = bigwig_sink(folder / "t", {"forward", "reverse"}, genome.sizes());
    const auto npz = npz_sink(folder / "t", intervals, genome.sizes());
    predict_genome(score_fn(model), plan, "logits", genome, intervals, {.batch_size = 3}, [&](const TrackPiece& piece) {
      bigwig->add(piece);
      npz->add(piece);
    });
    bigwig->close();
    npz->close();
    const auto memory = predict_genome(score_fn(model), plan, "logits", genome, intervals);
    const io::NpzFile arrays(npz->files()[0]);
    ASSERT_EQ(bigwig->files().size(), 2u);
    for (std::size_t i = 0; i < intervals.size(); ++i) {
      const auto array = arrays.read(intervals[i].chrom);
      const at::Tensor back = to_tensor(array.as<float>(), array.shape);
      EXPECT_TRUE(back.equal(memory[i]));
      for (std::int64_t c = 0; c < 2; ++c) {
        const io::BigWigReader reader(bigwig->files()[static_cast<std::size_t>(c)]);
        const auto values = reader.values(intervals[i].chrom, 0, intervals[i].end);
        const auto row = memory[i][c].contiguous();
        for (std::size_t p = 0; p < values.size(); ++p)
          ASSERT_EQ(values[p], float_span(row)[p / static_cast<std::size_t>(stride)]) << intervals[i].chrom << " " << p;
      }
    }
  }
  std::filesystem::remove_all(folder);
}

TEST(Tracks, NamesMustFitTheChannels) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "basewise_tracks_names";
  const auto genome = fake_genome();
  EXPECT_EQ(error_text([&] {
              const auto sink = bigwig_sink(folder / "t", {"only"}, genome.sizes());
              sink->add({0, "chrA", 0, 1, at::zeros({2, 5})});
            }),
            "the output has 2 channels, but 1 names were given");
  EXPECT_FALSE(std::filesystem::exists(folder / "t.only.bw"));
  EXPECT_THAT(error_text([&] { return bigwig_sink(folder / "t", {"a", "b", "a"}, genome.sizes()); }),
              testing::HasSubstr("channels 0 and 2 (from 0) are both called 'a' and would both be " + (folder / "t.a.bw").string() +
                        "; give each of the 3 channels a name of its own by 'names'"));
  std::filesystem::remove_all(folder);
}

/// Every position claims to read the whole input.
class ReadsAll : public TestModel {
 public:
  using TestModel::TestModel;
  Context context(const std::string& output) const override {
    Context c = TestModel::context(output);
    c.reads_all = true;
    c.receptive_left = c.receptive_right = 0;
    return c;
  }
};

TEST(Genome, WhatReadsTheWholeInputIsNotCutIntoTiles) {
  EXPECT_EQ(
      error_text([] { plan_tiles(ReadsAll({.same = false}), "logits", 100, kLinear); }),
      "each position of output 'logits' reads the whole input, so that its values along a genome would depend on how "
      "the genome is cut: declare the length of the input in the model file, or predict sequences of your choice");
  // A declared length is the tile, less what is lost at the ends; nothing is trimmed.
  const TilePlan plan = plan_tiles(ReadsAll({.same = false, .stride = 3, .declared = 200}), "logits", 50, kLinear);
  EXPECT_EQ(plan.input(), 200);
  EXPECT_EQ(plan.halo_left, 6);
  EXPECT_EQ(plan.tile, 186);  // (200 - 12) / 3 cells of 3
  EXPECT_EQ(plan.trim_left, 0);
  EXPECT_THAT(error_text([] { plan_tiles(ReadsAll({.same = false, .declared = 12}), "logits", 50, kLinear); }),
              testing::HasSubstr("inputs of 12 bases, of which output 'logits' loses 6 on the left and 6 on the right"));
}

}  // namespace
}  // namespace basewise::infer
