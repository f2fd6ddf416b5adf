// Edited sequences: the numbers of whole passes, whatever the layers, the place and the company of
// an edit.
#include "basewise/plan/edited.h"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/plan/detail/test_models.h"
#include "basewise/plan/inference_plan.h"
#include "basewise/tensor/scopes.h"
#include "tests/support/error_text.h"

namespace basewise::plan {
namespace {

using detail::kHead, detail::layer, detail::shaken;

at::Tensor tokens(std::int64_t n, std::int64_t length) {
  at::Tensor t = (at::sin(at::arange(n * length, at::kDouble) * 1.7) * 1000).to(at::kLong).remainder(4).to(at::kByte).view({n, length});
  t.slice(1, length / 3, length / 3 + 2).fill_(4);  // N
  return t;
}

// Substitutions at both ends and between, stretches of several letters, N,
// and one that is no change.
std::vector<SequenceEdit> some_edits(const at::Tensor& x, std::int64_t count, std::uint64_t seed) {
  Stream draw(seed);
  const std::int64_t n = x.size(0), length = x.size(1);
  std::vector<SequenceEdit> edits;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t width = i % 5 == 0 ? draw.integer(2, 9) : 1;
    SequenceEdit e{draw.integer(0, n - 1), i == 0 ? 0 : i == 1 ? length - width : draw.integer(0, length - width), {}};
    for (std::int64_t k = 0; k < width; ++k) e.letters.push_back(static_cast<std::uint8_t>(draw.below(i % 7 == 0 ? 5 : 4)));
    edits.push_back(e);
  }
  edits.push_back({0, length / 2, {x[0][length / 2].item<std::uint8_t>()}});
  return edits;
}

Bundle with_edits(const Bundle& inputs, const std::vector<SequenceEdit>& edits) {
  std::vector<std::int64_t> rows;
  for (const auto& e : edits) rows.push_back(e.example);
  Bundle x;
  for (const auto& [name, value] : inputs) x.set(name, value.index_select(0, at::tensor(rows, at::kLong)));
  at::Tensor letters = x.at("sequence").contiguous();
  for (std::size_t i = 0; i < edits.size(); ++i)
    for (std::size_t k = 0; k < edits[i].letters.size(); ++k)
      letters[static_cast<std::int64_t>(i)][edits[i].begin + static_cast<std::int64_t>(k)] = edits[i].letters[k];
  x.set("sequence", letters);
  return x;
}

double difference(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return std::numeric_limits<double>::infinity();
  if (expected.numel() == 0) return 0;
  return ((found - expected).abs().max() / (expected.abs().max() + 1e-6)).item<double>();
}

bool same_bits(const Bundle& a, const Bundle& b) {
  for (const auto& [name, value] : a)
    if (!at::equal(value, b.at(name))) return false;
  return true;
}

Bundle rows(const Bundle& x, const std::vector<std::int64_t>& which) {
  Bundle some;
  for (const auto& [name, value] : x) some.set(name, value.index_select(0, at::tensor(which, at::kLong)));
  return some;
}

// The laws that every model obeys.
void expect_laws(nn::Model& model, const Bundle& inputs, std::int64_t count = 24) {
  const std::vector<SequenceEdit> edits = some_edits(inputs.at("sequence"), count, 5);
  EditedPlan plan(model);
  const Bundle reference = plan.keep(inputs);
  const Bundle found = plan(edits);
  InferencePlan whole(model);
  const Bundle expected = whole(with_edits(inputs, edits)), given = whole(inputs);
  ASSERT_EQ(found.names(), expected.names());
  for (const auto& [name, value] : expected) {
    EXPECT_EQ(found.at(name).sizes(), value.sizes()) << name;
    EXPECT_LE(difference(found.at(name), value), 2e-5) << name;
    EXPECT_LE(difference(reference.at(name), given.at(name)), 2e-5) << name;
    // Letters that are there already: the reference itself.
    EXPECT_TRUE(at::equal(found.at(name)[count], reference.at(name)[0])) << name;
  }
  // Neither order nor company nor threads change a bit.
  std::vector<std::int64_t> order;
  for (std::int64_t i = count; i >= 0; --i) order.push_back(i);
  std::vector<SequenceEdit> turned;
  for (const std::int64_t i : order) turned.push_back(edits[static_cast<std::size_t>(i)]);
  EXPECT_TRUE(same_bits(plan(turned), rows(found, order)));
  for (const std::int64_t i : {std::int64_t{0}, std::int64_t{1}, count / 2})
    EXPECT_TRUE(same_bits(plan(std::span(edits).subspan(static_cast<std::size_t>(i), 1)), rows(found, {i}))) << i;
  const TensorThreadScope threads(3);
  EXPECT_TRUE(same_bits(plan(edits), found));
}

std::string of_head(const std::string& type, const std::string& options = "") {
  return "[[heads.layers]]\ntype = \"" + type + "\"\n" + options + "\n";
}
std::string head(const std::string& name) { return "[[heads]]\nname = \"" + name + "\"\n"; }
const std::string kRelu = layer("activation", "kind = \"relu\"");
const std::string kResidual = layer("residual", "repeat = 3", "body") +
                              "[[layers.layers]]\ntype = \"conv\"\nfilters = 24\nwidth = 3\ndilation = [2, 4, 8]\n"
                              "[[layers.layers]]\ntype = \"batch_norm\"\n[[layers.layers]]\ntype = \"activation\"\nkind = \"relu\"\n";
const std::string kProfile = head("profile") + of_head("conv", "filters = 2\nwidth = 25") + of_head("crop", "left = 40\nright = 60");
const std::string kCounts = head("counts") + of_head("pool", "kind = \"mean\"\nglobal = true") + of_head("dense", "units = 3");

TEST(Edited, DilatedResidualWithProfileAndCounts) {
  const nn::ModelPtr model = shaken(kHead + layer("conv", "filters = 24\nwidth = 15") + kRelu + kResidual + kProfile + kCounts);
  expect_laws(*model, {{"sequence", tokens(3, 301)}});
}

TEST(Edited, ValidPaddingAndSoftplus) {
  const nn::ModelPtr model =
      shaken(kHead + layer("conv", "filters = 20\nwidth = 9\npadding = \"valid\"") + layer("activation", "kind = \"softplus\"") +
             layer("conv", "filters = 33\nwidth = 4\ndilation = 3\npadding = \"valid\"") + layer("activation", "kind = \"gelu\"") +
             layer("layer_norm") + kCounts);
  expect_laws(*model, {{"sequence", tokens(2, 90)}});
}

TEST(Edited, MaxPoolingFlattenedIntoDenseLayers) {
  const nn::ModelPtr model = shaken(
      kHead + "length = 200\n" + layer("conv", "filters = 30\nwidth = 11") + layer("batch_norm") + kRelu + layer("pool", "width = 3") +
      layer("conv", "filters = 20\nwidth = 5") + layer("batch_norm") + kRelu + layer("pool", "width = 4") + layer("flatten") +
      layer("dense", "units = 50") + kRelu + layer("dense", "units = 7") + head("logits"));
  expect_laws(*model, {{"sequence", tokens(3, 200)}}, 40);
}

TEST(Edited, FewUnitsBehindAFlattening) {
  const nn::ModelPtr model = shaken(kHead + "length = 100\n" + layer("conv", "filters = 8\nwidth = 7") + kRelu +
                                    layer("pool", "width = 2\nstride = 1\npadding = \"same\"\nkind = \"mean\"") + layer("flatten") +
                                    layer("dense", "units = 1") + head("logit"));
  expect_laws(*model, {{"sequence", tokens(2, 100)}});
}

TEST(Edited, FewFiltersWithDilation) {
  const nn::ModelPtr model = shaken(kHead + layer("conv", "filters = 6\nwidth = 5\ndilation = 3") + kRelu +
                                    layer("conv", "filters = 2\nwidth = 3\ndilation = 4\npadding = \"valid\"") + kCounts);
  expect_laws(*model, {{"sequence", tokens(2, 90)}});
}

TEST(Edited, LargestOverAllPositions) {
  const nn::ModelPtr model = shaken(kHead + layer("conv", "filters = 16\nwidth = 8") + kRelu + layer("pool", "global = true") +
                                    layer("dense", "units = 4") + head("out"));
  expect_laws(*model, {{"sequence", tokens(2, 60)}}, 60);
}

TEST(Edited, BranchesStridesAndConcatenation) {
  const nn::ModelPtr model = shaken(
      kHead + layer("conv", "filters = 12\nwidth = 5", "a") + layer("conv", "filters = 10\nwidth = 7\ndilation = 2", "b") +
      layer("conv", "from = [\"a\", \"b\"]\ncombine = \"concat\"\nfilters = 9\nwidth = 6\nstride = 3", "c") +
      layer("activation", "kind = \"tanh\"") + layer("conv", "filters = 11\nwidth = 3\nstride = 2") + head("out") +
      of_head("crop", "left = 2\nright = 3") + kCounts);
  expect_laws(*model, {{"sequence", tokens(2, 130)}});
}

TEST(Edited, LayersThatReadEverythingAreComputedWhole) {
  const nn::ModelPtr model =
      shaken(kHead + "length = 80\n" + layer("conv", "filters = 12\nwidth = 9") + kRelu + layer("upsample", "factor = 2", "odd") +
             layer("conv", "filters = 16\nwidth = 3") + kCounts);
  expect_laws(*model, {{"sequence", tokens(2, 80)}});
  EditedPlan plan(*model);
  plan.keep({{"sequence", tokens(2, 80)}});
  EXPECT_EQ(plan.behind(), std::vector<std::string>{"odd"});
}

TEST(Edited, OtherInputsAreHeld) {
  const nn::ModelPtr model = shaken(
      "format = 1\n[inputs.sequence]\nchannels = 4\n[inputs.control]\nchannels = 2\n[inputs.state]\nfeatures = 6\n" +
      layer("conv", "filters = 10\nwidth = 5", "a") +
      layer("conv", "from = [\"a\", \"control\"]\ncombine = \"concat\"\nfilters = 11\nwidth = 3", "b") +
      layer("pool", "global = true", "c") + layer("dense", "from = [\"c\", \"state\"]\ncombine = \"concat\"\nunits = 5", "d") +
      head("out"));
  Bundle x{{"sequence", tokens(3, 90)}};
  x.set("control", at::sin(at::arange(3 * 2 * 90, at::kFloat)).view({3, 2, 90}));
  x.set("state", at::cos(at::arange(3 * 6, at::kFloat)).view({3, 6}));
  expect_laws(*model, x);
}

TEST(Edited, PublishedModels) {
  for (const nlohmann::json& j : nlohmann::json::parse(read_file("benchmarks/models/cases.json"))) {
    SCOPED_TRACE(j.at("name").get<std::string>());
    if (j.at("length").get<std::int64_t>() > 3000) continue;
    const nn::ModelPtr model = shaken(read_file(j.at("model").get<std::string>()));
    if (model->input_names() != std::vector<std::string>{"sequence"}) continue;
    expect_laws(*model, {{"sequence", tokens(1, j.at("length"))}}, 4);
  }
}

TEST(Edited, RandomGraphs) {
  Stream draw(23);
  int built = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string toml = detail::random_model(draw);
    SCOPED_TRACE(toml);
    nn::ModelPtr model;
    try {
      model = shaken(toml, static_cast<std::uint64_t>(i));
    } catch (const ShapeError&) {
      continue;  // the draw left no positions
    }
    ++built;
    expect_laws(*model, {{"sequence", tokens(2, model->input_shapes().front().second[1])}}, 12);
    if (HasFailure()) return;
  }
  EXPECT_GT(built, 20);
}

TEST(Edited, HeadsAreChosenAndEditsAreChecked) {
  const nn::ModelPtr model = shaken(kHead + layer("conv", "filters = 24\nwidth = 15") + kRelu + kResidual + kProfile + kCounts);
  EditedPlan plan(*model, {"sequence", {"counts"}});
  const Bundle x{{"sequence", tokens(1, 150)}};
  plan.keep(x);
  EXPECT_EQ(plan(std::vector<SequenceEdit>{{0, 3, {1}}}).names(), std::vector<std::string>{"counts"});
  EXPECT_EQ(error_text<ArgumentError>([&] { plan(std::vector<SequenceEdit>{{0, 149, {1, 2}}}); }),
            "letters [149, 151) of sequence 0 are edited, but there are 1 sequences of 150 letters");
  EditedPlan none(*model, {"sequence", {"count"}});
  EXPECT_EQ(error_text<ArgumentError>([&] { none.keep(x); }), "the model has no output 'count'; it has profile, counts");
  EXPECT_EQ(EditedPlan(*model, {"dna", {}}).refusal(x), "the model has no input 'dna'");
}

}  // namespace
}  // namespace basewise::plan
