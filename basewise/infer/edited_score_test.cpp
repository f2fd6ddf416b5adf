// Edited sequences: what ensembles give for them.
#include "basewise/infer/edited_score.h"

#include <vector>

#include <gtest/gtest.h>

#include "basewise/core/random.h"
#include "basewise/tensor/tokens.h"
#include "tests/support/error_text.h"
#include "tests/support/model_tests.h"

namespace basewise::infer {
namespace {

constexpr std::int64_t kLength = 64;

std::string relu(const std::string& list = "layers") { return layer_text("activation", "kind = \"relu\"", list); }

/// Bins of 4 bases and a number for each of 3 tracks; `padding` of all convolutions.
nn::ModelPtr binned(const std::string& padding, bool dropout = false) {
  const std::string pad = "\npadding = \"" + padding + "\"";
  nn::ModelPtr model = nn::build_model(
      format("format = 1\n[inputs.sequence]\nchannels = 4\nlength = {}\n", kLength) + layer_text("conv", "filters = 7\nwidth = 5" + pad) +
          relu() + (dropout ? layer_text("dropout", "rate = 0.2") : "") + layer_text("pool", "width = 4") +
          layer_text("conv", "filters = 9\nwidth = 3" + pad) + relu() +
          head_text("bins", "strands = \"mirrored\"\n" + layer_text("conv", "filters = 5\nwidth = 1", "heads.layers")) +
          head_text("numbers", layer_text("pool", "global = true", "heads.layers") + layer_text("dense", "units = 3", "heads.layers")),
      "test", 3);
  shake(*model, 0.3);
  model->eval();
  return model;
}

at::Tensor bases(std::int64_t examples, std::int64_t length, std::uint64_t seed) {
  Stream draw(seed);
  at::Tensor x = at::empty({examples, length}, at::kByte);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.mutable_data_ptr<std::uint8_t>()[i] = static_cast<std::uint8_t>(draw.below(4));
  return x;
}

/// Substitutions at both ends and between, and N.
std::vector<plan::SequenceEdit> some_edits(std::int64_t examples) {
  std::vector<plan::SequenceEdit> edits;
  for (const std::int64_t at : {0, 1, 30, 31, 61, 63}) edits.push_back({at % examples, at, {static_cast<std::uint8_t>(at % 4)}});
  edits.push_back({1, 0, {3, 2, 1}});
  edits.push_back({0, 60, {0, 4, 1, 1}});
  return edits;
}

at::Tensor with_edits(const at::Tensor& x, const std::vector<plan::SequenceEdit>& edits) {
  std::vector<at::Tensor> all;
  for (const auto& e : edits) {
    at::Tensor row = x[e.example].clone();
    for (std::size_t k = 0; k < e.letters.size(); ++k) row[e.begin + static_cast<std::int64_t>(k)] = e.letters[k];
    all.push_back(row);
  }
  return at::stack(all);
}

void expect_same(const Bundle& found, const Bundle& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(found.at(name).sizes(), value.sizes());
    EXPECT_LE(relative_difference(found.at(name), value), 1e-5) << name;
  }
}

TEST(EditedScore, EqualsTheEnsembleOfEachEditedSequence) {
  const OutputForms forms{{"numbers", OutputForm::sigmoid}};
  const at::Tensor x = bases(3, kLength, 5);
  const std::vector<plan::SequenceEdit> edits = some_edits(3);
  for (const std::string padding : {"same", "valid"})
    for (const StrandStrategy strands : {StrandStrategy{}, StrandStrategy{true, StrandMerge::mean}, StrandStrategy{true, StrandMerge::max},
                                         StrandStrategy{true, StrandMerge::probability}})
      for (const std::vector<std::int64_t>& shifts : {std::vector<std::int64_t>{}, {-3, 0, 2}, {1}}) {
        SCOPED_TRACE(format("{} {} {}", padding, strands.word(), fmt::join(shifts, ",")));
        const nn::ModelPtr model = binned(padding);
        const EnsembleOptions ensemble{.shifts = shifts};
        const ScoreFn score = ensemble_fn(model, strands, forms, ensemble, 1);
        EditedScore edited(*model, strands, forms, ensemble);
        EXPECT_EQ(edited.refusal({{"sequence", x}}), "");
        expect_same(edited.keep({{"sequence", x}}), score({{"sequence", one_hot_of(x).contiguous()}}));
        EXPECT_DOUBLE_EQ(edited.passes(), 3);
        expect_same(edited(edits), score({{"sequence", one_hot_of(with_edits(x, edits)).contiguous()}}));
        EXPECT_GT(edited.passes(), 3);
        EXPECT_LT(edited.passes(), 3 + std::ssize(edits));
      }
}

TEST(EditedScore, WindowsOfALongerSequence) {
  const nn::ModelPtr model = binned("valid");
  const at::Tensor whole = bases(1, 90, 7);  // behind the last window, so that the other strand is not in step
  const std::vector<plan::SequenceWindow> windows{{0, 0}, {0, 8}, {0, 20}};
  std::vector<at::Tensor> each;
  for (const auto& w : windows) each.push_back(whole[0].narrow(0, w.begin, kLength));
  const at::Tensor x = at::stack(each);
  for (const bool both : {false, true}) {
    const StrandStrategy strands{both, StrandMerge::mean};
    const ScoreFn score = score_fn(model, strands);
    EditedScore edited(*model, strands);
    ASSERT_EQ(edited.window_step({{"sequence", x}}), 4);
    expect_same(edited.keep({{"sequence", whole}}, windows, kLength), score({{"sequence", one_hot_of(x).contiguous()}}));
    EXPECT_LT(edited.passes(), 2);
    expect_same(edited(some_edits(3)), score({{"sequence", one_hot_of(with_edits(x, some_edits(3))).contiguous()}}));
  }
  EXPECT_EQ(EditedScore(*model, {}, {}, {.shifts = {0, 1}}).window_step({{"sequence", x}}), 0);
}

TEST(EditedScore, DrawsAreRefused) {
  const nn::ModelPtr model = binned("same", true);
  EXPECT_EQ(EditedScore(*model, {}, {}, {.mc = 2}).refusal({{"sequence", bases(1, kLength, 1)}}),
            "passes with dropout are drawn for each sequence");
}

}  // namespace
}  // namespace basewise::infer
