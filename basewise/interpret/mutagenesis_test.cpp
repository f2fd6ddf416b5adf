// Mutagenesis: equal to brute force, whatever the strands, the order and the memory.
#include "basewise/interpret/mutagenesis.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/nn/weights.h"
#include "basewise/tensor/scopes.h"
#include "basewise/tensor/tokens.h"
#include "tests/support/error_text.h"
#include "tests/support/golden_tensor.h"

namespace basewise::interpret {
namespace {

using ::testing::HasSubstr;

std::string layer(const std::string& type, const std::string& options = "", const std::string& list = "layers") {
  return "[[" + list + "]]\ntype = \"" + type + "\"\n" + options + "\n";
}
const std::string kRelu = layer("activation", "kind = \"relu\"");

// Convolutions, a profile and a number.
nn::ModelPtr small_model(const std::string& first = "conv", std::uint64_t seed = 2) {
  return nn::build_model("format = 1\n[inputs.sequence]\nchannels = 4\n" + layer(first, "filters = 12\nwidth = 7") + kRelu +
                             layer(first, "filters = 8\nwidth = 3\ndilation = 2") + kRelu + "[[heads]]\nname = \"profile\"\n" +
                             layer("conv", "filters = 1\nwidth = 5", "heads.layers") + "[[heads]]\nname = \"counts\"\n" +
                             layer("pool", "kind = \"mean\"\nglobal = true", "heads.layers") + layer("dense", "units = 2", "heads.layers"),
                         "test", seed);
}

at::Tensor tokens(std::int64_t n, std::int64_t length) {
  at::Tensor t = (at::sin(at::arange(n * length, at::kDouble) * 2.3) * 1000).to(at::kLong).remainder(4).to(at::kByte).view({n, length});
  t[0][length / 2] = 4;
  return t;
}

at::Tensor first_count(const Bundle& outputs) { return outputs.at("counts").select(1, 0); }
at::Tensor loudest(const Bundle& outputs) { return outputs.at("profile").flatten(1).logsumexp(1) + outputs.at("counts").sum(1); }

// Mutant by mutant through the score function.
at::Tensor by_brute_force(const infer::ScoreFn& score, const at::Tensor& x, const Readout& readout) {
  const at::Tensor reference = readout(score({{"sequence", x}}));
  at::Tensor delta = at::zeros({x.size(0), 4, x.size(1)}, at::kFloat);
  for (std::int64_t i = 0; i < x.size(1); ++i)
    for (std::int64_t a = 0; a < 4; ++a) {
      at::Tensor mutant = x.clone();
      mutant.select(1, i).fill_(a);
      delta.select(2, i).select(1, a).copy_(readout(score({{"sequence", mutant}})) - reference);
    }
  return delta;
}

double difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(Mutagenesis, EqualsBruteForceThroughEveryStrategy) {
  const at::Tensor x = tokens(3, 41);
  for (const char* first : {"conv", "rc_conv"}) {
    const nn::ModelPtr model = small_model(first);
    for (const infer::StrandStrategy strands : {infer::StrandStrategy{}, infer::StrandStrategy{true, infer::StrandMerge::mean},
                                                infer::StrandStrategy{true, infer::StrandMerge::max}}) {
      const at::Tensor expected = by_brute_force(infer::score_fn(model, strands), x, loudest);
      const MutagenesisResult found = mutagenesis(model, {{"sequence", x}}, loudest, {}, strands);
      EXPECT_LE(difference(found.delta, expected), 2e-5) << first << " " << strands.word();
      EXPECT_TRUE(at::equal(found.scores, found.delta));
      EXPECT_EQ(found.unknown, 1);
      EXPECT_EQ(found.report.edits, 3 * 3 * 41 + 1);
      EXPECT_GT(found.report.checked, 1);
      EXPECT_LE(found.report.largest_difference, 1e-5);
      EXPECT_FALSE(found.report.fell_back);
      const at::Tensor there = one_hot_of(x, at::kFloat);
      EXPECT_EQ((found.delta * there).abs().max().item<double>(), 0);
      MutagenesisOptions whole;
      whole.edits.passes = EditPasses::full;
      const MutagenesisResult full = mutagenesis(model, {{"sequence", x}}, loudest, whole, strands);
      EXPECT_LE(difference(full.delta, expected), 1e-5);
      EXPECT_EQ(full.report.full, full.report.edits);
    }
  }
}

TEST(Mutagenesis, MirrorsUnderBothStrands) {
  const nn::ModelPtr model = small_model();
  const at::Tensor x = tokens(2, 40), turned = reverse_complement_tokens(x);
  const infer::StrandStrategy both{true, infer::StrandMerge::mean};
  const at::Tensor a = mutagenesis(model, {{"sequence", x}}, first_count, {}, both).delta;
  const at::Tensor b = mutagenesis(model, {{"sequence", turned}}, first_count, {}, both).delta;
  EXPECT_LE(difference(a, b.flip({1, 2})), 1e-6);
  EXPECT_GT(a.abs().max().item<double>(), 1e-3);
}

TEST(Mutagenesis, NeitherMemoryNorThreadsNorCompanyChangeABit) {
  const nn::ModelPtr model = small_model();
  const at::Tensor x = tokens(4, 60);
  const MutagenesisResult all = mutagenesis(model, {{"sequence", x}}, loudest);
  const MutagenesisResult one = mutagenesis(model, {{"sequence", x.slice(0, 2, 3)}}, loudest);
  EXPECT_TRUE(at::equal(one.delta[0], all.delta[2]));
  const MutagenesisResult rows = mutagenesis(model, {{"sequence", one_hot_of(x, at::kFloat).contiguous()}}, loudest);
  EXPECT_TRUE(at::equal(rows.delta, all.delta));
  const TensorThreadScope threads(3);
  MutagenesisOptions part;
  part.begin = 20, part.end = 30;
  part.edits.memory = 1;
  const MutagenesisResult some = mutagenesis(model, {{"sequence", x}}, loudest, part);
  EXPECT_TRUE(at::equal(some.delta.slice(2, 20, 30), all.delta.slice(2, 20, 30)));
  EXPECT_EQ(some.delta.slice(2, 0, 20).abs().max().item<double>(), 0);
  EXPECT_EQ(some.delta.slice(2, 30).abs().max().item<double>(), 0);
}

// tests/golden/mutagenesis_golden.py: tangermeme 1.6, every mutant through the whole network in
// double precision; sequences hold two N.
TEST(Mutagenesis, GoldenValuesOfTangermeme) {
  const std::filesystem::path folder = "tests/golden/attribution";
  const auto golden = [&](const std::string& name) { return golden_tensor(folder / "mutagenesis.safetensors", name); };
  const at::Tensor x = golden("sequences");
  for (const std::string name : {"conv", "dilated_residual", "max_pool", "batch_norm", "softplus"}) {
    SCOPED_TRACE(name);
    const nn::ModelPtr model = nn::build_model_file(folder / (name + ".model.toml"), 1);
    nn::load_weights(*model, folder / (name + ".safetensors"));
    const Readout readout = [](const Bundle& outputs) { return outputs.at("logits").select(1, 0); };
    MutagenesisOptions options;
    options.form = MutagenesisForm::hypothetical;
    const MutagenesisResult found = mutagenesis(model, {{"sequence", x}}, readout, options);
    EXPECT_EQ(found.unknown, 6);
    EXPECT_LE(difference(found.delta, golden(name + ".delta")), 1e-5);
    EXPECT_LE(difference(found.scores, golden(name + ".hypothetical")), 1e-5);
    EXPECT_LE(difference(in_form(MutagenesisForm::projected, found.delta, x), golden(name + ".projected")), 1e-5);
  }
}

// A model of the user's own, which no plan knows.
class OwnModel : public nn::Model {
 public:
  Bundle forward(const Bundle& inputs) override {
    const at::Tensor& x = inputs.at("sequence");
    return {{"counts", (x * at::sin(at::arange(4 * x.size(2), at::kFloat)).view({1, 4, x.size(2)})).sum({1, 2}).unsqueeze(1).exp()}};
  }
  std::vector<std::string> input_names() const override { return {"sequence"}; }
  std::vector<std::string> output_names() const override { return {"counts"}; }
  Context context(const std::string&) const override { return {}; }
  std::string specification() const override { return {}; }
};

TEST(Mutagenesis, ModelsWithoutLayersTakeWholePasses) {
  const auto model = std::make_shared<OwnModel>();
  const at::Tensor x = tokens(2, 12);
  for (const bool both : {false, true}) {
    const MutagenesisResult found = mutagenesis(model, {{"sequence", x}}, first_count, {}, {both, infer::StrandMerge::mean});
    EXPECT_EQ(found.report.full, found.report.edits);
    EXPECT_THAT(found.report.notes.front(), HasSubstr("the model is not made of layers"));
    const infer::ScoreFn score = infer::score_fn(model, {both, infer::StrandMerge::mean});
    const auto rows = [&](const Bundle& b) { return score({{"sequence", one_hot_of(b.at("sequence"), at::kFloat).contiguous()}}); };
    EXPECT_LE(difference(found.delta, by_brute_force(rows, x, first_count)), 1e-5);
  }
}

TEST(Mutagenesis, FormsOfTheField) {
  const at::Tensor one_hot = at::eye(4).unsqueeze(0);
  const at::Tensor delta = at::arange(16, at::kFloat).view({1, 4, 4}) * (1 - one_hot);
  const at::Tensor centred = in_form(MutagenesisForm::hypothetical, delta, one_hot);
  EXPECT_LE(centred.sum(1).abs().max().item<double>(), 1e-5);
  EXPECT_TRUE(at::equal(in_form(MutagenesisForm::projected, delta, one_hot), centred * one_hot));
  EXPECT_NEAR(in_form(MutagenesisForm::norm, delta, one_hot)[0][1][1].item<double>(), std::sqrt(1.0 + 9 * 9 + 13 * 13), 1e-5);
  EXPECT_TRUE(at::equal(in_form(MutagenesisForm::delta, delta, one_hot), delta));
}

TEST(Mutagenesis, RefusesWhatCannotBe) {
  const nn::ModelPtr model = small_model();
  const Bundle x{{"sequence", tokens(1, 40)}};
  MutagenesisOptions beyond;
  beyond.begin = 40;
  EXPECT_EQ(error_text<ArgumentError>([&] { mutagenesis(model, x, first_count, beyond); }),
            "positions [40, 40) are to be mutated, but sequences have 40 letters");
  EXPECT_THAT(error_text<ArgumentError>([&] { mutagenesis(model, x, [](const Bundle& o) { return o.at("counts"); }); }),
              HasSubstr("one number for each sequence"));
  EXPECT_THAT(error_text<ArgumentError>([&] { mutagenesis(model, {{"sequence", at::full({1, 4, 40}, 0.25)}}, first_count); }),
              HasSubstr("no DNA"));
  const MutagenesisResult none = mutagenesis(model, {{"sequence", at::zeros({0, 40}, at::kByte)}}, first_count);
  EXPECT_EQ(none.delta.sizes(), (std::vector<std::int64_t>{0, 4, 40}));
}

TEST(Edits, LettersMoveAndFlanksFillUp) {
  const std::vector<std::uint8_t> x{0, 1, 2, 3, 0};
  EXPECT_EQ(edited(x, {0, 1, 2, {3, 3}, {}}), (std::vector<std::uint8_t>{0, 3, 3, 3, 0}));
  EXPECT_EQ(edited(x, {0, 1, 2, {}, {2}}), (std::vector<std::uint8_t>{0, 3, 0, 2, 4}));
  EXPECT_EQ(edited(x, {0, 0, 0, {3, 2}, {}}), (std::vector<std::uint8_t>{3, 2, 0, 1, 2}));
  EXPECT_EQ(edited(x, {0, 5, 0, {3}, {}}), x);
  EXPECT_EQ(error_text<ArgumentError>([&] { edited(x, {7, 4, 2, {}, {}}); }),
            "letters [4, 6) of sequence 7 are replaced, but it has 5 letters");
  EXPECT_THAT(error_text<ArgumentError>([&] { edited(x, {0, 0, 1, {9}, {}}); }), HasSubstr("there is 9"));
  EXPECT_EQ(substitutions({0, 4}, 3, 0, 2).size(), 7u);
}

TEST(Edits, DeletionsAndInsertionsEqualWholePasses) {
  const nn::ModelPtr model = small_model();
  const at::Tensor x = tokens(2, 80);
  std::vector<Edit> edits{{0, 0, 3, {}, {1, 2, 3}}, {1, 70, 5, {}, {}},    {0, 40, 0, {1, 1, 1}, {}}, {1, 79, 1, {2}, {}},
                          {0, 10, 4, {3, 2, 1, 0}, {}}, {1, 20, 1, {0, 0}, {}}, {0, 80, 0, {1}, {}}};
  for (const infer::StrandStrategy strands : {infer::StrandStrategy{}, infer::StrandStrategy{true, infer::StrandMerge::mean}}) {
    const infer::ScoreFn score = infer::score_fn(model, strands);
    EditScorer scorer(model, strands);
    std::int64_t seen = 0;
    const EditReport report = scorer({{"sequence", x}}, edits, [&](std::int64_t first, const Bundle& outputs) {
      for (std::int64_t i = 0; i < outputs.at("counts").size(0); ++i, ++seen) {
        const Edit& e = edits[static_cast<std::size_t>(first + i)];
        const std::uint8_t* row = x.const_data_ptr<std::uint8_t>() + e.sequence * 80;
        const std::vector<std::uint8_t> after = edited({row, row + 80}, e);
        const at::Tensor letters = at::tensor(std::vector<std::int64_t>(after.begin(), after.end())).to(at::kByte);
        const Bundle expected = score({{"sequence", letters.unsqueeze(0)}});
        for (const auto& [name, value] : expected) EXPECT_LE(difference(outputs.at(name)[i], value[0]), 1e-5) << name << " " << first + i;
      }
    });
    EXPECT_EQ(seen, 7);
    EXPECT_GT(report.full, 0);  // shifts from the left end reach nearly everything
    EXPECT_LT(report.full, 7);
  }
}

TEST(Edits, SaysWhatWasCheckedAndFallsBack) {
  const nn::ModelPtr model = small_model();
  const Bundle x{{"sequence", tokens(1, 60)}};
  EditOptions strict;
  strict.tolerance = 1e-300;
  EditScorer scorer(model, {}, {}, strict);
  const std::vector<Edit> edits = substitutions(std::vector<std::uint8_t>(60, 0), 0, 0, 60);
  const EditReport report = scorer(x, edits, [](std::int64_t, const Bundle&) {});
  ASSERT_FALSE(report.notes.empty());
  EXPECT_THAT(report.notes.front(), HasSubstr("of 180 edits were also computed by whole passes"));
  if (report.largest_difference > 0) {
    EXPECT_TRUE(report.fell_back);
    EXPECT_EQ(report.full, 180);
  }
  EXPECT_THAT(error_text<ArgumentError>([&] { scorer(x, {{1, 0, 1, {0}, {}}}, [](std::int64_t, const Bundle&) {}); }),
              HasSubstr("sequence 1 is edited, but there are 1"));
}

}  // namespace
}  // namespace basewise::interpret
